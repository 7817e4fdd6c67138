import { parseDuration } from '#source/duration.ts';
import { parsePercentage, parseRatePerSecond } from '#source/quantity.ts';
import {
  batchMeansInterval,
  binomialInterval,
  drawsNeeded,
  type Interval,
  poissonInterval,
} from '../statistics.ts';
import { QueryError } from './query-text.ts';
import type { Dimension, Reading } from './reading.ts';

/** What a measured value must be, in the units of a `Reading`. */
export type Comparison =
  | { readonly kind: 'bound'; readonly operator: BoundOperator; readonly limit: number }
  | { readonly kind: 'range'; readonly low: number; readonly high: number }
  /** `X ± Y`. */
  | { readonly kind: 'near'; readonly centre: number; readonly tolerance: number }
  /** `~X`: X lies in the 99 % interval of what was seen. */
  | { readonly kind: 'estimate'; readonly expected: number };

type BoundOperator = '<' | '<=' | '>' | '>=' | '==';

const FORMS = '< X, <= X, > X, >= X, == X, A..B, X ± Y or ~X';

/** Reads a comparison for a quantity of the given kind. Throws a `QueryError`. */
export function parseComparison(text: string, dimension: Dimension): Comparison {
  const trimmed = text.trim();
  const number = (part: string) => quantityOf(part, dimension, text);
  const [, operator, limit] = /^(<=|>=|==|<|>)(.+)$/s.exec(trimmed) ?? [];
  if (operator !== undefined && limit !== undefined) {
    return { kind: 'bound', operator: operator as BoundOperator, limit: number(limit) };
  }
  if (trimmed.startsWith('~')) {
    return { kind: 'estimate', expected: number(trimmed.slice(1)) };
  }
  const [, low, high] = /^(.+?)\.\.(.+)$/s.exec(trimmed) ?? [];
  if (low !== undefined && high !== undefined) return rangeOf(low, high, number, text);
  const [, centre, tolerance] = /^(.+?)(?:±|\+-|\+\/-)(.+)$/s.exec(trimmed) ?? [];
  if (centre !== undefined && tolerance !== undefined) {
    const reach = number(withUnitOf(tolerance, centre));
    return { kind: 'near', centre: number(withUnitOf(centre, tolerance)), tolerance: reach };
  }
  return { kind: 'bound', operator: '==', limit: number(trimmed) };
}

function rangeOf(
  low: string,
  high: string,
  number: (part: string) => number,
  text: string,
): Comparison {
  const range = { kind: 'range', low: number(withUnitOf(low, high)), high: number(high) } as const;
  if (range.low <= range.high) return range;
  throw new QueryError('MS0305', `${text.trim()} is empty: the lower end comes first`, whole(text));
}

/** `8..12%`: a plain number beside one with a unit has the same. */
function withUnitOf(plain: string, other: string): string {
  const unit = /^\s*[-+.0-9eE]+\s*(%|\/.+|[a-zµμ]+)\s*$/.exec(other)?.[1];
  return unit !== undefined && /^\s*[-+]?[.0-9]+\s*$/.test(plain)
    ? `${plain.trim()}${unit}`
    : plain;
}

const WANTED: Readonly<Record<Dimension, string>> = {
  count: 'a count is compared with a plain number',
  share: 'a share is compared with a percentage',
  duration: 'a duration is compared with a duration such as 250ms',
  rate: 'a rate is compared with a rate such as 50/s',
  number: 'it is compared with a plain number',
};

