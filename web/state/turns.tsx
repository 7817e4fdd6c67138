import { type ComponentChildren, createContext, options } from 'preact';
import { type Inputs, useEffect, useRef } from 'preact/hooks';

/**
 * A large mesh takes longer to draw than a task of the page's thread may: then its panels are drawn in
 * turn, each whole, as many in a task as fit, and the others after the next frame.
 */
export class Turn {
  readonly redraws = new Set<() => void>();
}

/** A task ends when this is over; the panel that is being drawn is drawn to its end. */
const TASK_MS = 6;
/** Frames do not come where nobody looks. */
const FRAME_AT_LATEST_MS = 100;

/** Whose turn a component is drawn in. */
export const TurnOf = createContext<Turn | undefined>(undefined);
const waiting = new Set<Turn>();
let areSliced = false;
let isUnderWay = false;
const whenAllAreDrawn = new Set<() => void>();
let isFlushing = false;
let drawQueued: (() => void) | undefined;

// What a turn has asked to be drawn is drawn at once, so that its time counts.
options.debounceRendering = (drawAll) => {
  if (isFlushing) drawQueued = drawAll;
  else queueMicrotask(drawAll);
};

/** Its components are drawn together. */
export function InTurn({ children }: { readonly children: ComponentChildren }) {
  const turn = useRef<Turn>(undefined);
  turn.current ??= new Turn();
  return <TurnOf.Provider value={turn.current}>{children}</TurnOf.Provider>;
}

/** Whether panels take turns: small meshes are drawn at once. */
export function takeTurns(should: boolean): void {
  areSliced = should;
}

/** Whether they do now. */
export function areInTurn(): boolean {
  return areSliced;
}

/** Draws something when its panel's turn has come. */
export function drawInTurn(turn: Turn | undefined, redraw: () => void): void {
  if (turn === undefined || !areSliced) {
    redraw();
    return;
  }
  turn.redraws.add(redraw);
  waiting.add(turn);
  if (isUnderWay) return;
  isUnderWay = true;
  afterFrame(drawTurns);
}

/** An effect that takes long: where panels take turns it has one of its own. */
export function useEffectInTurn(effect: () => void, inputs: Inputs): void {
  useEffect(() => {
    let isGone = false;
    drawInTurn(new Turn(), () => {
      if (!isGone) effect();
    });
    return () => {
      isGone = true;
    };
  }, inputs);
}

/** Calls back once every panel shows what there is to show now, unless the answer is called before. */
export function afterTurns(then: () => void): () => void {
  if (!isUnderWay) {
    then();
    return () => {};
  }
  whenAllAreDrawn.add(then);
  return () => whenAllAreDrawn.delete(then);
}

function drawTurns(): void {
  const startMs = performance.now();
  for (const turn of waiting) {
    waiting.delete(turn);
    flush(turn);
    if (performance.now() - startMs >= TASK_MS) break;
  }
  if (waiting.size > 0) {
    afterFrame(drawTurns);
    return;
  }
  isUnderWay = false;
  const due = [...whenAllAreDrawn];
  whenAllAreDrawn.clear();
  for (const then of due) then();
}

function flush({ redraws }: Turn): void {
  const due = [...redraws];
  redraws.clear();
  isFlushing = true;
  for (const redraw of due) redraw();
  isFlushing = false;
  const draw = drawQueued;
  drawQueued = undefined;
  draw?.();
}

/** In a task of its own, after what was drawn has been shown. */
function afterFrame(then: () => void): void {
  let isDone = false;
  const once = () => {
    if (isDone) return;
    isDone = true;
    then();
  };
  requestAnimationFrame(() => setTimeout(once));
  setTimeout(once, FRAME_AT_LATEST_MS);
}
