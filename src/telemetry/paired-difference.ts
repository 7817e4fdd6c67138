import type { Interval } from './statistics.ts';

/** A number of one run against the same of another. */
export interface PairedDifference {
  /** NaN if there is none. */
  readonly a: number;
  readonly b: number;
  readonly difference: number;
  /** 95 %; undefined where there are too few requests for one. */
  readonly interval: Interval | undefined;
}

const MAX_BATCHES = 30;
const MIN_BATCHES = 5;
/** Requests that a batch must have beyond a percentile, so that the percentile means something. */
const BEYOND = 10;

/**
 * The difference of means of two runs that made the same requests. What both runs have in common
 * cancels out: the interval is that of the differences, over batches, because neighbours in time are
 * alike.
 */
export function pairedMeans(a: readonly number[], b: readonly number[]): PairedDifference {
  return paired(a, b, mean, Math.min(MAX_BATCHES, Math.floor(a.length / 2)));
}

/** The same of a percentile, such as 0.99. */
export function pairedPercentiles(
  a: readonly number[],
  b: readonly number[],
  quantile: number,
): PairedDifference {
  const rarer = Math.min(quantile, 1 - quantile);
  const batchCount = Math.min(MAX_BATCHES, Math.floor((a.length * rarer) / BEYOND));
  return paired(a, b, (values) => percentile(values, quantile), batchCount);
}

function paired(
  a: readonly number[],
  b: readonly number[],
  numberOf: (values: readonly number[]) => number,
  batchCount: number,
): PairedDifference {
  const ofA = numberOf(a);
  const ofB = numberOf(b);
  const difference = ofB - ofA;
  if (a.length > 0 && a.every((value, index) => value === b[index]))
    return { a: ofA, b: ofB, difference, interval: { low: 0, high: 0 } };
  if (batchCount < MIN_BATCHES) return { a: ofA, b: ofB, difference, interval: undefined };
  const differences = Array.from({ length: batchCount }, (_, batch) => {
    const from = Math.floor((batch * a.length) / batchCount);
    const to = Math.floor(((batch + 1) * a.length) / batchCount);
    return numberOf(b.slice(from, to)) - numberOf(a.slice(from, to));
  });
  const centre = mean(differences);
  const squares = differences.reduce((sum, one) => sum + (one - centre) * (one - centre), 0);
  const reach = STUDENT_95[batchCount - 1]! * Math.sqrt(squares / (batchCount - 1) / batchCount);
  return {
    a: ofA,
    b: ofB,
    difference,
    interval: { low: difference - reach, high: difference + reach },
  };
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function percentile(values: readonly number[], quantile: number): number {
  const sorted = values.toSorted((x, y) => x - y);
  return sorted[Math.max(0, Math.ceil(quantile * sorted.length) - 1)] ?? Number.NaN;
}

/** The 97.5th percentile of Student's distribution, by degrees of freedom. */
const STUDENT_95: readonly number[] = [
  Number.NaN,
  12.706,
  4.303,
  3.182,
  2.776,
  2.571,
  2.447,
  2.365,
  2.306,
  2.262,
  2.228,
  2.201,
  2.179,
  2.16,
  2.145,
  2.131,
  2.12,
  2.11,
  2.101,
  2.093,
  2.086,
  2.08,
  2.074,
  2.069,
  2.064,
  2.06,
  2.056,
  2.052,
  2.048,
  2.045,
];
