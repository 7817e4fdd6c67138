import { latencyOfBuckets, type MeasuredLatency } from './measured-latency.ts';
import { memberOf } from './metric-sample.ts';

/** What a load generator saw of one host. */
export interface LoadTestReport {
  readonly tool: 'Fortio' | 'k6';
  /** Without its port; undefined where the report does not name it. */
  readonly host: string | undefined;
  readonly latency: MeasuredLatency;
  /** By status, of all answers; those from 400 on. */
  readonly errorShares: ReadonlyMap<number, number>;
  /** As a scenario writes it: `{ rate: 50/s }`, `{ concurrency: 8 }`. */
  readonly load: string;
}

/** Reads Fortio's JSON or k6's summary; undefined if it is neither, or has no requests. */
export function loadTestReport(document: unknown): LoadTestReport | undefined {
  return fortioReport(document) ?? k6Report(document);
}

/** @source fortio: periodic/periodic.go, RunnerResults; stats/stats.go, HistogramData (in seconds) */
function fortioReport(document: unknown): LoadTestReport | undefined {
  const histogram = memberOf(document, 'DurationHistogram');
  const data = memberOf(histogram, 'Data');
  if (!Array.isArray(data)) return undefined;
  let cumulativeCount = 0;
  const buckets = data.map((entry: unknown) => {
    cumulativeCount += numberAt(entry, 'Count') ?? 0;
    return { upToMs: (numberAt(entry, 'End') ?? 0) * 1000, cumulativeCount };
  });
  const sum = numberAt(histogram, 'Sum');
  const latency = latencyOfBuckets(buckets, sum === undefined ? undefined : sum * 1000);
  if (latency === undefined) return undefined;
  const threads = numberAt(document, 'NumThreads') ?? 1;
  const asked = Number(memberOf(document, 'RequestedQPS'));
  const url = memberOf(document, 'URL');
  return {
    tool: 'Fortio',
    host: typeof url === 'string' ? hostOf(url) : undefined,
    latency,
    errorShares: sharesOfCodes(memberOf(document, 'RetCodes'), latency.count),
    // "max" is a closed loop, as many requests as the connections give.
    load: asked > 0 ? `{ rate: ${asked}/s }` : `{ concurrency: ${threads} }`,
  };
}

function sharesOfCodes(codes: unknown, total: number): ReadonlyMap<number, number> {
  const shares = new Map<number, number>();
  if (typeof codes !== 'object' || codes === null) return shares;
  for (const [code, count] of Object.entries(codes)) {
    const status = Number(code);
    if (status >= 400 && status <= 599) shares.set(status, Number(count) / total);
  }
  return shares;
}

/** @source k6: internal/js/summary.go, the data of handleSummary; --summary-export has no `values` */
function k6Report(document: unknown): LoadTestReport | undefined {
  const metrics = memberOf(document, 'metrics');
  const valuesOf = (name: string) => {
    const metric = memberOf(metrics, name);
    return memberOf(metric, 'values') ?? metric;
  };
  const duration = valuesOf('http_req_duration');
  const maxMs = numberAt(duration, 'max');
  const medianMs = numberAt(duration, 'med');
  if (maxMs === undefined || medianMs === undefined) return undefined;
  const known = [
    [50, medianMs],
    [90, numberAt(duration, 'p(90)')],
    [95, numberAt(duration, 'p(95)')],
    [99, numberAt(duration, 'p(99)')],
    [100, maxMs],
  ] as const;
  const percentiles = known.flatMap(([percent, ms]) =>
    ms === undefined ? [] : [[percent, ms] as const],
  );
  const failed = valuesOf('http_req_failed');
  const share = numberAt(failed, 'rate') ?? numberAt(failed, 'value') ?? 0;
  const count = numberAt(valuesOf('http_reqs'), 'count') ?? 0;
  const rate = numberAt(valuesOf('http_reqs'), 'rate') ?? 0;
  return {
    tool: 'k6',
    host: undefined,
    latency: { count, meanMs: numberAt(duration, 'avg') ?? medianMs, percentiles },
    // k6 does not say with which status: most are.
    errorShares: share > 0 ? new Map([[503, share]]) : new Map(),
    load: rate > 0 ? `{ rate: ${Number(rate.toPrecision(3))}/s }` : '{ rate: 10/s }',
  };
}

function numberAt(value: unknown, key: string): number | undefined {
  const found = memberOf(value, key);
  return typeof found === 'number' && Number.isFinite(found) ? found : undefined;
}

function hostOf(url: string): string | undefined {
  return /^(?:[a-z]+:\/\/)?([^/:?#]+)/i.exec(url)?.[1];
}
