import { describe, expect, it } from 'vitest';
import { median, medianInterval } from './median.ts';

const oneTo = (count: number) => Array.from({ length: count }, (_, index) => index + 1);

describe('the median of runs', () => {
  it('is the value in the middle, or the mean of the two there', () => {
    expect(median([1, 2, 9])).toBe(2);
    expect(median([1, 2, 4, 9])).toBe(3);
    expect(median([])).toBeNaN();
  });

  it('has an interval from six values on, between order statistics', () => {
    // The table in any book: ranks 1 and 6 of 6, 2 and 9 of 10, 6 and 15 of 20, 40 and 61 of 100.
    expect(medianInterval(oneTo(5))).toBeUndefined();
    expect(medianInterval(oneTo(6))).toEqual({ low: 1, high: 6 });
    expect(medianInterval(oneTo(10))).toEqual({ low: 2, high: 9 });
    expect(medianInterval(oneTo(20))).toEqual({ low: 6, high: 15 });
    expect(medianInterval(oneTo(100))).toEqual({ low: 40, high: 61 });
  });
});
