import {
  randomExponential,
  randomGamma,
  randomLogNormal,
  randomNormal,
  randomPareto,
  randomUniform,
  randomWeibull,
} from 'd3-random';
import { describe, expect, it } from 'vitest';
import { randomStream } from '#kernel/random.ts';
import { type Latency, latencySampler } from './latency.ts';

const COUNT = 20_000;
/** 1.95 · √(2 / n) is the 99.9 % point of two samples. */
const LIMIT = 1.95 * Math.sqrt(2 / COUNT);

function drawn(latency: Latency): number[] {
  const random = randomStream(11, latency.kind);
  const sampler = latencySampler(latency);
  return Array.from({ length: COUNT }, () => sampler.sampleNs(random.uniform()));
}

/** The greatest distance between the distribution functions of two samples (Kolmogorov, Smirnov). */
function distance(a: readonly number[], b: readonly number[]): number {
  const [first, second] = [a, b].map((values) => [...values].sort((x, y) => x - y));
  let most = 0;
  let index = 0;
  first!.forEach((value, rank) => {
    while (index < COUNT && second![index]! < value) index++;
    most = Math.max(most, Math.abs(index - rank) / COUNT);
  });
  return most;
}

const mean = (values: readonly number[]) =>
  values.reduce((sum, value) => sum + value, 0) / values.length;
const deviation = (values: readonly number[]) => {
  const middle = mean(values);
  return Math.sqrt(mean(values.map((value) => (value - middle) ** 2)));
};

const source = () => {
  const random = randomStream(12, 'd3');
  return () => random.uniform();
};
const d3 = (draw: () => number) => Array.from({ length: COUNT }, draw);

// Log-normal through p50 = 12 ms and p99 = 80 ms: its σ is ln(80 / 12) / 2.3263.
const SIGMA = Math.log(80 / 12) / 2.3263478740408408;

const LAWS: readonly (readonly [Latency, () => readonly number[]])[] = [
  [{ kind: 'exponential', meanNs: 20e6 }, () => d3(randomExponential.source(source())(1 / 20e6))],
  [
    { kind: 'logNormal', low: { percent: 50, ns: 12e6 }, high: { percent: 99, ns: 80e6 } },
    () => d3(randomLogNormal.source(source())(Math.log(12e6), SIGMA)),
  ],
  [{ kind: 'normal', meanNs: 20e6, sdNs: 2e6 }, () => d3(randomNormal.source(source())(20e6, 2e6))],
  [{ kind: 'uniform', fromNs: 5e6, toNs: 9e6 }, () => d3(randomUniform.source(source())(5e6, 9e6))],
  [{ kind: 'gamma', meanNs: 20e6, shape: 2.5 }, () => d3(randomGamma.source(source())(2.5, 8e6))],
  [{ kind: 'gamma', meanNs: 20e6, shape: 0.4 }, () => d3(randomGamma.source(source())(0.4, 50e6))],
  [
    { kind: 'weibull', scaleNs: 10e6, shape: 1.5 },
    () => d3(randomWeibull.source(source())(1.5, 0, 10e6)),
  ],
  [
    { kind: 'pareto', minNs: 5e6, alpha: 3 },
    () => d3(randomPareto.source(source())(3)).map((value) => value * 5e6),
  ],
];

describe('a drawn latency follows its law', () => {
  it.each(LAWS)(
    '$kind: the same distribution, mean and deviation as d3-random draws',
    (latency, reference) => {
      const own = drawn(latency);
      const theirs = reference();
      expect(distance(own, theirs)).toBeLessThan(LIMIT);
      expect(mean(own) / mean(theirs)).toBeCloseTo(1, 1);
      expect(deviation(own) / deviation(theirs)).toBeCloseTo(1, 0);
    },
  );

  it('is told from another of nearly the same mean', () => {
    const [exponential] = LAWS[0]!;
    expect(
      distance(drawn(exponential), drawn({ ...exponential, meanNs: 21.5e6 } as Latency)),
    ).toBeGreaterThan(LIMIT);
  });

  it('gives whole nanoseconds, each from one draw', () => {
    for (const [latency] of LAWS) {
      expect(drawn(latency).every((ns) => Number.isSafeInteger(ns) && ns >= 0)).toBe(true);
    }
  });
});
