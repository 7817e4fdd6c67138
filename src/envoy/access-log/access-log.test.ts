import { describe, expect, it } from 'vitest';
import { withFlag } from '#telemetry/response-flags.ts';
import { ISTIO_JSON_FORMAT, ISTIO_TEXT_FORMAT } from '#xds/istio-access-log-format.ts';
import { HeaderMap } from '../http/header-map.ts';
import type { StreamInfo } from '../stream-info.ts';
import { accessLogFormatter, jsonAccessLog, textAccessLog } from './access-log.ts';
import { formatDate } from './date-format.ts';
import type { FormatContext } from './format-context.ts';

const EPOCH_MS = 1_785_585_600_000; // 2026-08-01T12:00:00Z

const stream: StreamInfo = {
  protocol: 'HTTP/1.1',
  startNs: 1_234_567_890,
  requestEndNs: 1_235_000_000,
  firstUpstreamResponseNs: 1_250_000_000,
  responseEndNs: 1_260_000_000,
  endNs: 1_264_999_999,
  responseCode: 503,
  responseCodeDetails: 'via_upstream',
  connectionTerminationDetails: '',
  responseFlags: withFlag(withFlag(0, 'URX'), 'UF'),
  bytesReceived: 0,
  bytesSent: 91,
  attemptCount: 2,
  routeName: 'default',
  upstreamCluster: 'outbound|9080||reviews.default.svc.cluster.local',
  upstreamHost: '10.244.0.7:9080',
  upstreamLocalAddress: '10.244.0.3:41000',
  upstreamServiceTimeMs: 29,
  upstreamTransportFailureReason: '',
  downstreamLocalAddress: '10.96.0.9:9080',
  downstreamRemoteAddress: '10.244.0.3:52000',
  downstreamDirectRemoteAddress: '10.244.0.3:52000',
  requestedServerName: '',
  hostname: 'productpage-v1-1',
};

const context: FormatContext = {
  request: {
    method: 'GET',
    path: '/new',
    authority: 'reviews:9080',
    scheme: 'http',
    headers: HeaderMap.of([
      ['x-envoy-original-path', '/reviews/0'],
      ['user-agent', 'curl/8'],
    ]),
    bodyBytes: 0,
  },
  responseHeaders: HeaderMap.of([]),
  responseTrailers: undefined,
  stream,
  epochMs: EPOCH_MS,
};

const print = (format: string, from = context) => {
  const problems: string[] = [];
  const line = textAccessLog(format, (problem) => problems.push(problem)).line(from);
  return problems.length > 0 ? problems : line;
};

describe("Istio's access log", () => {
  it('prints a line of text', () => {
    expect(print(ISTIO_TEXT_FORMAT)).toBe(
      '[2026-08-01T12:00:01.234Z] "GET /reviews/0 HTTP/1.1" 503 URX,UF via_upstream - "-" 0 91 30 29 ' +
        '"-" "curl/8" "-" "reviews:9080" "10.244.0.7:9080" ' +
        'outbound|9080||reviews.default.svc.cluster.local 10.244.0.3:41000 10.96.0.9:9080 ' +
        '10.244.0.3:52000 - default\n',
    );
  });

  it('prints JSON with numbers as numbers and missing values as null, keys in order', () => {
    const line = jsonAccessLog(ISTIO_JSON_FORMAT, () => {}).line(context);
    const parsed = JSON.parse(line) as Record<string, unknown>;
    expect(parsed).toMatchObject({
      response_code: 503,
      duration: 30,
      response_flags: 'URX,UF',
      x_forwarded_for: null,
      upstream_service_time: '29',
      path: '/reviews/0',
    });
    expect(Object.keys(parsed)).toEqual(Object.keys(parsed).sort());
  });

  it('is what a file access log without a format prints', () => {
    const log = { name: 'f', typedConfig: { '@type': 'file', path: '/dev/stdout' } };
    expect(accessLogFormatter(log, () => {}).line(context)).toBe(print(ISTIO_TEXT_FORMAT));
    const own = {
      '@type': 'file',
      logFormat: { textFormatSource: { inlineString: '%PROTOCOL%' } },
    };
    expect(accessLogFormatter({ name: 'f', typedConfig: own }, () => {}).line(context)).toBe(
      'HTTP/1.1',
    );
    const json = {
      '@type': 'file',
      logFormat: { jsonFormat: { a: { b: ['%BYTES_SENT%', 'x %PROTOCOL%', 1] } } },
    };
    expect(accessLogFormatter({ name: 'f', typedConfig: json }, () => {}).line(context)).toBe(
      '{"a":{"b":[91,"x HTTP/1.1",1]}}\n',
    );
  });
});

describe('format operators', () => {
  it.each([
    ['100%% %PROTOCOL%', '100% HTTP/1.1'],
    ['%REQ(X-NONE?USER-AGENT):4%', 'curl'],
    ['%REQ(x-none)%', '-'],
    ['%REQUEST_DURATION% %RESPONSE_DURATION% %RESPONSE_TX_DURATION%', '0 15 10'],
    ['%UPSTREAM_REMOTE_ADDRESS_WITHOUT_PORT%:%UPSTREAM_REMOTE_PORT%', '10.244.0.7:9080'],
    ['%RESPONSE_FLAGS_LONG%', 'UpstreamRetryLimitExceeded,UpstreamConnectionFailure'],
    ['%UPSTREAM_REQUEST_ATTEMPT_COUNT%', '2'],
    ['%DYNAMIC_METADATA(a:b)%', '-'],
    ['%START_TIME(%Y/%m/%d %H:%M:%S.%6f)%', '2026/08/01 12:00:01.234567'],
    ['%START_TIME(%s.%3f)%', '1785585601.234'],
  ])('%s', (format, expected) => {
    expect(print(format)).toBe(expected);
  });

  it('name the status of a gRPC answer', () => {
    const { request } = context;
    const grpc = { ...request!, headers: HeaderMap.of([['content-type', 'application/grpc']]) };
    const answered = { ...context, responseHeaders: HeaderMap.of([['grpc-status', '14']]) };
    expect(print('%GRPC_STATUS% %GRPC_STATUS_NUMBER%', { ...answered, request: grpc })).toBe(
      'Unavailable 14',
    );
    expect(print('%GRPC_STATUS%', answered)).toBe('-');
  });

  it('print as missing without a stream or a request', () => {
    const bare = { ...context, request: undefined, stream: undefined };
    expect(print('%RESPONSE_CODE% %REQ(:path)%', bare)).toBe('- -');
  });

  it('reports what is no operator', () => {
    expect(print('%NONSENSE%')).toEqual(['Not supported field in StreamInfo: NONSENSE']);
    expect(print('50% of it')).toHaveLength(1);
  });
});

describe('dates', () => {
  it.each([
    [0, '1970-01-01T00:00:00.000Z'],
    [951_782_400_000, '2000-02-29T00:00:00.000Z'],
    [4_107_542_399_999, '2100-02-28T23:59:59.999Z'],
    [4_107_542_400_000, '2100-03-01T00:00:00.000Z'],
    [-1, '1969-12-31T23:59:59.999Z'],
  ])('%i ms are %s', (epochMs, expected) => {
    expect(formatDate(epochMs, 0, '')).toBe(expected);
    expect(new Date(epochMs).toISOString()).toBe(expected);
  });

  it('carry the nanoseconds of the virtual clock', () => {
    expect(formatDate(999, 1_000_001, '%S.%f %a %b %e')).toBe('01.000000001 Thu Jan  1');
  });
});
