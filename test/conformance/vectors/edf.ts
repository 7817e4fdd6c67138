import { EdfScheduler } from '#envoy/load-balancing/edf-scheduler.ts';
import type { VectorAdapter } from './adapter.ts';

interface Vector {
  readonly weights: readonly number[];
  readonly pre_picks: number;
  readonly picks: readonly number[];
  readonly changes?: Readonly<Record<string, readonly number[]>>;
}

export const run: VectorAdapter = (vector: Vector) => {
  let weights = vector.weights;
  const scheduler = new EdfScheduler(weights.length, (entry) => weights[entry]!, vector.pre_picks);
  const picks = vector.picks.map((_, pick) => {
    weights = vector.changes?.[pick] ?? weights;
    return scheduler.pick();
  });
  return { picks };
};
