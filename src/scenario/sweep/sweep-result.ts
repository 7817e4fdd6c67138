import { median, medianInterval } from '#telemetry/median.ts';
import type { Interval } from '#telemetry/statistics.ts';
import type { SweepRun } from './sweep-job.ts';
import { type Shard, type SweepPlan, sweepJobs } from './sweep-plan.ts';
import { pointsOf, type SweepPoint } from './vary.ts';

/** A sweep that is over, or a shard of one. */
export interface SweepResult {
  readonly plan: SweepPlan;
  readonly shard: Shard | undefined;
  /** By index. */
  readonly runs: readonly SweepRun[];
}

/** A point over all of its seeds. */
export interface PointResult {
  readonly point: SweepPoint;
  /** One for each measure of the plan. */
  readonly spreads: readonly Spread[];
}

/** A measure over the seeds of a point, in the unit of the document. */
export interface Spread {
  /** Seeds in which something was seen. */
  readonly seenCount: number;
  readonly runCount: number;
  /** NaN if nothing was seen. */
  readonly median: number;
  /** 95 %, of the median; undefined for fewer than six seeds. */
  readonly interval: Interval | undefined;
  readonly min: number;
  readonly max: number;
  /** Of an expectation. */
  readonly heldCount: number | undefined;
}

export function pointResults({ plan, runs }: SweepResult): readonly PointResult[] {
  const byPoint = new Map<string, SweepRun[]>();
  for (const run of runs) {
    const key = JSON.stringify(run.point);
    const list = byPoint.get(key);
    if (list === undefined) byPoint.set(key, [run]);
    else list.push(run);
  }
  return pointsOf(plan.varied).map((point): PointResult => {
    const own = byPoint.get(JSON.stringify(point)) ?? [];
    return { point, spreads: plan.measures.map((_, place) => spreadOf(own, place)) };
  });
}

/** A measure, by its place in the plan, over runs of one point. */
export function spreadOf(runs: readonly SweepRun[], place: number): Spread {
  const measured = runs.map((run) => run.measured[place]!);
  const values = measured.flatMap(({ value }) => (value === null ? [] : [value]));
  const sorted = values.sort((a, b) => a - b);
  const isJudged = measured.some(({ holds }) => holds !== null);
  return {
    seenCount: sorted.length,
    runCount: runs.length,
    median: median(sorted),
    interval: medianInterval(sorted),
    min: sorted[0] ?? Number.NaN,
    max: sorted.at(-1) ?? Number.NaN,
    heldCount: isJudged ? measured.filter(({ holds }) => holds === true).length : undefined,
  };
}

/** The whole sweep from its shards, the same as if it had never been divided; or why there is none. */
export function mergedSweep(
  parts: readonly SweepResult[],
): SweepResult | { readonly problem: string } {
  const plan = parts[0]?.plan;
  if (plan === undefined) return { problem: 'there is nothing to merge' };
  if (parts.some((part) => part.plan.identity !== plan.identity))
    return {
      problem: 'these are shards of different sweeps (other files, values, seeds or measures)',
    };
  const runs = new Map<number, SweepRun>();
  for (const part of parts) {
    for (const run of part.runs) {
      const before = runs.get(run.index);
      if (before !== undefined && before.digest !== run.digest)
        return { problem: `run ${run.index + 1} is in two files, with different digests` };
      runs.set(run.index, run);
    }
  }
  const wanted = sweepJobs(plan);
  const missing = wanted.filter(({ index }) => !runs.has(index));
  if (missing.length > 0)
    return {
      problem: `${missing.length} of ${wanted.length} runs are missing: ${missingText(parts)}`,
    };
  return { plan, shard: undefined, runs: wanted.map(({ index }) => runs.get(index)!) };
}

function missingText(parts: readonly SweepResult[]): string {
  const shards = parts.flatMap(({ shard }) => (shard === undefined ? [] : [shard]));
  const count = shards[0]?.count;
  if (count === undefined) return 'a file is not whole';
  const there = new Set(shards.filter((it) => it.count === count).map(({ index }) => index));
  const absent = Array.from({ length: count }, (_, index) => index + 1).filter(
    (index) => !there.has(index),
  );
  return absent.length === 0
    ? 'a file is not whole'
    : `shard ${absent.map((index) => `${index}/${count}`).join(', ')} is not here`;
}
