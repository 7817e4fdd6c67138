import { type Interval, incompleteBeta } from './statistics.ts';

/** The middle of sorted values; the mean of the two in the middle. NaN without values. */
export function median(sorted: readonly number[]): number {
  const low = sorted[Math.floor((sorted.length - 1) / 2)];
  const high = sorted[Math.floor(sorted.length / 2)];
  return low === undefined || high === undefined ? Number.NaN : (low + high) / 2;
}

/**
 * The 95 % interval of the median that sorted values were drawn from, between two of the values; right for
 * any distribution. Undefined for fewer than six values: not even the smallest and the largest are sure.
 *
 * @source W. R. Thompson, Annals of Mathematical Statistics 7 (1936), 122–128
 */
export function medianInterval(sorted: readonly number[]): Interval | undefined {
  const count = sorted.length;
  let rank = -1;
  while (rank + 1 < count / 2 && atMostHeads(count, rank + 1) <= TAIL) rank++;
  if (rank < 0) return undefined;
  return { low: sorted[rank]!, high: sorted[count - 1 - rank]! };
}

const TAIL = 0.025;

/** The chance that a fair coin, thrown `count` times, shows at most so many heads. */
function atMostHeads(count: number, most: number): number {
  return incompleteBeta(count - most, most + 1, 0.5);
}
