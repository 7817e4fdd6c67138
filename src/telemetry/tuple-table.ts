/** Words of one tuple. */
const TUPLE_WORDS = 7;

/**
 * Tuples of seven 32-bit words, each given the next row number when it is first seen. Open addressing
 * over two typed arrays; looking a tuple up allocates nothing.
 */
export class TupleTable {
  rowCount = 0;
  #words = new Int32Array(TUPLE_WORDS * 64);
  /** Row + 1 by hash; 0 = free. At most half full. */
  #index = new Int32Array(128);

  rowOf(a: number, b: number, c: number, d: number, e: number, f: number, g: number): number {
    const mask = this.#index.length - 1;
    let at = hashOf(a, b, c, d, e, f, g) & mask;
    for (;;) {
      const row = this.#index[at]! - 1;
      if (row < 0) return this.#add(at, a, b, c, d, e, f, g);
      if (this.#is(row, a, b, c, d, e, f, g)) return row;
      at = (at + 1) & mask;
    }
  }

  #is(
    row: number,
    a: number,
    b: number,
    c: number,
    d: number,
    e: number,
    f: number,
    g: number,
  ): boolean {
    const words = this.#words;
    const start = row * TUPLE_WORDS;
    return (
      words[start] === a &&
      words[start + 1] === b &&
      words[start + 2] === c &&
      words[start + 3] === d &&
      words[start + 4] === e &&
      words[start + 5] === f &&
      words[start + 6] === g
    );
  }

  /** Word `word` (0 to 6) of a row. */
  word(row: number, word: number): number {
    return this.#words[row * TUPLE_WORDS + word]!;
  }

  #add(
    at: number,
    a: number,
    b: number,
    c: number,
    d: number,
    e: number,
    f: number,
    g: number,
  ): number {
    const row = this.rowCount++;
    const start = row * TUPLE_WORDS;
    if (start === this.#words.length) {
      const words = new Int32Array(start * 2);
      words.set(this.#words);
      this.#words = words;
    }
    this.#words.set([a, b, c, d, e, f, g], start);
    this.#index[at] = row + 1;
    if (this.rowCount * 2 > this.#index.length) this.#rehash();
    return row;
  }

  #rehash(): void {
    const index = new Int32Array(this.#index.length * 2);
    const mask = index.length - 1;
    for (let row = 0; row < this.rowCount; row++) {
      const w = (word: number) => this.word(row, word);
      let at = hashOf(w(0), w(1), w(2), w(3), w(4), w(5), w(6)) & mask;
      while (index[at] !== 0) at = (at + 1) & mask;
      index[at] = row + 1;
    }
    this.#index = index;
  }
}

function hashOf(
  a: number,
  b: number,
  c: number,
  d: number,
  e: number,
  f: number,
  g: number,
): number {
  // The products do not wait for one another: half the time of a chain (bench/recorder.mjs).
  const hash =
    (Math.imul(a, 0x9e3779b1) + Math.imul(b, 0x85ebca6b)) ^
    (Math.imul(c, 0xc2b2ae35) + Math.imul(d, 0x27d4eb2f)) ^
    (Math.imul(e, 0x165667b1) + Math.imul(f, 0x21f0aaad) + Math.imul(g, 0x735a2d97));
  const mixed = Math.imul(hash ^ (hash >>> 16), 0x45d9f3b);
  return mixed ^ (mixed >>> 15);
}
