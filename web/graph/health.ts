import type { RunView } from '#report/run-view.ts';
import { type Buckets, countIn, isFailure } from '../state/flow-sums.ts';
import type { GraphEdge } from './graph-model.ts';

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

/** Kiali's defaults. @source kiali: config, health_config (http and grpc) */
const DEGRADED_4XX = 0.1;
const FAILING_4XX = 0.2;
const FAILING_5XX = 0.1;

export function trafficOf(view: RunView, edge: GraphEdge, buckets: Buckets): EdgeTraffic {
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
    health: healthOf(edge.protocol, count, errorShare, count === 0 ? 0 : refused / count),
    isOverflowing,
    ...percentilesOf(view, edge, buckets),
  };
}

function healthOf(protocol: string, count: number, errors: number, refusals: number): Health {
  if (count === 0) return 'idle';
  if (errors >= FAILING_5XX || refusals >= FAILING_4XX) return 'failing';
  if (errors > 0 || refusals >= DEGRADED_4XX) return 'degraded';
  return protocol === 'tcp' ? 'tcp' : 'healthy';
}

function percentilesOf(view: RunView, edge: GraphEdge, { from, to }: Buckets) {
  const found = view.latencies.filter(({ kind, of, service }) =>
    edge.latencyOf.some((it) => it.kind === kind && it.of === of && it.service === service),
  );
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
