import type { RowKind } from '../row-table.ts';

/** What a metric is made of: events to count, durations of requests, or a value that changes. */
type MetricForm = 'count' | 'durations' | 'gauge';

export interface Metric {
  readonly name: string;
  readonly form: MetricForm;
  /** The rows it looks at, unless `client` or `reporter` is asked for (`rowKindsOf`). */
  readonly kinds: readonly RowKind[];
  readonly says: string;
}

/** Every metric by name. `docs/reference` prints it. */
export const METRIC_CATALOGUE: ReadonlyMap<string, Metric> = new Map(
  (
    [
      [
        'requests',
        'count',
        ['source'],
        'Requests, one per client-side proxy, retries inside: `istio_requests_total{reporter="source"}`. With `client`, requests of that client.',
      ],
      ['attempts', 'count', ['attempt'], 'Upstream attempts; label `attempt` counts them from 1.'],
      [
        'latency',
        'durations',
        ['source'],
        'Durations of those requests: `istio_request_duration_milliseconds`. With `client`, from the intended send time to the answer.',
      ],
      ['ejections', 'count', ['ejection'], 'Hosts ejected by outlier detection.'],
      ['unejections', 'count', ['unejection'], 'Hosts taken back after an ejection.'],
      [
        'overflows',
        'count',
        ['overflow'],
        'Requests, connections and retries that a circuit breaker turned away; label `limit`.',
      ],
      ['pushes', 'count', ['push'], 'Configurations taken over by proxies.'],
      ['unfinished', 'count', ['unfinished'], 'Client requests without an answer at the end.'],
      ['dropped', 'count', ['dropped'], 'Arrivals that a client did not send: `maxConcurrency`.'],
      ['mirrored', 'count', ['mirror'], 'Requests copied to a mirror.'],
      ['inflight', 'gauge', ['inflight'], 'Requests under way, of a proxy to a cluster.'],
      ['pending', 'gauge', ['pending'], 'Requests waiting for a connection.'],
      ['connections', 'gauge', ['connections'], 'Open upstream connections.'],
      ['queue', 'gauge', ['queue'], 'Requests waiting inside an instance.'],
    ] as const
  ).map(([name, form, kinds, says]) => [name, { name, form, kinds, says }]),
);
