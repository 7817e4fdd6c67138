import { durationText } from './short-text.ts';

/** How many values lie at or below a bound; by bound, the last one infinite or the largest value. */
export interface Bucket {
  readonly upToMs: number;
  readonly cumulativeCount: number;
}

/** What was measured of a duration: percentiles in rising order, the last one of 100 %. */
export interface MeasuredLatency {
  readonly count: number;
  readonly meanMs: number;
  readonly percentiles: readonly (readonly [percent: number, ms: number])[];
}

const SHOWN_PERCENTS = [25, 50, 75, 90, 95, 99];

/**
 * Percentiles of a histogram, by straight lines within its buckets as Prometheus' histogram_quantile draws
 * them; undefined without values.
 */
export function latencyOfBuckets(
  buckets: readonly Bucket[],
  sumMs?: number,
): MeasuredLatency | undefined {
  const sorted = buckets.toSorted((a, b) => a.upToMs - b.upToMs);
  const count = sorted.at(-1)?.cumulativeCount ?? 0;
  if (!(count > 0)) return undefined;
  const percentiles = SHOWN_PERCENTS.map(
    (percent) => [percent, quantile(sorted, (percent / 100) * count)] as const,
  );
  const longest = sorted.find(({ cumulativeCount }) => cumulativeCount >= count)?.upToMs ?? 0;
  const maxMs = Number.isFinite(longest) ? longest : largestFinite(sorted);
  const meanMs = sumMs === undefined ? meanOf(sorted) : sumMs / count;
  return { count, meanMs, percentiles: [...percentiles, [100, maxMs]] };
}

function quantile(buckets: readonly Bucket[], rank: number): number {
  let fromMs = 0;
  let below = 0;
  for (const { upToMs, cumulativeCount } of buckets) {
    if (cumulativeCount >= rank && cumulativeCount > below) {
      if (!Number.isFinite(upToMs)) return fromMs;
      return fromMs + ((upToMs - fromMs) * (rank - below)) / (cumulativeCount - below);
    }
    if (Number.isFinite(upToMs)) fromMs = upToMs;
    below = cumulativeCount;
  }
  return fromMs;
}

function meanOf(buckets: readonly Bucket[]): number {
  let fromMs = 0;
  let below = 0;
  let sum = 0;
  for (const { upToMs, cumulativeCount } of buckets) {
    const middleMs = Number.isFinite(upToMs) ? (fromMs + upToMs) / 2 : fromMs;
    sum += middleMs * (cumulativeCount - below);
    if (Number.isFinite(upToMs)) fromMs = upToMs;
    below = cumulativeCount;
  }
  return sum / below;
}

function largestFinite(buckets: readonly Bucket[]): number {
  return buckets.findLast(({ upToMs }) => Number.isFinite(upToMs))?.upToMs ?? 0;
}

/** Of what was measured, no value goes below this share: some time is its own. */
const OWN_SHARE = 0.05;

/** The latency without the time that is spent in calls. */
export function withoutCalls(latency: MeasuredLatency, callsMs: number): MeasuredLatency {
  const own = (ms: number) => Math.max(ms - callsMs, ms * OWN_SHARE);
  return {
    ...latency,
    meanMs: own(latency.meanMs),
    percentiles: latency.percentiles.map(([percent, ms]) => [percent, own(ms)] as const),
  };
}

/** As a scenario writes it: `{ percentiles: { 50: 12ms, 99: 80ms, 100: 200ms } }`. */
export function latencyText({ percentiles }: MeasuredLatency): string {
  const points = percentiles.map(([percent, ms]) => `${percent}: ${durationText(ms)}`);
  return `{ percentiles: { ${points.join(', ')} } }`;
}
