import type { Span } from './query-text.ts';
import { QueryError } from './query-text.ts';
import type { Operator } from './syntax.ts';

/** What kind of quantity a query gives: it decides which units and comparisons make sense. */
export type Dimension = 'count' | 'share' | 'duration' | 'rate' | 'number';

/** What a value was estimated from; undefined where no interval is known for it. */
type Sample =
  | { readonly kind: 'count'; readonly count: number }
  | { readonly kind: 'share'; readonly hits: number; readonly count: number }
  | { readonly kind: 'mean'; readonly count: number; readonly batchMeans: readonly number[] };

/** A query's value at some moment: counts, shares and numbers plain, durations in ns, rates per second. */
export interface Reading {
  /** NaN = nothing was seen. */
  readonly value: number;
  /** How many requests or events it stands on; undefined for gauges and constants. */
  readonly count: number | undefined;
  readonly sample: Sample | undefined;
}

/** The kind of quantity that two combine to; a plain number takes on the other's kind. */
export function combinedDimension(
  operator: Operator,
  left: Dimension,
  right: Dimension,
  span: Span,
): Dimension {
  const isScalar = (dimension: Dimension) => dimension === 'number' || dimension === 'share';
  switch (operator) {
    case '+':
    case '-':
      if (left === right || right === 'number') return left;
      if (left === 'number') return right;
      break;
    case '*':
      if (isScalar(right)) return left === 'number' ? right : left;
      if (isScalar(left)) return right;
      break;
    case '/':
      if (left === right) return left === 'number' ? 'number' : 'share';
      if (isScalar(right)) return left;
      if (left === 'number') return 'number';
      break;
  }
  const message = `a ${left} ${VERBS[operator]} a ${right} has no meaning`;
  throw new QueryError('MS0304', message, span);
}

const VERBS = { '+': 'plus', '-': 'minus', '*': 'times', '/': 'divided by' } as const;

export function combinedReading(operator: Operator, left: Reading, right: Reading): Reading {
  const count = smaller(left.count, right.count);
  switch (operator) {
    case '+':
      return { value: left.value + right.value, count, sample: undefined };
    case '-':
      return { value: left.value - right.value, count, sample: undefined };
    case '*':
      return { value: left.value * right.value, count, sample: undefined };
    case '/':
      return ratio(left, right, count);
  }
}

/** One count of another is a share of as many draws, if it can be a part of it. */
function ratio(left: Reading, right: Reading, count: number | undefined): Reading {
  const value = right.value === 0 ? Number.NaN : left.value / right.value;
  if (left.sample?.kind !== 'count' || right.sample?.kind !== 'count') {
    return { value, count, sample: undefined };
  }
  const hits = left.sample.count;
  const draws = right.sample.count;
  const sample = hits <= draws ? ({ kind: 'share', hits, count: draws } as const) : undefined;
  return { value, count: draws, sample };
}

function smaller(a: number | undefined, b: number | undefined): number | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return Math.min(a, b);
}
