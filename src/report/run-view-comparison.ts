import type { MetricDifference, RunComparison } from '#scenario/run-comparison.ts';
import type { ViewPlace } from './run-view.ts';
import { placeOf } from './run-view-graph.ts';

/** Two runs on the same random numbers, request by request, as the page shows it. */
export interface ViewComparison {
  /** Requests that both runs have. */
  readonly pairedCount: number;
  readonly onlyInA: number;
  readonly onlyInB: number;
  /** Failed in A and not in B. */
  readonly mendedCount: number;
  /** Failed in B and not in A. */
  readonly brokenCount: number;
  /** Most requests first. */
  readonly changes: readonly ViewOutcomeChange[];
  readonly metrics: readonly ViewMetricDifference[];
}

export interface ViewOutcomeChange {
  readonly count: number;
  readonly client: string;
  readonly before: string;
  readonly after: string;
  readonly isBetter: boolean;
  readonly isWorse: boolean;
  /** The setting behind the failure: `http1MaxPendingRequests: 1`; '' if none is known. */
  readonly setting: string;
  readonly at: ViewPlace | undefined;
}

export interface ViewMetricDifference {
  readonly client: string;
  readonly metric: string;
  readonly dimension: MetricDifference['dimension'];
  /** Durations in nanoseconds. */
  readonly a: number;
  readonly b: number;
  readonly difference: number;
  /** 95 %; undefined where there are too few requests for one. */
  readonly low: number | undefined;
  readonly high: number | undefined;
  readonly verdict: MetricDifference['verdict'];
}

export function viewComparison(comparison: RunComparison): ViewComparison {
  const { pairedCount, onlyInA, onlyInB, metrics } = comparison;
  const changes = comparison.changes.map(
    ({ count, client, before, after, cause }): ViewOutcomeChange => {
      const [wasBad, isBad] = [before, after].map(isFailed);
      return {
        count,
        client,
        before,
        after,
        isBetter: wasBad === true && isBad === false,
        isWorse: wasBad === false && isBad === true,
        setting: cause?.setting ?? '',
        at: placeOf(cause?.at),
      };
    },
  );
  const sumOf = (those: readonly ViewOutcomeChange[]) =>
    those.reduce((sum, { count }) => sum + count, 0);
  return {
    pairedCount,
    onlyInA,
    onlyInB,
    mendedCount: sumOf(changes.filter(({ isBetter }) => isBetter)),
    brokenCount: sumOf(changes.filter(({ isWorse }) => isWorse)),
    changes,
    metrics: metrics.map(({ interval, ...metric }) => ({
      client: metric.client,
      metric: metric.metric,
      dimension: metric.dimension,
      a: metric.a,
      b: metric.b,
      difference: metric.difference,
      verdict: metric.verdict,
      low: interval?.low,
      high: interval?.high,
    })),
  };
}

/** `503 UO`, `0 DC`: 5xx, or no answer at all. */
function isFailed(outcome: string): boolean {
  return /^(5|0\b)/.test(outcome);
}
