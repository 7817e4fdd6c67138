import { GaugeWindow } from './gauge-window.ts';
import { Histogram } from './histogram.ts';
import type { RowId } from './recorder.ts';
import { DURATION_BUCKETS } from './row-counts.ts';

/** Binary digits of the histograms of single buckets: percentiles to about one percent. */
const COARSE_BITS = 6;

/**
 * A run in buckets of equal length: requests of each row, durations of each group, gauges. Bucket i
 * covers [i, i + 1) · `stepNs`; what is later than the last bucket falls into it.
 */
export class RunSeries {
  readonly stepNs: number;
  readonly bucketCount: number;
  readonly #counts: (Uint32Array | undefined)[] = [];
  readonly #durationBuckets: (Uint32Array | undefined)[] = [];
  readonly #durationMs: (Float64Array | undefined)[] = [];
  readonly #durations = new Map<string, (Histogram | undefined)[]>();

  constructor(stepNs: number, untilNs: number) {
    this.stepNs = stepNs;
    this.bucketCount = Math.max(1, Math.ceil(untilNs / stepNs));
  }

  count(row: RowId, atNs: number): void {
    let counts = this.#counts[row];
    if (counts === undefined) {
      counts = new Uint32Array(this.bucketCount);
      this.#counts[row] = counts;
    }
    counts[this.bucketOf(atNs)]!++;
  }

  /** A proxy's stream, by its bucket of `DURATION_BOUNDS_MS`. */
  countStream(row: RowId, atNs: number, durationBucket: number, durationNs: number): void {
    let buckets = this.#durationBuckets[row];
    let sums = this.#durationMs[row];
    if (buckets === undefined || sums === undefined) {
      buckets = new Uint32Array(this.bucketCount * DURATION_BUCKETS);
      sums = new Float64Array(this.bucketCount);
      this.#durationBuckets[row] = buckets;
      this.#durationMs[row] = sums;
    }
    const bucket = this.bucketOf(atNs);
    buckets[bucket * DURATION_BUCKETS + durationBucket]!++;
    sums[bucket]! += Math.floor(durationNs / 1e6);
  }

  /** How many streams of each bucket of time fell into each bucket of duration; not cumulative. */
  durationBucketsOf(row: RowId, bucket: number): Uint32Array | undefined {
    const start = bucket * DURATION_BUCKETS;
    return this.#durationBuckets[row]?.subarray(start, start + DURATION_BUCKETS);
  }

  /** The sum of their durations, each in whole milliseconds. */
  durationMsOf(row: RowId, bucket: number): number {
    return this.#durationMs[row]?.[bucket] ?? 0;
  }

  /** The histograms of a group, for `recordDuration`. */
  durationsFor(group: string): (Histogram | undefined)[] {
    let buckets = this.#durations.get(group);
    if (buckets === undefined) {
      buckets = new Array<Histogram | undefined>(this.bucketCount).fill(undefined);
      this.#durations.set(group, buckets);
    }
    return buckets;
  }

  recordDuration(buckets: (Histogram | undefined)[], atNs: number, durationNs: number): void {
    const bucket = this.bucketOf(atNs);
    let histogram = buckets[bucket];
    if (histogram === undefined) {
      histogram = new Histogram(COARSE_BITS);
      buckets[bucket] = histogram;
    }
    histogram.record(durationNs);
  }

  bucketOf(atNs: number): number {
    return Math.min(this.bucketCount - 1, Math.floor(atNs / this.stepNs));
  }

  newGauge(): GaugeSeries {
    return new GaugeSeries(this.stepNs, this.bucketCount);
  }

  /** Per bucket; undefined if the row was never counted. */
  countsOf(row: RowId): Uint32Array | undefined {
    return this.#counts[row];
  }

  /** Per bucket, undefined where nothing ended; for the groups of `groupOf`. */
  durationsOf(group: string): readonly (Histogram | undefined)[] | undefined {
    return this.#durations.get(group);
  }
}

/** A gauge in buckets: the mean, weighted by time, and the maximum of each. */
export class GaugeSeries {
  readonly #stepNs: number;
  readonly #bucketCount: number;
  readonly #means: number[] = [];
  readonly #maxima: number[] = [];
  #open: GaugeWindow;

  constructor(stepNs: number, bucketCount: number) {
    this.#stepNs = stepNs;
    this.#bucketCount = bucketCount;
    this.#open = new GaugeWindow(0, stepNs);
  }

  add(difference: number, nowNs: number): void {
    this.#closeUntil(nowNs);
    this.#open.add(difference, nowNs);
  }

  /** The buckets that began before `nowNs`. */
  read(nowNs: number): { readonly mean: Float64Array; readonly max: Float64Array } {
    this.#closeUntil(nowNs);
    const mean = Float64Array.from(this.#means);
    return { mean, max: Float64Array.from(this.#maxima) };
  }

  #closeUntil(nowNs: number): void {
    while (this.#means.length < this.#bucketCount) {
      const endNs = (this.#means.length + 1) * this.#stepNs;
      if (nowNs < endNs) return;
      const { value } = this.#open;
      this.#means.push(this.#open.mean(endNs));
      this.#maxima.push(this.#open.max);
      this.#open = new GaugeWindow(endNs, endNs + this.#stepNs);
      this.#open.add(value, endNs);
    }
  }
}
