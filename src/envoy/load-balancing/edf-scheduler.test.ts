import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EdfScheduler } from './edf-scheduler.ts';

function picksOf(weights: readonly number[], count: number, seed = 0): string {
  const scheduler = new EdfScheduler(weights.length, (entry) => weights[entry]!, seed);
  return Array.from({ length: count }, () => 'ABCDE'[scheduler.pick()]).join('');
}

describe('the EDF scheduler', () => {
  it('takes turns by weight, evenly spread, ties in the order of adding', () => {
    expect(picksOf([1, 2], 6)).toBe('BABBAB');
    expect(picksOf([1, 2, 3], 12)).toBe('CBCABCCBCABC');
  });

  it('started at a seed goes on as if so many picks had been made', () => {
    for (const seed of [1, 2, 5, 17, 1000]) {
      expect(picksOf([1, 2, 3], 12, seed)).toBe(picksOf([1, 2, 3], seed + 12).slice(seed));
    }
  });

  it('reads a weight anew when its entry is added again', () => {
    const weights = [1, 1];
    const scheduler = new EdfScheduler(2, (entry) => weights[entry]!, 0);
    expect([scheduler.pick(), scheduler.pick()]).toEqual([0, 1]);
    weights[0] = 3;
    // Entry 0 is due at 2 with its old weight, then every 1/3.
    expect(Array.from({ length: 6 }, () => scheduler.pick())).toEqual([0, 1, 0, 0, 1, 0]);
  });

  it('gives everybody a share that is off by a few turns at most, whatever weights and seed', () => {
    const weights = fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 2, maxLength: 6 });
    fc.assert(
      fc.property(weights, fc.nat(), (values, seed) => {
        const scheduler = new EdfScheduler(values.length, (entry) => values[entry]!, seed);
        const counts = values.map(() => 0);
        for (let pick = 0; pick < 500; pick++) counts[scheduler.pick()]! += 1;
        const sum = values.reduce((total, weight) => total + weight, 0);
        counts.forEach((count, entry) => {
          expect(Math.abs(count - (500 * values[entry]!) / sum)).toBeLessThanOrEqual(values.length);
        });
      }),
    );
  });
});
