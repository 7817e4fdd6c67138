import { describe, expect, it } from 'vitest';
import { formatProtoDuration, parseDuration, parseProtoDuration } from './duration.ts';
import { parsePercentage, parseRatePerSecond } from './quantity.ts';

describe('durations', () => {
  it.each([
    ['1.5s', 1_500_000_000],
    ['250ms', 250_000_000],
    ['1h', 3_600_000_000_000],
    ['1h2m3.5s', 3_723_500_000_000],
    ['0', 0],
    ['-2s', -2_000_000_000],
    ['0.5ms', 500_000],
    ['.5s', 500_000_000],
    ['5µs', 5_000],
    ['1.0000000009s', 1_000_000_000],
  ])('reads %s as %d ns', (text, ns) => expect(parseDuration(text)).toBe(ns));

  it.each(['', '5', 's', '.s', '1d', 'soon', '1 s', '1s ', '1e3s', '-', '99999999h'])(
    'finds no duration in %j',
    (text) => expect(parseDuration(text)).toBeUndefined(),
  );

  it('reads of protobuf JSON only whole and decimal seconds', () => {
    expect(parseProtoDuration('2.5s')).toBe(2_500_000_000);
    expect(parseProtoDuration('250ms')).toBeUndefined();
  });

  it('writes protobuf JSON with 0, 3, 6 or 9 decimals', () => {
    expect([0, 2_500_000_000, 1_000, 1, -1_500_000_000].map(formatProtoDuration)).toEqual([
      '0s',
      '2.500s',
      '0.000001s',
      '0.000000001s',
      '-1.500s',
    ]);
  });
});

describe('percentages and rates', () => {
  it('reads a percentage as its number', () => {
    expect(['5%', '0.1 %', '100%', '5', '%', '5%%'].map(parsePercentage)).toEqual([
      5,
      0.1,
      100,
      undefined,
      undefined,
      undefined,
    ]);
  });

  it('reads a rate per second, minute, hour or duration', () => {
    expect(
      ['50/s', '3000/m', '36/h', '10/500ms', '50', '5/0s', '-1/s'].map(parseRatePerSecond),
    ).toEqual([50, 50, 0.01, 20, undefined, undefined, undefined]);
  });
});
