import { type Bucket, latencyOfBuckets, type MeasuredLatency } from './measured-latency.ts';
import { type MetricSample, numberOf } from './metric-sample.ts';

/** What Istio's standard metrics say of a mesh. Workloads and services are `namespace/name`. */
export interface MeasuredMesh {
  /** As their own proxies saw it; where those say nothing, as their callers did. */
  readonly latencies: ReadonlyMap<string, MeasuredLatency>;
  /** By workload, then status from 400 on: of all its answers. */
  readonly errorShares: ReadonlyMap<string, ReadonlyMap<number, number>>;
  readonly edges: readonly MeasuredEdge[];
  /** By workload: requests that it got. */
  readonly received: ReadonlyMap<string, number>;
}

/** What one workload asks of one service. */
export interface MeasuredEdge {
  /** Undefined: somebody without a proxy. */
  readonly source: string | undefined;
  readonly service: string;
  readonly isGrpc: boolean;
  readonly count: number;
  /** As the caller saw it; undefined where it was not measured. */
  readonly meanMs: number | undefined;
}

/** @source istio: the standard metrics, https://istio.io/latest/docs/reference/config/metrics/ */
export function measuredMesh(samples: readonly MetricSample[]): MeasuredMesh {
  const durations = samples.filter(({ name, labels }) => isDuration(name, labels));
  const requests = samples.filter(
    ({ name, labels }) => (name === 'istio_requests_total' || name === '') && !labels.has('le'),
  );
  const received = sums(seenBy(requests, 'destination'), ({ labels }) => destinationOf(labels));
  return {
    latencies: latenciesOf(durations),
    errorShares: errorSharesOf(seenBy(requests, 'destination'), received),
    edges: edgesOf(requests, durations),
    received,
  };
}

const DURATION = 'istio_request_duration_milliseconds';

function isDuration(name: string, labels: MetricSample['labels']): boolean {
  return name.startsWith(DURATION) || (name === '' && labels.has('le'));
}

/** What one end reports; a sample without `reporter` counts for either. All, if that end says nothing. */
function seenBy(samples: readonly MetricSample[], end: string): readonly MetricSample[] {
  const own = samples.filter(({ labels }) => (labels.get('reporter') ?? end) === end);
  return own.length > 0 ? own : samples;
}

function latenciesOf(samples: readonly MetricSample[]): ReadonlyMap<string, MeasuredLatency> {
  const buckets = grouped(
    seenBy(
      samples.filter(({ labels }) => labels.has('le')),
      'destination',
    ),
    ({ labels }) => destinationOf(labels),
  );
  const totals = sums(
    seenBy(
      samples.filter(({ name }) => name === `${DURATION}_sum`),
      'destination',
    ),
    ({ labels }) => destinationOf(labels),
  );
  const latencies = new Map<string, MeasuredLatency>();
  for (const [workload, own] of buckets) {
    const latency = latencyOfBuckets(bucketsOf(own), totals.get(workload));
    if (latency !== undefined) latencies.set(workload, latency);
  }
  return latencies;
}

/** Buckets of several histograms (of codes, versions, pods) as one. */
function bucketsOf(samples: readonly MetricSample[]): readonly Bucket[] {
  const counts = new Map<number, number>();
  for (const { labels, value } of samples) {
    const upToMs = numberOf(labels.get('le') ?? '');
    counts.set(upToMs, (counts.get(upToMs) ?? 0) + value);
  }
  return [...counts].map(([upToMs, cumulativeCount]) => ({ upToMs, cumulativeCount }));
}

function errorSharesOf(
  samples: readonly MetricSample[],
  received: ReadonlyMap<string, number>,
): MeasuredMesh['errorShares'] {
  const shares = new Map<string, Map<number, number>>();
  for (const [workload, own] of grouped(samples, ({ labels }) => destinationOf(labels))) {
    const total = received.get(workload) ?? 0;
    const byStatus = new Map<number, number>();
    for (const { labels, value } of own) {
      const status = Number(labels.get('response_code') ?? '0');
      if (status < 400 || status > 599 || total === 0) continue;
      byStatus.set(status, (byStatus.get(status) ?? 0) + value / total);
    }
    shares.set(workload, byStatus);
  }
  return shares;
}

function edgesOf(
  requests: readonly MetricSample[],
  durations: readonly MetricSample[],
): readonly MeasuredEdge[] {
  const keyOf = ({ labels }: MetricSample) => {
    const service = serviceOf(labels);
    return service === undefined ? undefined : `${sourceOf(labels) ?? ''} ${service}`;
  };
  const timeOf = (end: string) =>
    sums(
      seenBy(
        durations.filter(({ name }) => name === `${DURATION}_${end}`),
        'source',
      ),
      keyOf,
    );
  const sumsMs = timeOf('sum');
  const counts = timeOf('count');
  return [...grouped(seenBy(requests, 'source'), keyOf)].map(([key, own]): MeasuredEdge => {
    const { labels } = own[0]!;
    const sumMs = sumsMs.get(key);
    const timed = counts.get(key) ?? 0;
    return {
      source: sourceOf(labels),
      service: serviceOf(labels)!,
      isGrpc: labels.get('request_protocol') === 'grpc',
      count: own.reduce((sum, { value }) => sum + value, 0),
      meanMs: sumMs === undefined || timed === 0 ? undefined : sumMs / timed,
    };
  });
}

function destinationOf(labels: MetricSample['labels']): string | undefined {
  return named(labels.get('destination_workload'), labels.get('destination_workload_namespace'));
}

function sourceOf(labels: MetricSample['labels']): string | undefined {
  return named(labels.get('source_workload'), labels.get('source_workload_namespace'));
}

function serviceOf(labels: MetricSample['labels']): string | undefined {
  const short = labels.get('destination_service_name');
  const namespace = labels.get('destination_service_namespace');
  const [name, ofHost] = (labels.get('destination_service') ?? '').split('.');
  return named(short ?? name, namespace ?? ofHost);
}

function named(name: string | undefined, namespace = 'default'): string | undefined {
  const isKnown = name !== undefined && name !== '' && name !== 'unknown';
  return isKnown ? `${namespace === 'unknown' ? 'default' : namespace}/${name}` : undefined;
}

function sums(
  samples: readonly MetricSample[],
  keyOf: (sample: MetricSample) => string | undefined,
): ReadonlyMap<string, number> {
  const all = grouped(samples, keyOf);
  return new Map(
    [...all].map(([key, own]) => [key, own.reduce((sum, { value }) => sum + value, 0)]),
  );
}

function grouped(
  samples: readonly MetricSample[],
  keyOf: (sample: MetricSample) => string | undefined,
): ReadonlyMap<string, readonly MetricSample[]> {
  const groups = new Map<string, MetricSample[]>();
  for (const sample of samples) {
    const key = keyOf(sample);
    if (key === undefined) continue;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [sample]);
    else group.push(sample);
  }
  return groups;
}
