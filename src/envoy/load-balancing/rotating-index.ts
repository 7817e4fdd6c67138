import { modWords, type Uint64 } from '#kernel/uint64.ts';

/**
 * A 64-bit index that counts up and is read modulo the size of a list. The size may change: the index
 * goes on, read by the new modulus.
 *
 * @source envoy: load_balancing_policies/round_robin/round_robin_lb.h, rr_indexes_
 */
export class RotatingIndex {
  #high: number;
  #low: number;
  #size = 1;
  /** The index modulo the size. */
  #cursor = 0;

  constructor(start: Uint64) {
    this.#high = start.high;
    this.#low = start.low;
  }

  /** From now on read modulo `size`, at least 1. */
  resize(size: number): void {
    this.#size = size;
    this.#cursor = modWords(this.#high, this.#low, size);
  }

  /** The index modulo the size; counts up. */
  next(): number {
    const cursor = this.#cursor;
    this.#cursor = cursor + 1 === this.#size ? 0 : cursor + 1;
    this.#low = (this.#low + 1) >>> 0;
    if (this.#low === 0) this.#carry();
    return cursor;
  }

  #carry(): void {
    this.#high = (this.#high + 1) >>> 0;
    this.resize(this.#size); // Behind 2⁶⁴ − 1 comes 0, wherever the cursor was.
  }
}
