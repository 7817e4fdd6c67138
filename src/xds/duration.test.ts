import { describe, expect, it } from 'vitest';
import { durationMs, durationNs } from './duration.ts';

describe('a protobuf duration', () => {
  it.each([
    ['0s', 0],
    ['2.5s', 2_500_000_000],
    ['0.000000001s', 1],
    ['-1.5s', -1_500_000_000],
    ['3600s', 3_600_000_000_000],
  ])('%s is %d ns', (text, ns) => {
    expect(durationNs(text)).toBe(ns);
  });

  it('is cut off to whole milliseconds where Envoy decides in them', () => {
    expect(durationMs('0.0259s')).toBe(25);
  });

  it('is absent for anything else', () => {
    expect(durationNs(undefined)).toBeUndefined();
    expect(durationNs('2m')).toBeUndefined();
    expect(durationMs('1.s')).toBeUndefined();
  });
});
