import { describe, expect, it } from 'vitest';
import { UserPopulation } from './user-population.ts';

function shares(count: number, zipfExponent: number): readonly number[] {
  const population = new UserPopulation({ count, zipfExponent }, 'shop', 1);
  const counts = new Array<number>(count).fill(0);
  const key = { rootNumber: 0, streamHash: 9, callPathHash: 0, attempt: 1 };
  for (let number = 1; number <= 100_000; number++)
    counts[population.userOf({ ...key, rootNumber: number })]!++;
  return counts.map((it) => it / 100_000);
}

describe('a population', () => {
  it('is asked evenly unless popularity says otherwise', () => {
    for (const share of shares(4, 0)) expect(share).toBeCloseTo(0.25, 2);
  });

  it('follows Zipf’s law: the second user sends 2^−s times as often as the first', () => {
    // 1, 1/2, 1/3, 1/4: 0.48, 0.24, 0.16, 0.12.
    expect(shares(4, 1).map((share) => Number(share.toFixed(2)))).toEqual([0.48, 0.24, 0.16, 0.12]);
    const [first = 0, second = 0] = shares(1000, 2);
    expect(first / second).toBeCloseTo(4, 0);
  });
});
