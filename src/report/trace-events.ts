import type { LoggedStream } from '#mesh/stream-log.ts';
import { streamSpans } from './stream-spans.ts';
import type { Json } from './summary-json.ts';

/**
 * The streams of all proxies as Chrome trace events, for Perfetto: one process per proxy, an
 * asynchronous pair of begin and end per stream, since streams of one proxy overlap without nesting.
 *
 * @source https://docs.google.com/document/d/1CvAClvFfyA5R-PhYUmn5OOQtYMH4h6I0nSsKchNAySU (trace event format)
 */
export function traceEventsJson(streams: readonly LoggedStream[]): Json {
  const spans = streamSpans(streams);
  const proxies = [...new Set(spans.map(({ stream }) => stream.proxy))].sort();
  const processes = proxies.map((name, index) => ({
    name: 'process_name',
    ph: 'M',
    pid: index + 1,
    tid: 0,
    args: { name },
  }));
  const events = spans.flatMap(({ stream, traceId, spanId }) => {
    const common = {
      cat: 'request',
      name:
        stream.authority === ''
          ? stream.cluster
          : `${stream.method} ${stream.authority}${stream.path}`,
      id: spanId,
      pid: proxies.indexOf(stream.proxy) + 1,
      tid: 1,
    };
    const args = {
      trace: traceId,
      code: stream.code,
      flags: stream.flags,
      cluster: stream.cluster,
      host: stream.host,
    };
    return [
      { ...common, ph: 'b', ts: stream.startNs / 1e3, args },
      { ...common, ph: 'e', ts: stream.endNs / 1e3 },
    ];
  });
  events.sort((a, b) => a.ts - b.ts);
  return { displayTimeUnit: 'ms', traceEvents: [...processes, ...events] };
}
