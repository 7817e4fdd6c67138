import { describe, expect, it } from 'vitest';
import { missOf } from './interval.ts';
import { LAWS } from './laws.ts';

const REQUESTS = 1_000_000;

describe.each(LAWS.slice(-1))('$name', ({ cases }) => {
  it.each(cases.map((one, index) => ({ ...one, seed: index + 1 })))(
    'are inside their 99.9 % interval: $name',
    ({ simulate, expected, seed }) => {
      expect(missOf(simulate(REQUESTS, seed), expected)).toBe('');
    },
  );
});
