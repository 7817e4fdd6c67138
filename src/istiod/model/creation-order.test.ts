import { describe, expect, it } from 'vitest';
import { compareCreation, parseTimestampS } from './creation-order.ts';

describe('a creation timestamp', () => {
  it.each([
    ['1970-01-01T00:00:00Z', 0],
    ['2000-03-01T00:00:00Z', 951868800],
    ['2026-08-01T00:00:00Z', 1785542400],
    ['2026-08-01T02:30:00+02:30', 1785542400],
    ['2026-08-01T00:00:00.5Z', 1785542400],
  ])('%s is second %d', (text, seconds) => {
    expect(parseTimestampS(text)).toBe(seconds);
  });

  it('is none when it is no timestamp', () => {
    expect(parseTimestampS('yesterday')).toBeUndefined();
  });
});

it('sorts by age, then name, then namespace', () => {
  const of = (createdAtS: number, name: string, namespace: string) => ({
    createdAtS,
    name,
    namespace,
  });
  const sorted = [of(2, 'a', 'x'), of(1, 'b', 'y'), of(1, 'b', 'x'), of(1, 'a', 'z')].sort(
    compareCreation,
  );
  expect(sorted.map(({ name, namespace }) => `${name}.${namespace}`)).toEqual([
    'a.z',
    'b.x',
    'b.y',
    'a.x',
  ]);
});
