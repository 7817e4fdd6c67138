import { describe, expect, it } from 'vitest';
import { base64Fault } from './go-base64.ts';

describe('base64 as Go decodes it', () => {
  it.each(['', 'aGVsbG8=', 'eA==', 'YWJj', 'YW\nJj', 'eA=\n='])('takes %j', (text) => {
    expect(base64Fault(text)).toBeUndefined();
  });

  // The indices are what Go 1.26's base64.StdEncoding says.
  it.each([
    ['{"a":1}', 0],
    ['hello', 4],
    ['YWI', 0],
    ['YWJjZA=', 7],
    ['YWJj=', 4],
    ['eA==x', 4],
    ['eA=x', 2],
    ['YWJj!', 4],
  ])('refuses %j at byte %i', (text, at) => {
    expect(base64Fault(text)).toBe(at);
  });
});
