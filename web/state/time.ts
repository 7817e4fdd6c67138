import type { RunView } from '#report/run-view.ts';
import { isFailure } from './flow-sums.ts';
import { type EventKind, page } from './page-state.ts';

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
  const frame = (nowMs: number) => {
    const { isPlaying: goesOn, view: shown, cursorNs: atNs, speed } = page.state;
    if (!goesOn || shown === undefined) return;
    const nextNs = atNs + (nowMs - lastMs) * 1e6 * speed;
    lastMs = nowMs;
    const isAtEnd = nextNs >= shown.durationNs;
    page.set({ cursorNs: isAtEnd ? shown.durationNs : nextNs, isPlaying: !isAtEnd });
    requestAnimationFrame(frame);
  };
  requestAnimationFrame(frame);
}

export const SPEEDS = [1, 10, 60];

export function changeSpeed(by: 1 | -1): void {
  const index = SPEEDS.indexOf(page.state.speed) + by;
  page.set({ speed: SPEEDS[Math.max(0, Math.min(SPEEDS.length - 1, index))]! });
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
