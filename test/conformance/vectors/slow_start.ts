import { slowStartFactor } from '#envoy/load-balancing/slow-start.ts';
import type { VectorAdapter } from './adapter.ts';

interface Vector {
  readonly weight: number;
  readonly elapsed_ms: number;
  readonly window_ms: number;
  readonly aggression: number;
  readonly min_weight_percent: number;
}

export const run: VectorAdapter = (vector: Vector) => ({
  expect:
    vector.weight *
    slowStartFactor(vector.elapsed_ms, {
      windowMs: vector.window_ms,
      aggression: vector.aggression,
      minWeightPercent: vector.min_weight_percent,
    }),
});
