import { describe, expect, it } from 'vitest';
import { missOf } from './interval.ts';
import { LAWS } from './laws.ts';

const REQUESTS = 1_000_000;

// `npm run theory`: a million requests for each of twenty sets of parameters, seed 1 to 20.
describe.each(LAWS.slice(0, -1))('$name', ({ cases }) => {
  it.each(cases.map((one, index) => ({ ...one, seed: index + 1 })))(
    'is inside its 99.9 % interval: $name',
    ({ simulate, expected, seed }) => {
      expect(missOf(simulate(REQUESTS, seed), expected)).toBe('');
    },
  );
});
