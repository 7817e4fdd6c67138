import { describe, expect, it } from 'vitest';
import { randomStream } from '#kernel/random.ts';
import { ArrivalProcess } from './arrivals.ts';
import type { Arrivals, Burst, Stage } from './load.ts';

const flat = (perSecond: number, durationNs = Number.POSITIVE_INFINITY): Stage => ({
  fromPerSecond: perSecond,
  toPerSecond: perSecond,
  durationNs,
});

function arrivals(
  stages: readonly Stage[],
  kind: Arrivals,
  untilNs: number,
  burst?: Burst,
): number[] {
  const random = randomStream(1, 'client/test/arrivals');
  const process = new ArrivalProcess({ stages, arrivals: kind, burst }, 0, random);
  const found: number[] = [];
  for (let at = process.nextNs(); at < untilNs; at = process.nextNs()) found.push(at);
  return found;
}

/** The squared coefficient of variation of the gaps. */
function variation(times: readonly number[]): number {
  const gaps = times.slice(1).map((at, index) => at - times[index]!);
  const mean = gaps.reduce((a, b) => a + b, 0) / gaps.length;
  const variance = gaps.reduce((sum, gap) => sum + (gap - mean) ** 2, 0) / gaps.length;
  return variance / mean ** 2;
}

describe('arrivals of an open loop', () => {
  it('come evenly, the first one at once, exactly rate × duration of them', () => {
    expect(arrivals([flat(1)], 'constant', 5e9)).toEqual([0, 1e9, 2e9, 3e9, 4e9]);
    expect(arrivals([flat(1)], 'constant', 120e9)).toHaveLength(120);
    expect(arrivals([flat(3)], 'constant', 60e9)).toHaveLength(180);
  });

  it('are memoryless by default: the gaps vary as much as their mean', () => {
    const times = arrivals([flat(1000)], 'poisson', 100e9);
    expect(Math.abs(times.length - 100_000)).toBeLessThan(1000);
    expect(variation(times)).toBeCloseTo(1, 1);
  });

  it('come in bursts with four times that variance', () => {
    const times = arrivals([flat(1000)], 'bursty', 200e9);
    expect(Math.abs(times.length - 200_000) / 200_000).toBeLessThan(0.02);
    expect(variation(times)).toBeGreaterThan(3.6);
    expect(variation(times)).toBeLessThan(4.4);
  });

  it('come on and off at a rate that keeps the mean', () => {
    const burst = { onNs: 1e9, offNs: 4e9 };
    const times = arrivals([flat(10)], 'constant', 10e9, burst);
    expect(times).toHaveLength(100);
    expect(times.filter((at) => at % 5e9 >= 1e9)).toEqual([]);
    const random = arrivals([flat(1000)], 'poisson', 100e9, burst);
    expect(Math.abs(random.length - 100_000)).toBeLessThan(1000);
    expect(random.filter((at) => at % 5e9 >= 1e9)).toEqual([]);
  });

  it('never come at a rate of 0, bursts or none', () => {
    expect(arrivals([flat(0)], 'poisson', Number.POSITIVE_INFINITY)).toEqual([]);
    const burst = { onNs: 1e9, offNs: 4e9 };
    expect(arrivals([flat(0)], 'poisson', Number.POSITIVE_INFINITY, burst)).toEqual([]);
  });

  it('keep to bursts on a ramp, whose end is in the middle of one', () => {
    const ramp: Stage = { fromPerSecond: 0, toPerSecond: 200, durationNs: 10.5e9 };
    const times = arrivals([ramp, flat(200, 9.5e9)], 'constant', 1e15, { onNs: 1e9, offNs: 1e9 });
    // The ramp: 1050, of which on-times have 1000 in ten full seconds and 100 in the last half.
    expect(times.filter((at) => at % 2e9 >= 1e9)).toEqual([]);
    expect(times.length).toBeGreaterThan(2850);
    expect(times.length).toBeLessThan(3050);
  });

  it('follow a ramp: half of them come in the last 29 % of the way up', () => {
    const ramp: Stage = { fromPerSecond: 0, toPerSecond: 200, durationNs: 100e9 };
    const times = arrivals([ramp], 'constant', 1e15);
    expect(times).toHaveLength(10_000);
    expect(times[4999]! / 1e9).toBeCloseTo(100 * Math.SQRT1_2, 1);
  });

  it('follow stages, a pause among them, and end with the last', () => {
    const times = arrivals([flat(10, 1e9), flat(0, 5e9), flat(2, 1e9)], 'constant', 1e15);
    expect(times.filter((at) => at < 1e9)).toHaveLength(10);
    expect(times.filter((at) => at >= 1e9 && at < 6e9)).toHaveLength(0);
    expect(times.filter((at) => at >= 6e9)).toHaveLength(2);
  });

  it('go down a ramp to nothing without running away', () => {
    const down: Stage = { fromPerSecond: 100, toPerSecond: 0, durationNs: 10e9 };
    const times = arrivals([down], 'poisson', 1e15);
    expect(times.length).toBeGreaterThan(400);
    expect(times.length).toBeLessThan(600);
    expect(times.at(-1)).toBeLessThan(10e9);
  });
});
