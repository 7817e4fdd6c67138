import { assert } from '#kernel/assert.ts';

/**
 * How often which value was seen, to three significant digits: 1024 buckets of equal width for each
 * power of two, so none is wider than a thousandth of its values. Values below 2048 are exact.
 * Values are integers from 0 to 2⁵³; count, minimum, maximum and (to the last bit) sum are exact.
 *
 * Merging adds counts: the order of recording and merging never shows. The buckets of one power of
 * two are made when the first value falls there, 4 KiB each. With fewer binary digits than the usual
 * ten, everything is coarser and smaller.
 */
export class Histogram {
  count = 0;
  /**
   * Minimum, maximum, and the sum in two parts, `carries` · 2⁵² + `rest`, so that it is exact and
   * order-free. In one array: as fields they would be four numbers in four places.
   */
  readonly #numbers = Float64Array.of(Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0, 0);
  declare private readonly bits: number;
  declare private readonly bucketCount: number;
  /** By power of two; the first holds the values below 2 to the `bits`. */
  declare private readonly octaves: (Uint32Array | undefined)[];

  constructor(bits = 10) {
    this.bits = bits;
    this.bucketCount = 1 << bits;
    this.octaves = new Array<Uint32Array | undefined>(MAX_BITS + 1 - bits).fill(undefined);
  }

  record(value: number): void {
    this.count++;
    const numbers = this.#numbers;
    const rest = numbers[REST]! + value;
    numbers[REST] = rest;
    if (rest >= CARRY) this.#carry();
    if (value < numbers[MIN]!) numbers[MIN] = value;
    if (value > numbers[MAX]!) numbers[MAX] = value;
    const bucketCount = this.bucketCount;
    if (value < 2147483648) {
      // A small integer: the place of its highest bit gives octave and shift.
      const integer = value | 0;
      if (integer < bucketCount) this.#bucketsOf(0)[integer]!++;
      else {
        const octave = 32 - this.bits - Math.clz32(integer);
        this.#bucketsOf(octave)[(integer >> (octave - 1)) & (bucketCount - 1)]!++;
      }
    } else {
      const octave = 64 - this.bits - Math.clz32(Math.floor(value / 4294967296));
      this.#bucketsOf(octave)[Math.floor(value / 2 ** (octave - 1)) - bucketCount]!++;
    }
  }

  /** Of all values. */
  get sum(): number {
    return this.#numbers[CARRIES]! * CARRY + this.#numbers[REST]!;
  }

  /** Infinity when empty. */
  get min(): number {
    return this.#numbers[MIN]!;
  }

  /** −Infinity when empty. */
  get max(): number {
    return this.#numbers[MAX]!;
  }

  /** The arithmetic mean; NaN when empty. */
  get mean(): number {
    return this.sum / this.count;
  }

  /**
   * The smallest value that a share `quantile` of all values does not exceed (nearest rank), as the
   * middle of its bucket, never beyond minimum or maximum. NaN when empty.
   */
  valueAt(quantile: number): number {
    if (this.count === 0) return Number.NaN;
    const rank = Math.max(1, Math.ceil(quantile * this.count - this.count * 1e-15));
    if (rank >= this.count) return this.max;
    let seen = 0;
    for (let octave = 0; octave < this.octaves.length; octave++) {
      const buckets = this.octaves[octave];
      if (buckets === undefined) continue;
      for (let bucket = 0; bucket < this.bucketCount; bucket++) {
        seen += buckets[bucket]!;
        if (seen >= rank)
          return this.#clamp(this.#lowestOf(octave, bucket) + Math.floor(widthOf(octave) / 2));
      }
    }
    assert(false, 'the buckets hold as many values as were recorded');
  }

  /** How many values are at most `limit`; exact for limits at a bucket's upper end. */
  countUpTo(limit: number): number {
    let seen = 0;
    this.forEachBucket((lowest, width, count) => {
      if (lowest + width - 1 <= limit) seen += count;
    });
    return seen;
  }

  /** Every bucket that is not empty, in order of value. */
  forEachBucket(visit: (lowest: number, width: number, count: number) => void): void {
    for (let octave = 0; octave < this.octaves.length; octave++) {
      const buckets = this.octaves[octave];
      if (buckets === undefined) continue;
      const width = widthOf(octave);
      for (let bucket = 0; bucket < this.bucketCount; bucket++) {
        const count = buckets[bucket]!;
        if (count > 0) visit(this.#lowestOf(octave, bucket), width, count);
      }
    }
  }

  /** Adds everything that `other` has seen; both have the same number of digits. */
  merge(other: Histogram): void {
    assert(other.bits === this.bits, 'histograms of one resolution are merged');
    this.count += other.count;
    const numbers = this.#numbers;
    numbers[REST]! += other.#numbers[REST]!;
    numbers[CARRIES]! += other.#numbers[CARRIES]!;
    if (numbers[REST]! >= CARRY) this.#carry();
    numbers[MIN] = Math.min(this.min, other.min);
    numbers[MAX] = Math.max(this.max, other.max);
    for (let octave = 0; octave < this.octaves.length; octave++) {
      const theirs = other.octaves[octave];
      if (theirs === undefined) continue;
      const ours = this.#bucketsOf(octave);
      for (let bucket = 0; bucket < this.bucketCount; bucket++) ours[bucket]! += theirs[bucket]!;
    }
  }

  #carry(): void {
    this.#numbers[REST]! -= CARRY;
    this.#numbers[CARRIES]!++;
  }

  #bucketsOf(octave: number): Uint32Array {
    const known = this.octaves[octave];
    if (known !== undefined) return known;
    const buckets = new Uint32Array(this.bucketCount);
    this.octaves[octave] = buckets;
    return buckets;
  }

  #clamp(value: number): number {
    return Math.min(this.max, Math.max(this.min, value));
  }

  /** The smallest value of a bucket. */
  #lowestOf(octave: number, bucket: number): number {
    return octave === 0 ? bucket : (bucket + this.bucketCount) * widthOf(octave);
  }
}

const MIN = 0;
const MAX = 1;
const REST = 2;
const CARRIES = 3;
const MAX_BITS = 53;
const CARRY = 2 ** 52;

function widthOf(octave: number): number {
  return octave === 0 ? 1 : 2 ** (octave - 1);
}
