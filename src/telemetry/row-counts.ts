import type { RowId } from './recorder.ts';

/** Upper bounds of Envoy's default histogram buckets in ms; the last bucket has none. */
export const DURATION_BOUNDS_MS: readonly number[] = [
  0.5, 1, 5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10_000, 30_000, 60_000, 300_000, 600_000,
  1_800_000, 3_600_000,
];

const BUCKETS = DURATION_BOUNDS_MS.length + 1;

/** What is counted of each row, in columns: requests, attempts, bytes and durations in Envoy's buckets. */
export class RowCounts {
  #capacity = 64;
  #count = new Float64Array(64);
  #attempts = new Float64Array(64);
  #requestBytes = new Float64Array(64);
  #responseBytes = new Float64Array(64);
  #durationMs = new Float64Array(64);
  #buckets = new Uint32Array(64 * BUCKETS);

  /** Makes room for `rowCount` rows. */
  reserve(rowCount: number): void {
    if (rowCount <= this.#capacity) return;
    while (this.#capacity < rowCount) this.#capacity *= 2;
    this.#count = grown(this.#count, this.#capacity);
    this.#attempts = grown(this.#attempts, this.#capacity);
    this.#requestBytes = grown(this.#requestBytes, this.#capacity);
    this.#responseBytes = grown(this.#responseBytes, this.#capacity);
    this.#durationMs = grown(this.#durationMs, this.#capacity);
    const buckets = new Uint32Array(this.#capacity * BUCKETS);
    buckets.set(this.#buckets);
    this.#buckets = buckets;
  }

  add(row: RowId, attempts: number): void {
    this.#count[row]!++;
    this.#attempts[row]! += attempts;
  }

  addBytes(row: RowId, requestBytes: number, responseBytes: number): void {
    this.#requestBytes[row]! += requestBytes;
    this.#responseBytes[row]! += responseBytes;
  }

  /**
   * A duration as Envoy's histogram takes it: whole milliseconds.
   *
   * @source envoy: source/common/stats/histogram_impl.cc, ConstSupportedBuckets
   */
  addDuration(row: RowId, durationNs: number): void {
    const durationMs = Math.floor(durationNs / 1e6);
    this.#durationMs[row]! += durationMs;
    let bucket = 0;
    while (bucket < BUCKETS - 1 && durationMs > DURATION_BOUNDS_MS[bucket]!) bucket++;
    this.#buckets[row * BUCKETS + bucket]!++;
  }

  countOf(row: RowId): number {
    return this.#count[row]!;
  }

  attemptsOf(row: RowId): number {
    return this.#attempts[row]!;
  }

  requestBytesOf(row: RowId): number {
    return this.#requestBytes[row]!;
  }

  responseBytesOf(row: RowId): number {
    return this.#responseBytes[row]!;
  }

  /** The sum of all durations, each in whole milliseconds. */
  durationMsOf(row: RowId): number {
    return this.#durationMs[row]!;
  }

  /** How many durations fell into each bucket of `DURATION_BOUNDS_MS`, and beyond; not cumulative. */
  durationBucketsOf(row: RowId): readonly number[] {
    return [...this.#buckets.subarray(row * BUCKETS, (row + 1) * BUCKETS)];
  }
}

function grown(column: Float64Array<ArrayBuffer>, capacity: number): Float64Array<ArrayBuffer> {
  const copy = new Float64Array(capacity);
  copy.set(column);
  return copy;
}
