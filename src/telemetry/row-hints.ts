import { NONE, type RowId } from './recorder.ts';

/**
 * The rows that were counted last, by what tells them apart most: the host. What comes next most
 * likely belongs to the row that came last from there, and comparing is cheaper than looking it up
 * (bench/recorder.mjs).
 */
export class RowHints {
  readonly #rows = new Int32Array(SIZE).fill(NONE);

  of(host: number): RowId {
    return this.#rows[host & (SIZE - 1)]!;
  }

  set(host: number, row: RowId): void {
    this.#rows[host & (SIZE - 1)] = row;
  }
}

/** A power of two; a cache line of them. */
const SIZE = 16;
