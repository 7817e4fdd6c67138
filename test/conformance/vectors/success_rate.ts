import {
  hasFailurePercentage,
  successRateThreshold,
} from '#envoy/upstream/outlier-success-rate.ts';
import type { VectorAdapter } from './adapter.ts';

interface Vector {
  readonly rates: readonly number[];
  readonly success_rate_stdev_factor: number;
  readonly failure_percentage_threshold: number;
}

export const run: VectorAdapter = (vector: Vector) => {
  const { rates } = vector;
  const judged = successRateThreshold(rates, vector.success_rate_stdev_factor / 1000);
  const threshold = vector.failure_percentage_threshold;
  return {
    expect: {
      ...judged,
      ejected: indicesOf(rates, (rate) => rate < judged.threshold),
      fp_ejected: indicesOf(rates, (rate) => hasFailurePercentage(rate, threshold)),
    },
  };
};

function indicesOf(rates: readonly number[], holds: (rate: number) => boolean): number[] {
  return [...rates.keys()].filter((index) => holds(rates[index]!));
}
