import type { RunView } from '#report/run-view.ts';
import { type Buckets, countIn, isFailure } from '../state/flow-sums.ts';
import type { GraphEdge } from './graph-model.ts';
import type { HealthThresholds } from './thresholds.ts';

export type Health = 'healthy' | 'degraded' | 'failing' | 'idle' | 'tcp';

/** What happened on an edge in a stretch of time. */
export interface EdgeTraffic {
  readonly count: number;
  readonly rate: number;
  readonly errorShare: number;
  readonly health: Health;
  readonly isOverflowing: boolean;
  /** In ms, of the bucket with most of it. */
  readonly p50: number;
  readonly p90: number;
  readonly p99: number;
}

export function trafficOf(
  view: RunView,
  edge: GraphEdge,
  buckets: Buckets,
  limits: HealthThresholds,
): EdgeTraffic {
  let count = 0;
  let failed = 0;
  let refused = 0;
  let isOverflowing = false;
  for (const flow of edge.flows) {
    const here = countIn(flow, buckets);
    if (here === 0) continue;
    count += here;
    if (isFailure(flow)) failed += here;
    else if (flow.code >= 400) refused += here;
    if (/\b(UO|UH)\b/.test(flow.flags)) isOverflowing = true;
  }
  const seconds = ((buckets.to - buckets.from) * view.bucketNs) / 1e9;
  const errorShare = count === 0 ? 0 : failed / count;
  return {
    count,
    rate: count / seconds,
    errorShare,
    health: healthOf(edge.protocol, { count, failed, refused }, limits),
    isOverflowing,
    ...percentilesOf(edge, buckets),
  };
}

function healthOf(
  protocol: string,
  { count, failed, refused }: { count: number; failed: number; refused: number },
  limits: HealthThresholds,
): Health {
  if (count === 0) return 'idle';
  const reaches = (part: number, percent: number) =>
    percent === 0 ? part > 0 : (100 * part) / count >= percent;
  if (reaches(failed, limits.failing5xx) || reaches(refused, limits.failing4xx)) return 'failing';
  if (reaches(failed, limits.degraded5xx) || reaches(refused, limits.degraded4xx))
    return 'degraded';
  return protocol === 'tcp' ? 'tcp' : 'healthy';
}

function percentilesOf({ latencies: found }: GraphEdge, { from, to }: Buckets) {
  const middle = (pick: (latency: (typeof found)[number]) => Float64Array) => {
    let sum = 0;
    let count = 0;
    for (const latency of found)
      for (const value of pick(latency).subarray(from, to))
        if (Number.isFinite(value)) {
          sum += value;
          count++;
        }
    return count === 0 ? Number.NaN : sum / count;
  };
  return {
    p50: middle(({ p50 }) => p50),
    p90: middle(({ p90 }) => p90),
    p99: middle(({ p99 }) => p99),
  };
}

const RANK: readonly Health[] = ['idle', 'tcp', 'healthy', 'degraded', 'failing'];

export function worst(healths: readonly Health[]): Health {
  return healths.reduce<Health>((a, b) => (RANK.indexOf(b) > RANK.indexOf(a) ? b : a), 'idle');
}
