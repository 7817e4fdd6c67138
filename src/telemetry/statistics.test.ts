import { describe, expect, it } from 'vitest';
import { randomStream } from '#kernel/random.ts';
import {
  batchMeansInterval,
  binomialInterval,
  drawsNeeded,
  incompleteBeta,
  logGamma,
  lowerGamma,
  poissonInterval,
} from './statistics.ts';

/** The probability of at most `hits` of `count` draws, term by term. */
function binomialUpTo(hits: number, count: number, share: number): number {
  let term = (1 - share) ** count;
  let sum = term;
  for (let k = 1; k <= hits; k++) {
    term *= ((count - k + 1) / k) * (share / (1 - share));
    sum += term;
  }
  return sum;
}

describe('the exact binomial interval', () => {
  it('has the published bounds', () => {
    // R: binom.test(10, 100)$conf.int and binom.test(0, 20), at 95 %.
    const ten = binomialInterval(10, 100, 0.95);
    expect(ten.low).toBeCloseTo(0.04900469, 7);
    expect(ten.high).toBeCloseTo(0.1762226, 7);
    const none = binomialInterval(0, 20, 0.95);
    expect([none.low, none.high]).toEqual([0, expect.closeTo(0.1684335, 6)]);
    const all = binomialInterval(20, 20, 0.95);
    expect([all.low, all.high]).toEqual([expect.closeTo(0.8315665, 6), 1]);
  });

  it('puts half a percent beyond each bound, whatever the counts', () => {
    for (const [hits, count] of [
      [1, 10],
      [37, 90],
      [300, 600],
    ] as const) {
      const { low, high } = binomialInterval(hits, count);
      expect(1 - binomialUpTo(hits - 1, count, low)).toBeCloseTo(0.005, 8);
      expect(binomialUpTo(hits, count, high)).toBeCloseTo(0.005, 8);
    }
  });

  it('says what the documentation says of a 10 % weight', () => {
    // 99 % of runs show 76–125 of 1000: those counts have 10 % in their interval, their neighbours not.
    const covers = (hits: number) => {
      const { low, high } = binomialInterval(hits, 1000);
      return low <= 0.1 && 0.1 <= high;
    };
    expect([76, 125].map(covers)).toEqual([true, true]);
    expect([74, 128].map(covers)).toEqual([false, false]);
  });

  it('knows nothing of nothing', () => {
    expect(binomialInterval(0, 0)).toEqual({ low: 0, high: 1 });
  });

  it('comes to the normal approximation for a million draws', () => {
    const { low, high } = binomialInterval(100_000, 1_000_000);
    expect(low).toBeCloseTo(0.1 - 2.5758 * 0.0003, 5);
    expect(high).toBeCloseTo(0.1 + 2.5758 * 0.0003, 5);
  });
});

describe('other intervals', () => {
  it('are exact for a Poisson count', () => {
    // Garwood's table at 95 %: 0 → 0..3.689, 10 → 4.795..18.390.
    expect(poissonInterval(0, 0.95).high).toBeCloseTo(3.688879, 5);
    expect(poissonInterval(10, 0.95).low).toBeCloseTo(4.795389, 5);
    expect(poissonInterval(10, 0.95).high).toBeCloseTo(18.390356, 5);
  });

  it('cover the mean of independent batches in 99 of 100 runs', () => {
    let covered = 0;
    for (let run = 0; run < 1000; run++) {
      const random = randomStream(run, 'batches');
      const means = Array.from({ length: 64 }, () => random.uniform());
      const { low, high } = batchMeansInterval(means)!;
      if (low <= 0.5 && 0.5 <= high) covered++;
    }
    expect(covered).toBeGreaterThan(975);
    expect(covered).toBeLessThan(999);
    expect(batchMeansInterval([1, 2, 3])).toBeUndefined();
  });

  it('say how many draws a tolerance needs', () => {
    expect(drawsNeeded(0.1, 0.02)).toBe(1493);
  });
});

describe('the functions behind them', () => {
  it('have their known values', () => {
    expect(logGamma(1)).toBeCloseTo(0, 13);
    expect(logGamma(0.5)).toBeCloseTo(0.5723649429247001, 12);
    expect(logGamma(100) / 359.1342053695754).toBeCloseTo(1, 13);
    expect(incompleteBeta(2, 3, 0.5)).toBeCloseTo(0.6875, 12);
    expect(incompleteBeta(0.5, 0.5, 0.25)).toBeCloseTo(1 / 3, 12);
    expect(lowerGamma(1, 2)).toBeCloseTo(1 - Math.exp(-2), 12);
    expect(lowerGamma(3, 10)).toBeCloseTo(0.9972306, 6);
  });
});
