import { describe, expect, it } from 'vitest';
import { StatsHistogram } from './stats-histogram.ts';

function histogramOf(...values: readonly number[]): StatsHistogram {
  const histogram = new StatsHistogram();
  for (const value of values) histogram.record(value, 0);
  return histogram;
}

describe('a histogram of /stats', () => {
  it('prints what Envoy 1.40 printed of these times', () => {
    const histogram = histogramOf(6, 108, 39, 103, 7, 104, 0, 102, 48, 109, 0, 102);
    expect(histogram.text(0)).toBe(
      'P0(0,0) P25(6.05,6.05) P50(48.5,48.5) P75(104.28571428571429,104.28571428571429) ' +
        'P90(107.14285714285714,107.14285714285714) P95(108.57142857142857,108.57142857142857) ' +
        'P99(108.57142857142857,108.57142857142857) P99.5(108.57142857142857,108.57142857142857) ' +
        'P99.9(108.57142857142857,108.57142857142857) P100(108.57142857142857,108.57142857142857)',
    );
    expect(histogramOf(32, 931).text(0)).toContain('P50(32.5,32.5) P75(935.0000000000001,');
  });

  it('forgets an interval between two flushes, but not the whole', () => {
    const histogram = histogramOf(1);
    expect(histogram.text(6e9)).toContain('P50(nan,1.05)');
    histogram.record(20, 6e9);
    expect(histogram.text(7e9)).toContain('P50(20.5,1.05) P75(20.5,20.5)');
  });

  it('counts spans in whole milliseconds', () => {
    const histogram = new StatsHistogram();
    expect(histogram.isEmpty).toBe(true);
    histogram.recordSpan(1e6, 3.9e6);
    expect(histogram.text(4e6)).toContain('P100(2.05,2.05)');
  });
});
