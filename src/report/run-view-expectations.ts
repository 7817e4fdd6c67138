import type { ExpectationOutcome } from '#scenario/run-result.ts';
import { intervalText, quantityText } from './expectation-text.ts';
import { NOTHING, windowText } from './format.ts';
import type { ViewExpectation } from './run-view.ts';
import { placeOf } from './run-view-graph.ts';

/** An expectation with what is drawn of it. While a run goes on, a verdict is not yet one. */
export function viewExpectation(outcome: ExpectationOutcome, isOver: boolean): ViewExpectation {
  const { name, during, is, value, dimension, interval, count, remark, holds, at } = outcome;
  const window =
    during === undefined ? '' : `, ${windowText(during.fromNs)}–${windowText(during.toNs)}`;
  const bounds = boundsOf(is, dimension);
  return {
    name: `${name}${window}`,
    wanted: is
      .replace(/^>=\s*/, '≥ ')
      .replace(/^<=\s*/, '≤ ')
      .replace(/^==\s*/, '= '),
    seen: value === undefined ? NOTHING : quantityText(value, dimension),
    interval: interval === undefined ? '' : intervalText(interval.low, interval.high, dimension),
    value,
    low: interval?.low,
    high: interval?.high,
    bounds,
    count,
    remark: remark ?? '',
    status: statusOf({ holds, isOver, value, interval, bounds, is }),
    at: placeOf(at),
  };
}

function statusOf(facts: {
  readonly holds: boolean;
  readonly isOver: boolean;
  readonly value: number | undefined;
  readonly interval: ExpectationOutcome['interval'];
  readonly bounds: readonly number[];
  readonly is: string;
}): ViewExpectation['status'] {
  const { holds, isOver, value, interval, bounds, is } = facts;
  if (!isOver && value === undefined) return 'unknown';
  if (!holds) return isOver ? 'failed' : 'unknown';
  // `~X` holds because X lies inside: that is no close call.
  const isCrossed =
    !is.startsWith('~') &&
    interval !== undefined &&
    bounds.some((bound) => bound > interval.low && bound < interval.high);
  return isCrossed ? 'close' : 'held';
}

const UNITS: ReadonlyMap<string, number> = new Map([
  ['ns', 1],
  ['us', 1e3],
  ['µs', 1e3],
  ['ms', 1e6],
  ['s', 1e9],
  ['m', 60e9],
  ['h', 3600e9],
  ['%', 0.01],
]);

/** The numbers of a comparison, in the unit of its value. */
function boundsOf(is: string, dimension: ExpectationOutcome['dimension']): readonly number[] {
  const found = [...is.matchAll(/(\d+(?:\.\d+)?)\s*(ns|us|µs|ms|s|m|h|%)?(\/s|\/m)?/g)];
  return found.map(([, digits, unit = '', per = '']) => {
    const number = Number(digits);
    if (per !== '') return per === '/m' ? number / 60 : number;
    if (dimension === 'duration' || dimension === 'share') return number * (UNITS.get(unit) ?? 1);
    return number;
  });
}
