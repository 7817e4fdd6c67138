import { describe, expect, it } from 'vitest';
import { inverseGamma } from './inverse-gamma.ts';
import { inverseNormal } from './inverse-normal.ts';
import { type Latency, latencySampler } from './latency.ts';

const MS = 1_000_000;

/** The mean over evenly spaced uniforms: what many draws would tend to. */
function meanMs(latency: Latency, count = 200_000): number {
  const sampler = latencySampler(latency);
  let sum = 0;
  for (let index = 0; index < count; index++) sum += sampler.sampleNs((index + 0.5) / count);
  return sum / count / MS;
}

const at = (latency: Latency, uniform: number): number =>
  latencySampler(latency).sampleNs(uniform) / MS;

describe('a latency', () => {
  it('needs no draw when it is constant', () => {
    expect(latencySampler({ kind: 'constant', ns: 5 * MS }).constantNs).toBe(5 * MS);
  });

  it('runs as log-normal through its two percentiles', () => {
    const latency: Latency = {
      kind: 'logNormal',
      low: { percent: 50, ns: 12 * MS },
      high: { percent: 99, ns: 80 * MS },
    };
    expect(at(latency, 0.5)).toBeCloseTo(12, 5);
    expect(at(latency, 0.99)).toBeCloseTo(80, 4);
  });

  it.each<[string, Latency, number]>([
    ['exponential', { kind: 'exponential', meanNs: 20 * MS }, 20],
    ['normal', { kind: 'normal', meanNs: 20 * MS, sdNs: 2 * MS }, 20],
    ['uniform', { kind: 'uniform', fromNs: 5 * MS, toNs: 15 * MS }, 10],
    ['gamma of shape 3', { kind: 'gamma', meanNs: 30 * MS, shape: 3 }, 30],
    ['gamma of shape 0.4', { kind: 'gamma', meanNs: 30 * MS, shape: 0.4 }, 30],
    ['pareto of alpha 3', { kind: 'pareto', minNs: 10 * MS, alpha: 3 }, 15],
    ['weibull of shape 1', { kind: 'weibull', scaleNs: 10 * MS, shape: 1 }, 10],
  ])('has the mean it was given: %s', (_, latency, mean) => {
    expect(meanMs(latency) / mean).toBeCloseTo(1, 2);
  });

  it('cuts a normal distribution at zero', () => {
    expect(at({ kind: 'normal', meanNs: MS, sdNs: 10 * MS }, 0.001)).toBe(0);
  });

  it('goes in straight lines between percentiles, and from zero to the first', () => {
    const latency: Latency = {
      kind: 'percentiles',
      points: [
        { percent: 50, ns: 10 * MS },
        { percent: 100, ns: 30 * MS },
      ],
    };
    expect([0, 0.25, 0.5, 0.75].map((u) => at(latency, u))).toEqual([0, 5, 10, 20]);
  });

  it('picks measured samples evenly', () => {
    const latency: Latency = { kind: 'samples', sortedNs: [MS, 2 * MS, 4 * MS] };
    expect([0, 0.4, 0.99].map((u) => at(latency, u))).toEqual([1, 2, 4]);
  });

  it('draws the part of a mix and the value in it with one number', () => {
    const latency: Latency = {
      kind: 'mix',
      parts: [
        { weight: 3, latency: { kind: 'uniform', fromNs: 0, toNs: 10 * MS } },
        { weight: 1, latency: { kind: 'constant', ns: 100 * MS } },
      ],
    };
    expect(at(latency, 0.375)).toBeCloseTo(5, 9);
    expect(at(latency, 0.8)).toBe(100);
  });

  it('stays finite in the farthest tails', () => {
    const heavy: Latency = { kind: 'pareto', minNs: MS, alpha: 0.01 };
    expect(latencySampler(heavy).sampleNs(1 - 2 ** -53)).toBe(1e15);
    expect(latencySampler({ kind: 'exponential', meanNs: MS }).sampleNs(1 - 2 ** -53)).toBe(
      36_736_801,
    );
  });
});

describe('the normal quantile', () => {
  it('agrees with tables', () => {
    expect(inverseNormal(0.5)).toBe(0);
    expect(inverseNormal(0.975)).toBeCloseTo(1.959963984540054, 14);
    expect(inverseNormal(0.99)).toBeCloseTo(2.3263478740408408, 14);
    expect(inverseNormal(1e-10)).toBeCloseTo(-6.361340902404056, 12);
  });

  it('is finite at both ends', () => {
    expect(Number.isFinite(inverseNormal(0))).toBe(true);
    expect(Number.isFinite(inverseNormal(1))).toBe(true);
  });
});

describe('the gamma quantile', () => {
  it('is the exponential one for shape 1', () => {
    for (const p of [0.001, 0.1, 0.5, 0.9, 0.999])
      expect(inverseGamma(1, p)).toBeCloseTo(-Math.log(1 - p), 9);
  });

  it('agrees with the chi-squared table', () => {
    // The 95th percentile of chi-squared with 10 degrees of freedom is 18.307.
    expect(2 * inverseGamma(5, 0.95)).toBeCloseTo(18.307038053275146, 6);
  });
});
