import { describe, expect, it } from 'vitest';
import { memoOf, memoOfPairs } from './memo.ts';

describe('a memo', () => {
  it('makes a value once for each object, even one that is undefined', () => {
    const asked: object[] = [];
    const nameOf = memoOf((key: { readonly name?: string }) => {
      asked.push(key);
      return key.name;
    });
    const [a, b] = [{ name: 'a' }, {}];
    expect([a, b, a, b].map(nameOf)).toEqual(['a', undefined, 'a', undefined]);
    expect(asked).toEqual([a, b]);
  });

  it('makes a value once for each pair, in their order', () => {
    let made = 0;
    const pair = memoOfPairs((x: { at: number }, y: { at: number }) => {
      made++;
      return [x.at, y.at];
    });
    const [a, b] = [{ at: 1 }, { at: 2 }];
    expect(pair(a, b)).toBe(pair(a, b));
    expect(pair(b, a)).toEqual([2, 1]);
    expect(made).toBe(2);
  });
});
