import { describe, expect, it } from 'vitest';
import { parseInSlices } from './parse-slices.ts';

describe('a slice of parsing', () => {
  it('ends after 12 ms, and a later one begins anew', () => {
    let nowMs = 1000;
    const scheduling = { isInputPending: () => false };
    parseInSlices(scheduling, () => nowMs);
    const askAfter = (ms: number) => {
      nowMs += ms;
      return scheduling.isInputPending();
    };
    expect([0, 4, 4, 3].map(askAfter)).toEqual([false, false, false, false]);
    expect(askAfter(1)).toBe(true);
    expect([100, 4, 4, 3].map(askAfter)).toEqual([false, false, false, false]);
    expect(askAfter(2)).toBe(true);
  });
});
