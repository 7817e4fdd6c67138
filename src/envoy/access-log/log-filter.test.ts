import { describe, expect, it } from 'vitest';
import { parseFlags } from '#telemetry/response-flags.ts';
import type { Json } from '#xds/core.ts';
import { ActiveStreamInfo } from '../http/active-stream-info.ts';
import { HeaderMap } from '../http/header-map.ts';
import '../re2.ts';
import { compileLogFilter } from './log-filter.ts';

function contextOf({ code = 200, flags = '-', tookMs = 5, headers = [] as [string, string][] }) {
  const stream = new ActiveStreamInfo();
  stream.startNs = 0;
  stream.endNs = tookMs * 1e6;
  stream.responseCode = code;
  stream.responseFlags = parseFlags(flags)!;
  stream.upstreamCluster = 'outbound|80||shop';
  const map = new HeaderMap();
  for (const [name, value] of headers) map.add(name, value);
  const request = { method: 'GET', path: '/a?b=c', authority: 'shop', scheme: 'http' };
  return {
    request: { ...request, headers: map, bodyBytes: 0 },
    responseHeaders: new HeaderMap(),
    responseTrailers: undefined,
    stream,
    epochMs: 0,
  };
}

function problems(xds: Json): readonly string[] {
  const found: string[] = [];
  compileLogFilter(xds, (problem) => found.push(problem));
  return found;
}

const passes = (xds: Json | undefined, of: Parameters<typeof contextOf>[0] = {}): boolean =>
  compileLogFilter(xds, () => {})(contextOf(of));
const atLeast = (value: number) => ({ comparison: { op: 'GE', value: { defaultValue: value } } });
const cel = (expression: string): Json => ({
  extensionFilter: {
    name: 'cel',
    typedConfig: {
      '@type':
        'type.googleapis.com/envoy.extensions.access_loggers.filters.cel.v3.ExpressionFilter',
      expression,
    },
  },
});

describe('the filter of an access log', () => {
  it('lets everything through where there is none', () => {
    expect(passes(undefined)).toBe(true);
  });

  it('compares the status and the duration in whole milliseconds', () => {
    expect(passes({ statusCodeFilter: atLeast(500) }, { code: 503 })).toBe(true);
    expect(passes({ statusCodeFilter: atLeast(500) }, { code: 404 })).toBe(false);
    expect(passes({ durationFilter: atLeast(6) }, { tookMs: 5.9 })).toBe(false);
    expect(passes({ durationFilter: atLeast(6) }, { tookMs: 6 })).toBe(true);
  });

  it('knows response flags: those that are named, or any', () => {
    const named = { responseFlagFilter: { flags: ['NR', 'UF'] } };
    expect(passes(named, { flags: 'URX,UF' })).toBe(true);
    expect(passes(named, { flags: 'URX' })).toBe(false);
    expect(passes({ responseFlagFilter: {} }, { flags: 'UT' })).toBe(true);
    expect(passes({ responseFlagFilter: {} })).toBe(false);
    expect(problems({ responseFlagFilter: { flags: ['XX'] } })).toEqual([
      'unknown response flag XX',
    ]);
  });

  it('reads headers of the request, and gRPC statuses, which plain answers have by their own', () => {
    const header = { headerFilter: { header: { name: 'x-debug', presentMatch: true } } };
    expect(passes(header, { headers: [['x-debug', '1']] })).toBe(true);
    expect(passes(header)).toBe(false);
    const grpc = { grpcStatusFilter: { statuses: ['UNAVAILABLE'] } };
    expect([503, 200].map((code) => passes(grpc, { code }))).toEqual([true, false]);
    expect(passes({ grpcStatusFilter: { statuses: ['UNAVAILABLE'], exclude: true } })).toBe(true);
  });

  it('combines filters', () => {
    const filters = [{ statusCodeFilter: atLeast(500) }, { durationFilter: atLeast(100) }];
    expect(passes({ andFilter: { filters } }, { code: 500 })).toBe(false);
    expect(passes({ orFilter: { filters } }, { code: 500 })).toBe(true);
  });

  it('takes CEL expressions, as Telemetry writes them', () => {
    expect(passes(cel('response.code >= 400'), { code: 404 })).toBe(true);
    expect(passes(cel('response.code >= 400'))).toBe(false);
    expect(passes(cel('response.flags == 4'), { flags: 'UT' })).toBe(true);
    expect(passes(cel('request.url_path == "/a" && request.query == "b=c"'))).toBe(true);
    expect(passes(cel('xds.cluster_name.endsWith("shop")'))).toBe(true);
    expect(passes(cel('request.duration > duration("4ms")'))).toBe(true);
    expect(passes(cel('!has(request.headers.x)'))).toBe(true);
  });

  it('logs nothing by an expression that goes wrong, is not true, or can not be read', () => {
    expect(passes(cel('request.headers["x-gone"] == "a"'))).toBe(false);
    expect(passes(cel('response.code'))).toBe(false);
    expect(passes(cel('response.code >='))).toBe(false);
    expect(problems(cel('response.code >='))).toEqual([
      expect.stringMatching(/^CEL: ERROR: <input>:1:17: Syntax error: mismatched input '<EOF>'/),
    ]);
  });
});
