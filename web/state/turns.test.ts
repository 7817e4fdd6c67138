import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { afterTurns, drawInTurn, Turn, takeTurns } from './turns.tsx';

let nowMs = 0;
const frames: (() => void)[] = [];

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal('requestAnimationFrame', (then: () => void) => frames.push(then));
  vi.spyOn(performance, 'now').mockImplementation(() => nowMs);
});

afterEach(() => {
  takeTurns(false);
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
  vi.useRealTimers();
});

/** One frame is shown, and the task after it runs. */
function showFrame(): void {
  for (const then of frames.splice(0)) then();
  vi.advanceTimersByTime(0);
}

/** Panels by name, each of which takes so long to draw. */
function panels(drawn: string[], tookMs: Readonly<Record<string, number>>): void {
  for (const [name, ms] of Object.entries(tookMs))
    drawInTurn(new Turn(), () => {
      drawn.push(name);
      nowMs += ms;
    });
}

it('draws a small mesh at once', () => {
  const drawn: string[] = [];
  panels(drawn, { graph: 20, charts: 20 });
  expect(drawn).toEqual(['graph', 'charts']);
});

it('draws as many panels of a large mesh in a task as fit, the others after the next frame', () => {
  takeTurns(true);
  const drawn: string[] = [];
  panels(drawn, { bar: 1, verdict: 1, graph: 30, requests: 2, charts: 3 });
  expect(drawn).toEqual([]);
  showFrame();
  expect(drawn).toEqual(['bar', 'verdict', 'graph']);
  showFrame();
  expect(drawn).toEqual(['bar', 'verdict', 'graph', 'requests', 'charts']);
});

it('tells when all is drawn, but not him who asks no more', () => {
  takeTurns(true);
  const drawn: string[] = [];
  panels(drawn, { graph: 30, charts: 30 });
  afterTurns(() => drawn.push('all'));
  afterTurns(() => drawn.push('never'))();
  showFrame();
  expect(drawn).toEqual(['graph']);
  showFrame();
  expect(drawn).toEqual(['graph', 'charts', 'all']);
});

it('goes on where no frames come, as in a hidden tab', () => {
  takeTurns(true);
  const drawn: string[] = [];
  panels(drawn, { graph: 1 });
  vi.advanceTimersByTime(200);
  expect(drawn).toEqual(['graph']);
});
