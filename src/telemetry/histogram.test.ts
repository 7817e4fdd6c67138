import { build } from 'hdr-histogram-js';
import { describe, expect, it } from 'vitest';
import { exp } from '#kernel/math.ts';
import { randomStream } from '#kernel/random.ts';
import { Histogram } from './histogram.ts';

const of = (...values: number[]) => {
  const histogram = new Histogram();
  for (const value of values) histogram.record(value);
  return histogram;
};

/** Latencies from microseconds to minutes, in nanoseconds. */
function latencies(count: number, name = 'latencies'): number[] {
  const random = randomStream(1, name);
  return Array.from({ length: count }, () => Math.floor(exp(7 + random.uniform() * 18)));
}

describe('a histogram', () => {
  it('has nothing to say when it is empty', () => {
    expect(new Histogram().valueAt(0.5)).toBeNaN();
    expect(new Histogram().mean).toBeNaN();
    expect(new Histogram().count).toBe(0);
  });

  it('is exact below 2048, by nearest rank', () => {
    const histogram = of(...Array.from({ length: 1000 }, (_, index) => index + 1));
    expect([0, 0.001, 0.5, 0.9, 0.99, 0.999, 1].map((q) => histogram.valueAt(q))).toEqual([
      1, 1, 500, 900, 990, 999, 1000,
    ]);
    expect([histogram.count, histogram.mean, histogram.min, histogram.max]).toEqual([
      1000, 500.5, 1, 1000,
    ]);
  });

  it('keeps three significant digits of every size of value', () => {
    for (let value = 1; value < 2 ** 53; value = Math.floor(value * 1.7) + 1) {
      const histogram = of(value, value, 2 ** 53 - 1);
      expect(Math.abs(histogram.valueAt(0.5) / value - 1)).toBeLessThan(0.0005);
      expect(histogram.valueAt(1)).toBe(2 ** 53 - 1);
    }
  });

  it('puts powers of two and their neighbours where they belong', () => {
    for (let power = 1; power < 53; power++) {
      for (const value of [2 ** power - 1, 2 ** power, 2 ** power + 1]) {
        const histogram = of(value);
        let found = 0;
        histogram.forEachBucket((lowest, width, count) => {
          found += count;
          expect(lowest <= value && value < lowest + width).toBe(true);
          expect(width <= Math.max(1, value / 1000)).toBe(true);
        });
        expect(found).toBe(1);
      }
    }
  });

  it('agrees with HdrHistogram within the width of their buckets', () => {
    const oracle = build({
      lowestDiscernibleValue: 1,
      highestTrackableValue: 1e12,
      numberOfSignificantValueDigits: 3,
    });
    const own = new Histogram();
    for (const value of latencies(100_000)) {
      own.record(value);
      oracle.recordValue(value);
    }
    for (const quantile of [0.001, 0.1, 0.5, 0.9, 0.99, 0.999, 0.9999]) {
      const theirs = oracle.getValueAtPercentile(quantile * 100);
      expect(Math.abs(own.valueAt(quantile) / theirs - 1)).toBeLessThan(0.001);
    }
    expect(own.max / oracle.maxValue).toBeCloseTo(1, 2);
    expect(own.mean / oracle.mean).toBeCloseTo(1, 3);
  });

  it('merges to the same whatever the order', () => {
    const parts = ['a', 'b', 'c'].map((name) => of(...latencies(1000, name)));
    const forward = new Histogram();
    for (const part of parts) forward.merge(part);
    const backward = new Histogram();
    for (const part of [...parts].reverse()) backward.merge(part);
    const whole = of(...['a', 'b', 'c'].flatMap((name) => latencies(1000, name)));
    for (const merged of [forward, backward]) {
      expect([merged.count, merged.sum, merged.min, merged.max]).toEqual([
        whole.count,
        whole.sum,
        whole.min,
        whole.max,
      ]);
      for (const quantile of [0.01, 0.5, 0.99]) {
        expect(merged.valueAt(quantile)).toBe(whole.valueAt(quantile));
      }
    }
  });

  it('counts what lies at or below a limit', () => {
    const histogram = of(1, 5, 5, 10, 2000, 1e6);
    expect([0, 1, 5, 10, 2000, 2e6].map((limit) => histogram.countUpTo(limit))).toEqual([
      0, 1, 3, 4, 5, 6,
    ]);
  });

  it('is coarser with fewer digits', () => {
    const histogram = new Histogram(6);
    for (const value of latencies(10_000)) histogram.record(value);
    const exact = latencies(10_000).sort((a, b) => a - b);
    for (const quantile of [0.1, 0.5, 0.99]) {
      expect(histogram.valueAt(quantile) / exact[quantile * 10_000 - 1]!).toBeCloseTo(1, 1);
      expect(
        Math.abs(histogram.valueAt(quantile) / exact[quantile * 10_000 - 1]! - 1),
      ).toBeLessThan(0.009);
    }
    expect(() => histogram.merge(new Histogram())).toThrow('one resolution');
  });
});
