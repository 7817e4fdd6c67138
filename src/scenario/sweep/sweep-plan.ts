import { hexOfUint64 } from '#kernel/uint64.ts';
import { xxHash64 } from '#kernel/xxhash64.ts';
import type { Measure } from './measure.ts';
import { pointsOf, type SweepPoint, type Varied } from './vary.ts';

/** What a sweep is: everything that its results depend on, and nothing else. */
export interface SweepPlan {
  readonly scenario: string;
  readonly title: string;
  readonly varied: readonly Varied[];
  readonly firstSeed: number;
  readonly seedCount: number;
  readonly measures: readonly Measure[];
  /** Of the plan and of every text that it reads: only runs of one sweep are merged. */
  readonly identity: string;
}

/** One run of a sweep. */
export interface SweepJob {
  /** Its place among all runs: points in order, then seeds. */
  readonly index: number;
  readonly point: SweepPoint;
  readonly seed: number;
}

/** `2/4`: the second of four parts of the runs. */
export interface Shard {
  readonly index: number;
  readonly count: number;
}

export function sweepPlan(parts: Omit<SweepPlan, 'identity'>, texts: readonly string[]): SweepPlan {
  const { varied, firstSeed, seedCount, measures } = parts;
  const identified = JSON.stringify([varied, firstSeed, seedCount, measures, texts]);
  return { ...parts, identity: hexOfUint64(xxHash64(identified)) };
}

/** Every run, or those of a shard: each n-th, so that all shards have about as much to do. */
export function sweepJobs(plan: SweepPlan, shard?: Shard): readonly SweepJob[] {
  const { varied, firstSeed, seedCount } = plan;
  const jobs = pointsOf(varied).flatMap((point, place) =>
    Array.from({ length: seedCount }, (_, offset): SweepJob => {
      return { index: place * seedCount + offset, point, seed: firstSeed + offset };
    }),
  );
  if (shard === undefined) return jobs;
  return jobs.filter(({ index }) => index % shard.count === shard.index - 1);
}
