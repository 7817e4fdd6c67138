import type { RowId } from './recorder.ts';

/** Upper bounds of Envoy's default histogram buckets in ms; the last bucket has none. */
export const DURATION_BOUNDS_MS: readonly number[] = [
  0.5, 1, 5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10_000, 30_000, 60_000, 300_000, 600_000,
  1_800_000, 3_600_000,
];

/** One for each bound, and one beyond. */
export const DURATION_BUCKETS = DURATION_BOUNDS_MS.length + 1;
const BUCKETS = DURATION_BUCKETS;

/** Numbers of one row, side by side: a request touches one cache line of them. */
const STRIDE = 8;
const COUNT = 0;
const ATTEMPTS = 1;
const REQUEST_BYTES = 2;
const RESPONSE_BYTES = 3;
const DURATION_MS = 4;
const FIRST_NS = 5;
const LAST_NS = 6;

/** What is counted of each row: requests, attempts, bytes and durations in Envoy's buckets. */
export class RowCounts {
  #capacity = 64;
  #numbers = new Float64Array(64 * STRIDE);
  #buckets = new Uint32Array(64 * BUCKETS);

  /** Makes room for `rowCount` rows. */
  reserve(rowCount: number): void {
    if (rowCount <= this.#capacity) return;
    while (this.#capacity < rowCount) this.#capacity *= 2;
    const numbers = new Float64Array(this.#capacity * STRIDE);
    numbers.set(this.#numbers);
    this.#numbers = numbers;
    const buckets = new Uint32Array(this.#capacity * BUCKETS);
    buckets.set(this.#buckets);
    this.#buckets = buckets;
  }

  add(row: RowId, attempts: number, atNs: number): void {
    const numbers = this.#numbers;
    const at = row * STRIDE;
    if (numbers[at + COUNT] === 0) numbers[at + FIRST_NS] = atNs;
    numbers[at + LAST_NS] = atNs;
    numbers[at + COUNT]!++;
    numbers[at + ATTEMPTS]! += attempts;
  }

  /** When the one that was counted first had started; 0 if there is none. */
  firstNsOf(row: RowId): number {
    return this.#numbers[row * STRIDE + FIRST_NS]!;
  }

  lastNsOf(row: RowId): number {
    return this.#numbers[row * STRIDE + LAST_NS]!;
  }

  /**
   * Bytes, and a duration as Envoy's histogram takes it: whole milliseconds. Gives its bucket.
   *
   * @source envoy: source/common/stats/histogram_impl.cc, ConstSupportedBuckets
   */
  addStream(row: RowId, requestBytes: number, responseBytes: number, durationNs: number): number {
    const numbers = this.#numbers;
    const at = row * STRIDE;
    const durationMs = Math.floor(durationNs / 1e6);
    numbers[at + REQUEST_BYTES]! += requestBytes;
    numbers[at + RESPONSE_BYTES]! += responseBytes;
    numbers[at + DURATION_MS]! += durationMs;
    let bucket = 0;
    while (bucket < BUCKETS - 1 && durationMs > DURATION_BOUNDS_MS[bucket]!) bucket++;
    this.#buckets[row * BUCKETS + bucket]!++;
    return bucket;
  }

  countOf(row: RowId): number {
    return this.#numbers[row * STRIDE + COUNT]!;
  }

  attemptsOf(row: RowId): number {
    return this.#numbers[row * STRIDE + ATTEMPTS]!;
  }

  requestBytesOf(row: RowId): number {
    return this.#numbers[row * STRIDE + REQUEST_BYTES]!;
  }

  responseBytesOf(row: RowId): number {
    return this.#numbers[row * STRIDE + RESPONSE_BYTES]!;
  }

  /** The sum of all durations, each in whole milliseconds. */
  durationMsOf(row: RowId): number {
    return this.#numbers[row * STRIDE + DURATION_MS]!;
  }

  /** How many durations fell into each bucket of `DURATION_BOUNDS_MS`, and beyond; not cumulative. */
  durationBucketsOf(row: RowId): readonly number[] {
    return [...this.#buckets.subarray(row * BUCKETS, (row + 1) * BUCKETS)];
  }
}
