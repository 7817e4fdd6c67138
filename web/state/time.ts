import type { RunView } from '#report/run-view.ts';
import { isFailure } from './flow-sums.ts';
import { type EventKind, page } from './page-state.ts';
import {
  type PauseConditions,
  type PauseMoment,
  pauseConditions,
  pauseMoments,
} from './pause-conditions.ts';

/** Moving through a run: the cursor, playing, and stepping from event to event. */

export function moveCursor(toNs: number): void {
  const { view } = page.state;
  if (view === undefined) return;
  const tenthNs = 1e8;
  const snapped = Math.round(toNs / tenthNs) * tenthNs;
  page.set({ cursorNs: Math.max(0, Math.min(view.durationNs, snapped)) });
}

export function togglePlay(): void {
  const { view, isPlaying, cursorNs } = page.state;
  if (view === undefined) return;
  if (isPlaying) {
    page.set({ isPlaying: false });
    return;
  }
  page.set({ isPlaying: true, cursorNs: cursorNs >= view.durationNs ? 0 : cursorNs });
  let lastMs = performance.now();
  let known: RunView | undefined;
  let conditions: PauseConditions | undefined;
  let moments: readonly PauseMoment[] = [];
  const frame = (nowMs: number) => {
    const { isPlaying: goesOn, view: shown, cursorNs: atNs, speed } = page.state;
    if (!goesOn || shown === undefined) return;
    const nextNs = atNs + (nowMs - lastMs) * 1e6 * speed;
    lastMs = nowMs;
    if (known !== shown || conditions !== pauseConditions.state) {
      known = shown;
      conditions = pauseConditions.state;
      moments = pauseMoments(shown, conditions);
    }
    const met = moments.find((moment) => moment.atNs > atNs && moment.atNs <= nextNs);
    if (met !== undefined) {
      const announcement = `paused at ${(met.atNs / 1e9).toFixed(2)} seconds: ${met.says}`;
      page.set({ cursorNs: met.atNs, isPlaying: false, announcement });
      return;
    }
    const isAtEnd = nextNs >= shown.durationNs;
    page.set({ cursorNs: isAtEnd ? shown.durationNs : nextNs, isPlaying: !isAtEnd });
    requestAnimationFrame(frame);
  };
  requestAnimationFrame(frame);
}

/** Where slower and faster lead; any other speed can be typed. */
const SPEEDS = [0.1, 0.25, 0.5, 1, 2, 5, 10, 20, 60, 120, 300, 1000];

export function changeSpeed(by: 1 | -1): void {
  const { speed } = page.state;
  const next = by === 1 ? SPEEDS.find((one) => one > speed) : SPEEDS.findLast((one) => one < speed);
  if (next !== undefined) page.set({ speed: next });
}

/** Virtual seconds in a real one. */
export function setSpeed(speed: number): void {
  const [least, most] = [SPEEDS[0]!, SPEEDS.at(-1)!];
  if (Number.isFinite(speed) && speed > 0)
    page.set({ speed: Math.max(least, Math.min(most, speed)) });
}

/** The moments of the events of a kind, in order. */
export function eventTimes(view: RunView, kind: EventKind): readonly number[] {
  const ejections = view.ejections.flatMap(({ fromNs, toNs }) =>
    toNs === undefined ? [fromNs] : [fromNs, toNs],
  );
  const failure = view.requests.find(isFailure)?.intendedNs;
  const times = new Map<EventKind, readonly number[]>([
    ['ejection', ejections],
    ['push', view.pushes.map(({ atNs }) => atNs)],
    ['step', view.steps.map(({ atNs }) => atNs)],
    ['first failure', failure === undefined ? [] : [failure]],
  ]);
  const chosen = times.get(kind) ?? [...times.values()].flat();
  return [...new Set(chosen)].filter((atNs) => atNs <= view.durationNs).sort((a, b) => a - b);
}

/** To the next or former event of the chosen kind, or to the end of the run. */
export function step(by: 1 | -1): void {
  const { view, cursorNs, eventKind } = page.state;
  if (view === undefined) return;
  const times = eventTimes(view, eventKind);
  const slackNs = 1e8;
  const found =
    by === 1
      ? times.find((atNs) => atNs > cursorNs + slackNs)
      : times.findLast((atNs) => atNs < cursorNs - slackNs);
  page.set({ isPlaying: false });
  moveCursor(found ?? (by === 1 ? view.durationNs : 0));
}
