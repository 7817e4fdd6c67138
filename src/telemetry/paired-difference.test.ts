import { describe, expect, it } from 'vitest';
import { randomStream } from '#kernel/random.ts';
import { pairedMeans, pairedPercentiles } from './paired-difference.ts';

const random = randomStream(1, 'paired-difference.test');
const sample = (count: number) => Array.from({ length: count }, () => random.uniform());

describe('a paired difference', () => {
  it('of the same numbers is nothing at all, surely', () => {
    const values = sample(20);
    expect(pairedMeans(values, values)).toMatchObject({
      difference: 0,
      interval: { low: 0, high: 0 },
    });
  });

  it('sees a small shift that the spread of either run would hide', () => {
    const a = sample(300);
    const b = a.map((value) => value + 0.001 * (1 + random.uniform()));
    const { difference, interval } = pairedMeans(a, b);
    expect(difference).toBeCloseTo(0.0015, 4);
    expect(interval?.low).toBeGreaterThan(0.001);
    expect(interval?.high).toBeLessThan(0.002);
  });

  it('covers the true difference in about 95 % of all experiments', () => {
    let covered = 0;
    for (let experiment = 0; experiment < 400; experiment++) {
      const a = sample(90);
      const b = a.map((value) => value + random.uniform() - 0.5);
      const { interval } = pairedMeans(a, b);
      if (interval !== undefined && interval.low <= 0 && interval.high >= 0) covered++;
    }
    // 99.9 % of binomials of 400 at 95 % lie here.
    expect(covered).toBeGreaterThanOrEqual(364);
    expect(covered).toBeLessThanOrEqual(395);
  });

  it('of a percentile has no interval where batches would have too few values beyond it', () => {
    const a = sample(400);
    const b = a.map((value) => value * 2);
    expect(pairedPercentiles(a, b, 0.99).interval).toBeUndefined();
    const { difference, interval } = pairedPercentiles(a, b, 0.5);
    expect(difference).toBeCloseTo(0.5, 1);
    expect(interval?.low).toBeGreaterThan(0.3);
  });

  it('of nothing is not a number', () => {
    expect(pairedMeans([], [])).toMatchObject({ a: Number.NaN, interval: undefined });
  });
});
