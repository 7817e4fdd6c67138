import type { LoggedStream } from '#mesh/stream-log.ts';
import { type StreamSpan, streamSpans } from './stream-spans.ts';
import type { Json } from './summary-json.ts';

/** Of `SpanKind`: a stream that a sidecar took in for its workload, and one that it sent out. */
const SERVER = 2;
const CLIENT = 3;
const STATUS_ERROR = 2;

/**
 * The streams of all proxies as OTLP/JSON, named and tagged as Envoy's tracers do.
 *
 * @source https://github.com/open-telemetry/opentelemetry-proto: trace.proto, JSON mapping (ids as hex)
 * @source envoy: source/common/tracing/http_tracer_impl.cc, HttpTracerUtility::finalizeDownstreamSpan
 */
export function otlpJson(streams: readonly LoggedStream[], epochMs: number): Json {
  const spans = streamSpans(streams);
  const proxies = [...new Set(spans.map(({ stream }) => stream.proxy))].sort();
  return {
    resourceSpans: proxies.map((proxy) => ({
      resource: { attributes: [attribute('service.name', proxy)] },
      scopeSpans: [
        {
          scope: { name: 'meshsim' },
          spans: spans
            .filter(({ stream }) => stream.proxy === proxy)
            .map((span) => spanJson(span, spans, epochMs)),
        },
      ],
    })),
  };
}

function spanJson(span: StreamSpan, all: readonly StreamSpan[], epochMs: number): Json {
  const { stream, traceId, spanId } = span;
  const parent = all[span.parent];
  const isInbound = stream.cluster.startsWith('inbound|');
  return {
    traceId,
    spanId,
    ...(parent === undefined ? {} : { parentSpanId: parent.spanId }),
    name: stream.authority === '' ? stream.cluster : `${stream.authority}${stream.path}`,
    kind: isInbound ? SERVER : CLIENT,
    startTimeUnixNano: unixNanos(stream.startNs, epochMs),
    endTimeUnixNano: unixNanos(stream.endNs, epochMs),
    attributes: [
      attribute('component', 'proxy'),
      attribute('node_id', stream.proxy),
      attribute('http.method', stream.method),
      attribute('http.url', `http://${stream.authority}${stream.path}`),
      attribute('http.status_code', String(stream.code)),
      attribute('response_flags', stream.flags),
      attribute('upstream_cluster', stream.cluster),
      attribute('peer.address', stream.host),
    ].filter(({ value }) => value.stringValue !== ''),
    status: stream.code >= 500 || stream.code === 0 ? { code: STATUS_ERROR } : {},
  };
}

function attribute(key: string, value: string) {
  return { key, value: { stringValue: value } };
}

/** More digits than a number holds: JSON has 64-bit integers as strings. */
function unixNanos(ns: number, epochMs: number): string {
  return String(BigInt(Math.round(epochMs)) * 1_000_000n + BigInt(ns));
}
