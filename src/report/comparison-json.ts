import type { MetricDifference, RunComparison } from '#scenario/run-comparison.ts';
import { causeJson, type Json, linkJson, summaryJson } from './summary-json.ts';

/** Two runs as `meshsim/comparison/v1`: the differences, then both summaries. */
export function comparisonJson(comparison: RunComparison, version: string): Json {
  const { a, b, metrics, changes, pairedCount, onlyInA, onlyInB } = comparison;
  return {
    schema: 'meshsim/comparison/v1',
    pairedCount,
    onlyInACount: onlyInA,
    onlyInBCount: onlyInB,
    metrics: metrics.map(metricJson),
    changes: changes.map(({ count, client, before, after, cause, behind }) => ({
      requestCount: count,
      client,
      before,
      after,
      cause: causeJson(cause),
      behind: behind.map(linkJson),
    })),
    a: summaryJson(a, { version, wallMs: undefined }),
    b: summaryJson(b, { version, wallMs: undefined }),
  };
}

/** Durations in ms; the unit is in the keys, as in a summary. */
function metricJson({ client, metric, dimension, verdict, ...found }: MetricDifference): Json {
  const factor = dimension === 'duration' ? 1e-6 : 1;
  const unit = dimension === 'duration' ? 'Ms' : dimension === 'share' ? 'Share' : '';
  const known = (value: number | undefined) =>
    value === undefined || Number.isNaN(value) ? null : value * factor;
  return {
    client,
    metric,
    [`a${unit}`]: known(found.a),
    [`b${unit}`]: known(found.b),
    [`difference${unit}`]: known(found.difference),
    [`low${unit}`]: known(found.interval?.low),
    [`high${unit}`]: known(found.interval?.high),
    verdict,
  };
}
