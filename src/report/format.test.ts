import { describe, expect, it } from 'vitest';
import {
  durationText,
  momentText,
  numberText,
  rateText,
  ratioText,
  shareText,
  windowText,
} from './format.ts';

describe('numbers in summaries', () => {
  it.each([
    [0, '0'],
    [1, '1ns'],
    [85_300, '85.3µs'],
    [999_499, '999µs'],
    [999_500, '1ms'],
    [14_000_000, '14ms'],
    [14_200_000, '14.2ms'],
    [402_400_000, '402ms'],
    [999_600_000, '1s'],
    [1_234_000_000, '1.23s'],
    [61_200_000_000, '61.2s'],
    [119.97e9, '120s'],
    [150e9, '2m30s'],
    [3_600e9, '1h'],
    [Number.NaN, '–'],
    [Number.NEGATIVE_INFINITY, '–'],
  ])('a duration of %d ns is %s', (ns, text) => {
    expect(durationText(ns)).toBe(text);
  });

  it.each([
    [0, '0%'],
    [1, '100%'],
    [0.963, '96.3%'],
    [0.1, '10.0%'],
    [0.9999, '99.99%'],
    [0.99999, '99.99%'],
    [0.0002, '0.020%'],
    [0.00123, '0.1%'],
    [Number.NaN, '–'],
  ])('a share of %d is %s', (share, text) => {
    expect(shareText(share)).toBe(text);
  });

  it('rates, ratios, moments and plain numbers have their own digits', () => {
    expect([50, 1234.4, 0.5, 3.1234, 999.6].map(rateText)).toEqual([
      '50.0/s',
      '1234/s',
      '0.500/s',
      '3.12/s',
      '1000/s',
    ]);
    expect([1, 1.234].map(ratioText)).toEqual(['1.00', '1.23']);
    expect([61.2e9, 100e9].map(momentText)).toEqual(['61.2s', '100.0s']);
    expect([120e9, 0.5e9].map(windowText)).toEqual(['120s', '0.5s']);
    expect([5, 2.5, 1e-7].map(numberText)).toEqual(['5', '2.50', '0.000000100']);
  });
});
