import type { RunView } from '#report/run-view.ts';
import { clientFlows, isFailure, sumIn, sumsOf, wholeOf } from './flow-sums.ts';
import { outcomeText } from './formats.ts';
import { Store } from './store.ts';

/** What playing stops at. */
export interface PauseConditions {
  readonly ejection: boolean;
  readonly firstFailure: boolean;
  readonly push: boolean;
  readonly step: boolean;
  /** Failed requests a second from which on it stops; undefined = never. */
  readonly failuresAbove: number | undefined;
  /** p99 of the busiest client in ms from which on it stops; undefined = never. */
  readonly p99Above: number | undefined;
}

export const pauseConditions = new Store<PauseConditions>({
  ejection: false,
  firstFailure: false,
  push: false,
  step: false,
  failuresAbove: undefined,
  p99Above: undefined,
});

/** A moment at which something comes true, and what. */
export interface PauseMoment {
  readonly atNs: number;
  readonly says: string;
}

/** Every moment at which playing would stop, in order. */
export function pauseMoments(view: RunView, conditions: PauseConditions): readonly PauseMoment[] {
  const { ejection, firstFailure, push, step, failuresAbove, p99Above } = conditions;
  const moments = [
    ...(ejection ? ejectionMoments(view) : []),
    ...(firstFailure ? firstFailures(view) : []),
    ...(push
      ? view.pushes.map(({ atNs, proxy }) => ({ atNs, says: `push reached ${proxy}` }))
      : []),
    ...(step ? view.steps.map(({ atNs, label }) => ({ atNs, says: `step ${label}` })) : []),
    ...(failuresAbove === undefined
      ? []
      : risings(view, failureRate(view), failuresAbove).map((atNs) => ({
          atNs,
          says: `more than ${failuresAbove} failures a second`,
        }))),
    ...(p99Above === undefined
      ? []
      : risings(view, busiestP99(view), p99Above).map((atNs) => ({
          atNs,
          says: `p99 above ${p99Above} ms`,
        }))),
  ];
  return moments.sort((a, b) => a.atNs - b.atNs);
}

function ejectionMoments(view: RunView): readonly PauseMoment[] {
  return view.ejections.map(({ fromNs, host, proxy }) => ({
    atNs: fromNs,
    says: `${proxy} ejected ${host}`,
  }));
}

/** The first failure of each code and flag. */
function firstFailures(view: RunView): readonly PauseMoment[] {
  const firsts = new Map<string, PauseMoment>();
  for (const request of view.requests) {
    if (!isFailure(request)) continue;
    const outcome = outcomeText(request.code, request.flags);
    if (!firsts.has(outcome))
      firsts.set(outcome, { atNs: request.intendedNs, says: `first ${outcome}` });
  }
  return [...firsts.values()];
}

/** Where values come to lie above a limit. */
function risings(view: RunView, values: Float64Array, limit: number): readonly number[] {
  const moments: number[] = [];
  let wasAbove = false;
  values.forEach((value, bucket) => {
    const isAbove = value > limit;
    if (isAbove && !wasAbove) moments.push(bucket * view.bucketNs);
    wasAbove = isAbove;
  });
  return moments;
}

function failureRate(view: RunView): Float64Array {
  const seconds = view.bucketNs / 1e9;
  return sumsOf(view, clientFlows(view).filter(isFailure)).map((count) => count / seconds);
}

function busiestP99(view: RunView): Float64Array {
  const clients = view.latencies.filter(({ kind }) => kind === 'client');
  const counted = clients.map((latency) => ({
    latency,
    count: sumIn(
      view.flows.filter(({ client }) => client === latency.of),
      wholeOf(view),
    ),
  }));
  return counted.sort((a, b) => b.count - a.count)[0]?.latency.p99 ?? new Float64Array();
}
