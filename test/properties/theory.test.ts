import { describe, expect, it } from 'vitest';
import { type Estimate, missOf } from '../theory/interval.ts';
import { LAWS } from '../theory/laws.ts';

const REQUESTS = 60_000;

/** The set of all of them with a million requests is `npm run theory`. */
describe.each(LAWS)('$name', ({ cases }) => {
  it.each(cases.filter((_, index) => index % 10 === 0))(
    'is inside its 99.9 % interval: $name',
    ({ simulate, expected }) => {
      expect(missOf(simulate(REQUESTS, 1), expected)).toBe('');
    },
  );
});

describe('an interval', () => {
  it('tells a mean that is off', () => {
    const estimate: Estimate = { mean: 10, reach: 0.1 };
    expect(missOf(estimate, 10.05)).toBe('');
    expect(missOf(estimate, 10.2)).toContain('the formula says 10.2');
  });

  it('is narrow enough for the laws to fail: M/M/1 is not M/D/1', () => {
    const [mm1] = LAWS;
    const busy = mm1!.cases[15]!;
    // The wait of M/D/1 is half of that of M/M/1.
    const wrong = 10 + (busy.expected - 10) / 2;
    expect(missOf(busy.simulate(REQUESTS, 1), wrong)).not.toBe('');
  });
});
