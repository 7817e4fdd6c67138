import { keyedUniform, streamHash } from '#kernel/keyed-random.ts';

/** Why work takes longer than its latency says. */
export interface Slowness {
  /** What every further request under way adds, as a share of the latency. */
  readonly slowdownShare: number;
  /** A new instance is slow at first; undefined = it is not. */
  readonly warmup: Warmup | undefined;
  /** Garbage collection and the like; undefined = none. */
  readonly pauses: Pauses | undefined;
}

/** At its start an instance takes `factor` times as long, less and less until `forNs` have passed. */
export interface Warmup {
  readonly forNs: number;
  readonly factor: number;
}

/** Once in every `everyNs`, at a moment of its own, an instance stands still for `forNs`. */
export interface Pauses {
  readonly everyNs: number;
  readonly forNs: number;
}

/** The instance that works. */
export interface Worker {
  readonly activeCount: number;
  /** `-Infinity` = it was there before the run. */
  readonly startedNs: number;
  readonly streamHash: number;
}

const PAUSE_PURPOSE = streamHash(0, 'instance/pause');

/** How long `workNs` really take on an instance that begins them now. */
export function stretchedNs(
  workNs: number,
  slowness: Slowness,
  worker: Worker,
  nowNs: number,
): number {
  const { slowdownShare, warmup, pauses } = slowness;
  let ns = workNs * (1 + slowdownShare * (worker.activeCount - 1));
  if (warmup !== undefined) ns *= warmupFactor(warmup, nowNs - worker.startedNs);
  ns = Math.round(ns);
  return pauses === undefined ? ns : pausedNs(ns, pauses, worker.streamHash, nowNs);
}

function warmupFactor({ forNs, factor }: Warmup, ageNs: number): number {
  return ageNs >= forNs ? 1 : factor - ((factor - 1) * ageNs) / forNs;
}

/** With the pauses that fall into it. */
function pausedNs(workNs: number, pauses: Pauses, hash: number, nowNs: number): number {
  const { everyNs, forNs } = pauses;
  let atNs = nowNs;
  let leftNs = workNs;
  for (let index = Math.floor(nowNs / everyNs); ; index++) {
    const startNs = pauseStartNs(index, pauses, hash);
    if (atNs < startNs) {
      if (atNs + leftNs <= startNs) return atNs + leftNs - nowNs;
      leftNs -= startNs - atNs;
      atNs = startNs;
    }
    atNs = Math.max(atNs, startNs + forNs);
  }
}

function pauseStartNs(index: number, { everyNs, forNs }: Pauses, hash: number): number {
  KEY.rootNumber = index;
  KEY.streamHash = hash;
  const slackNs = Math.max(0, everyNs - forNs);
  return index * everyNs + Math.floor(keyedUniform(PAUSE_PURPOSE, KEY) * slackNs);
}

/** Filled for each draw. */
const KEY = { rootNumber: 0, streamHash: 0, callPathHash: 0, attempt: 1 };