function quantityOf(text: string, dimension: Dimension, all: string): number {
  const trimmed = text.trim();
  const plain = /^[-+]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][-+]?[0-9]+)?$/.test(trimmed)
    ? Number(trimmed)
    : undefined;
  if (plain !== undefined && (dimension !== 'duration' || plain === 0)) return plain;
  const percentage = parsePercentage(trimmed);
  if (percentage !== undefined && (dimension === 'share' || dimension === 'number')) {
    return percentage / 100;
  }
  const durationNs = parseDuration(trimmed);
  if (durationNs !== undefined && dimension === 'duration') return durationNs;
  const ratePerSecond = parseRatePerSecond(trimmed);
  if (ratePerSecond !== undefined && dimension === 'rate') return ratePerSecond;
  const isQuantity = (plain ?? percentage ?? durationNs ?? ratePerSecond) !== undefined;
  if (isQuantity) throw new QueryError('MS0306', `"${trimmed}": ${WANTED[dimension]}`, whole(all));
  throw new QueryError('MS0305', `"${all.trim()}" is no comparison`, whole(all), FORMS);
}

function whole(text: string) {
  return { start: 0, end: text.length };
}

export interface Judgement {
  readonly holds: boolean;
  /** The 99 % interval, for `~X`. */
  readonly interval: Interval | undefined;
  /** Something that a reader of the verdict should know. */
  readonly warning: string | undefined;
}

/** Whether a value that was seen is as it must be. */
export function judge(comparison: Comparison, reading: Reading): Judgement {
  const { value } = reading;
  switch (comparison.kind) {
    case 'bound':
      return plainJudgement(isWithinBound(value, comparison.operator, comparison.limit));
    case 'range':
      return plainJudgement(value >= comparison.low && value <= comparison.high);
    case 'near': {
      // A billionth of slack: 0.1 + 0.02 is a little less than 0.12.
      const slack = 1e-9 * (Math.abs(comparison.centre) + comparison.tolerance);
      const holds = Math.abs(value - comparison.centre) <= comparison.tolerance + slack;
      return { holds, interval: undefined, warning: sampleWarning(comparison, reading) };
    }
    case 'estimate': {
      const interval = intervalOf(reading);
      if (interval === undefined) {
        const isMean = reading.sample?.kind === 'mean';
        const warning = isMean
          ? 'too few values for an interval'
          : 'more of the part than the whole';
        return { holds: false, interval, warning };
      }
      const { expected } = comparison;
      const holds = interval.low <= expected && expected <= interval.high;
      return { holds, interval, warning: undefined };
    }
  }
}

function plainJudgement(holds: boolean): Judgement {
  return { holds, interval: undefined, warning: undefined };
}

function isWithinBound(value: number, operator: BoundOperator, limit: number): boolean {
  switch (operator) {
    case '<':
      return value < limit;
    case '<=':
      return value <= limit;
    case '>':
      return value > limit;
    case '>=':
      return value >= limit;
    case '==':
      return value === limit;
  }
}

/** The exact interval of what was seen; undefined where none is known. */
function intervalOf({ sample }: Reading): Interval | undefined {
  switch (sample?.kind) {
    case 'share':
      return binomialInterval(sample.hits, sample.count);
    case 'count':
      return poissonInterval(sample.count);
    case 'mean':
      return batchMeansInterval(sample.batchMeans);
    case undefined:
      return undefined;
  }
}

function sampleWarning(
  { centre, tolerance }: { readonly centre: number; readonly tolerance: number },
  { sample }: Reading,
): string | undefined {
  if (sample?.kind !== 'share' || tolerance === 0 || centre <= 0 || centre >= 1) return undefined;
  const needed = drawsNeeded(centre, tolerance);
  if (sample.count >= needed) return undefined;
  return `n=${sample.count} is too small to tell: it takes ${needed}`;
}

/** Whether a value that can only grow has left the comparison for good. */
export function isExceeded(comparison: Comparison, value: number): boolean {
  switch (comparison.kind) {
    case 'bound':
      if (comparison.operator === '<') return value >= comparison.limit;
      if (comparison.operator === '<=' || comparison.operator === '==') {
        return value > comparison.limit;
      }
      return false;
    case 'range':
      return value > comparison.high;
    case 'near':
      return value > comparison.centre + comparison.tolerance;
    case 'estimate':
      return false;
  }
}
