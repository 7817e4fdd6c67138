import { type Quantity, quantityText } from './quantity-text.ts';

/** What a value does to the mesh: it holds, it breaks, or the scenario cannot have it. */
export type Outcome = 'fine' | 'broken' | 'refused';

/** A value that was tried. */
export interface Trial {
  readonly value: string;
  readonly outcome: Outcome;
}

export type BreakingPoint =
  /** Between two values that are close enough. */
  | { readonly kind: 'found'; readonly fine: string; readonly broken: string }
  /** Every value that was tried holds, or every one breaks. */
  | { readonly kind: 'none'; readonly all: Outcome; readonly low: string; readonly high: string };

export interface SearchRange {
  /** Where the search starts; with `to`, the other end of it. */
  readonly from: Quantity;
  readonly to: Quantity | undefined;
  /** How close the two values of a result are, as a share of the broken one. */
  readonly precision: number;
}

/** Doublings upwards and halvings downwards before a search gives up. */
const MAX_REACH = 10;

/**
 * Looks for the value at which something breaks: gives values to try, takes their outcome. First two
 * values are needed that differ in it: the ends of the range, or by doubling, then by halving; then the
 * middle between them decides which of the two moves. Whole numbers stay whole.
 */
export function* searchBreakingPoint({
  from,
  to,
  precision,
}: SearchRange): Generator<string, BreakingPoint, Outcome> {
  const { unit } = from;
  const isWhole = unit === '' && Number.isInteger(from.value) && Number.isInteger(to?.value ?? 0);
  const text = (value: number) => quantityText({ value, unit });
  const first = yield text(from.value);
  let bracket: Bracket | Reach;
  if (to === undefined) bracket = yield* reachedOut(from.value, first, isWhole, text);
  else {
    const last = yield text(to.value);
    bracket =
      last === first
        ? { all: first, low: Math.min(from.value, to.value), high: Math.max(from.value, to.value) }
        : bracketOf(from.value, first, to.value);
  }
  if ('all' in bracket)
    return { kind: 'none', all: bracket.all, low: text(bracket.low), high: text(bracket.high) };
  let { fine, broken } = bracket;
  for (;;) {
    const middle = middleOf(fine, broken, isWhole);
    const isClose = Math.abs(fine - broken) <= precision * Math.abs(broken);
    if (isClose || middle === fine || middle === broken)
      return { kind: 'found', fine: text(fine), broken: text(broken) };
    const outcome = yield text(middle);
    if (outcome === 'fine') fine = middle;
    else broken = middle;
  }
}

interface Bracket {
  readonly fine: number;
  readonly broken: number;
}

interface Reach {
  readonly all: Outcome;
  readonly low: number;
  readonly high: number;
}

function bracketOf(one: number, outcome: Outcome, other: number): Bracket {
  return outcome === 'fine' ? { fine: one, broken: other } : { fine: other, broken: one };
}

/**
 * Away from the first value, until one is otherwise. Most things break by more: so more first of what
 * holds, less first of what is broken; then the other way.
 */
function* reachedOut(
  start: number,
  first: Outcome,
  isWhole: boolean,
  text: (value: number) => string,
): Generator<string, Bracket | Reach, Outcome> {
  const ends = [start, start];
  const [up, down] = [{ end: 1, factor: 2 } as const, { end: 0, factor: 0.5 } as const];
  for (const { end, factor } of first === 'fine' ? [up, down] : [down, up]) {
    let last = start;
    for (let step = 0; step < MAX_REACH; step++) {
      const next = isWhole ? Math.floor(last * factor) : rounded(last * factor);
      if (next === last) break;
      const outcome = yield text(next);
      if (outcome === 'refused') break;
      ends[end] = next;
      if (outcome !== first) return bracketOf(last, first, next);
      last = next;
    }
  }
  return { all: first, low: ends[0]!, high: ends[1]! };
}

function middleOf(one: number, other: number, isWhole: boolean): number {
  const middle = (one + other) / 2;
  return isWhole ? Math.floor(middle) : rounded(middle);
}

/** Four digits: enough for any precision that seeds can give, and short to read. */
function rounded(value: number): number {
  return Number(value.toPrecision(4));
}
