import { type Uint64, ZERO_UINT64 } from './uint64.ts';

/**
 * XXH64 on two 32-bit limbs. A text is hashed as its Latin-1 bytes: a code unit is one byte, as
 * Envoy sees header values; code units above 255 are cut to their low byte.
 *
 * @source https://github.com/Cyan4973/xxHash/blob/dev/doc/xxhash_spec.md, XXH64
 */
export function xxHash64(text: string, seed: Uint64 = ZERO_UINT64): Uint64 {
  const length = text.length;
  let at = 0;
  if (length >= 32) {
    start(STATE, seed);
    for (; at + 32 <= length; at += 32) {
      for (let lane = 0; lane < 4; lane++) {
        const byte = at + 8 * lane;
        round(STATE, lane, wordOf(text, byte + 4), wordOf(text, byte));
      }
    }
    converge(STATE);
  } else {
    addInto(seed.high, seed.low, P5_HIGH, P5_LOW);
  }
  addInto(high, low, 0, length);
  for (; at + 8 <= length; at += 8) absorbLong(wordOf(text, at + 4), wordOf(text, at));
  if (at + 4 <= length) {
    absorbWord(wordOf(text, at));
    at += 4;
  }
  for (; at < length; at++) absorbByte(text.charCodeAt(at) & 0xff);
  avalanche();
  return { high: high >>> 0, low: low >>> 0 };
}

/**
 * XXH64 over a growing sequence of 32-bit words, each four bytes, least significant first. Constant
 * memory; nothing is allocated by `add`.
 */
export class XxHash64Stream {
  readonly #state = new Int32Array(8);
  readonly #block = new Int32Array(8);
  #filled = 0;
  #blockCount = 0;
  declare private readonly seed: Uint64;

  constructor(seed: Uint64 = ZERO_UINT64) {
    this.seed = seed;
    start(this.#state, seed);
  }

  /** `word` is taken modulo 2³². */
  add(word: number): void {
    this.#block[this.#filled++] = word;
    if (this.#filled < 8) return;
    this.#takeBlock(this.#block, 0);
    this.#filled = 0;
  }

  /** The first `count` of `words`, in order. */
  addAll(words: Int32Array, count: number): void {
    let at = 0;
    while (this.#filled > 0 && at < count) this.add(words[at++]!);
    for (; at + 8 <= count; at += 8) this.#takeBlock(words, at);
    while (at < count) this.add(words[at++]!);
  }

  /** The hash of all words so far; more may follow. */
  value(): Uint64 {
    if (this.#blockCount > 0) converge(this.#state);
    else addInto(this.seed.high, this.seed.low, P5_HIGH, P5_LOW);
    const byteCount = (this.#blockCount * 8 + this.#filled) * 4;
    addInto(high, low, Math.floor(byteCount / 2 ** 32), byteCount >>> 0);
    const pairs = this.#filled >> 1;
    for (let pair = 0; pair < pairs; pair++) {
      absorbLong(this.#block[2 * pair + 1]!, this.#block[2 * pair]!);
    }
    if (this.#filled % 2 === 1) absorbWord(this.#block[this.#filled - 1]!);
    avalanche();
    return { high: high >>> 0, low: low >>> 0 };
  }

  /** Eight words from `at` on. */
  #takeBlock(words: Int32Array, at: number): void {
    const state = this.#state;
    for (let lane = 0; lane < 4; lane++) {
      const pair = at + 2 * lane;
      round(state, lane, words[pair + 1]!, words[pair]!);
    }
    this.#blockCount++;
  }
}

const P1_HIGH = 0x9e3779b1;
const P1_LOW = 0x85ebca87;
const P2_HIGH = 0xc2b2ae3d;
const P2_LOW = 0x27d4eb4f;
const P3_HIGH = 0x165667b1;
const P3_LOW = 0x9e3779f9;
const P4_HIGH = 0x85ebca77;
const P4_LOW = 0xc2b2ae63;
const P5_HIGH = 0x27d4eb2f;
const P5_LOW = 0x165667c5;

/** The accumulator that the functions below share: there is one thread, and no pair to allocate. */
let high = 0;
let low = 0;

/** Four accumulators of two words, low first; for whole texts, which are never interleaved. */
const STATE = new Int32Array(8);

function start(state: Int32Array, seed: Uint64): void {
  addInto(seed.high, seed.low, P1_HIGH, P1_LOW);
  addInto(high, low, P2_HIGH, P2_LOW);
  store(state, 0);
  addInto(seed.high, seed.low, P2_HIGH, P2_LOW);
  store(state, 1);
  addInto(seed.high, seed.low, 0, 0);
  store(state, 2);
  addInto(seed.high, seed.low, ~P1_HIGH, -P1_LOW | 0); // Minus P1; its low word is not zero.
  store(state, 3);
}

function store(state: Int32Array, lane: number): void {
  state[2 * lane] = low;
  state[2 * lane + 1] = high;
}

/** One lane takes up eight bytes. In local variables throughout: the digest's cost is made here. */
function round(state: Int32Array, lane: number, inputHigh: number, inputLow: number): void {
  const at = 2 * lane;
  const addedLow = Math.imul(inputLow, P2_LOW);
  const addedHigh =
    Math.imul(inputHigh, P2_LOW) + Math.imul(inputLow, P2_HIGH) + upperProduct(inputLow, P2_LOW);
  const sumLow = (state[at]! + addedLow) | 0;
  const carry = sumLow >>> 0 < addedLow >>> 0 ? 1 : 0;
  const sumHigh = (state[at + 1]! + addedHigh + carry) | 0;
  // Rotated left by 31.
  const turnedLow = (sumLow << 31) | (sumHigh >>> 1);
  const turnedHigh = (sumHigh << 31) | (sumLow >>> 1);
  state[at] = Math.imul(turnedLow, P1_LOW);
  state[at + 1] =
    Math.imul(turnedHigh, P1_LOW) + Math.imul(turnedLow, P1_HIGH) + upperProduct(turnedLow, P1_LOW);
}

function converge(state: Int32Array): void {
  let sumHigh = 0;
  let sumLow = 0;
  for (let lane = 0; lane < 4; lane++) {
    low = state[2 * lane]!;
    high = state[2 * lane + 1]!;
    rotateLeft(lane === 0 ? 1 : lane === 1 ? 7 : lane === 2 ? 12 : 18);
    addInto(high, low, sumHigh, sumLow);
    sumHigh = high;
    sumLow = low;
  }
  for (let lane = 0; lane < 4; lane++) {
    multiplyInto(state[2 * lane + 1]!, state[2 * lane]!, P2_HIGH, P2_LOW);
    rotateLeft(31);
    multiplyInto(high, low, P1_HIGH, P1_LOW);
    high ^= sumHigh;
    low ^= sumLow;
    multiplyInto(high, low, P1_HIGH, P1_LOW);
    addInto(high, low, P4_HIGH, P4_LOW);
    sumHigh = high;
    sumLow = low;
  }
}

function absorbLong(inputHigh: number, inputLow: number): void {
  const beforeHigh = high;
  const beforeLow = low;
  multiplyInto(inputHigh, inputLow, P2_HIGH, P2_LOW);
  rotateLeft(31);
  multiplyInto(high, low, P1_HIGH, P1_LOW);
  high ^= beforeHigh;
  low ^= beforeLow;
  rotateLeft(27);
  multiplyInto(high, low, P1_HIGH, P1_LOW);
  addInto(high, low, P4_HIGH, P4_LOW);
}

function absorbWord(word: number): void {
  const beforeHigh = high;
  const beforeLow = low;
  multiplyInto(0, word, P1_HIGH, P1_LOW);
  high ^= beforeHigh;
  low ^= beforeLow;
  rotateLeft(23);
  multiplyInto(high, low, P2_HIGH, P2_LOW);
  addInto(high, low, P3_HIGH, P3_LOW);
}

function absorbByte(byte: number): void {
  const beforeHigh = high;
  const beforeLow = low;
  multiplyInto(0, byte, P5_HIGH, P5_LOW);
  high ^= beforeHigh;
  low ^= beforeLow;
  rotateLeft(11);
  multiplyInto(high, low, P1_HIGH, P1_LOW);
}

function avalanche(): void {
  low ^= high >>> 1; // A shift right by 33.
  multiplyInto(high, low, P2_HIGH, P2_LOW);
  low ^= (low >>> 29) | (high << 3);
  high ^= high >>> 29;
  multiplyInto(high, low, P3_HIGH, P3_LOW);
  low ^= high;
}

function addInto(aHigh: number, aLow: number, bHigh: number, bLow: number): void {
  low = (aLow + bLow) | 0;
  high = (aHigh + bHigh + (low >>> 0 < aLow >>> 0 ? 1 : 0)) | 0;
}

function multiplyInto(aHigh: number, aLow: number, bHigh: number, bLow: number): void {
  high = (Math.imul(aHigh, bLow) + Math.imul(aLow, bHigh) + upperProduct(aLow, bLow)) | 0;
  low = Math.imul(aLow, bLow);
}

/** The upper word of the product of two unsigned words; no sum leaves 32 bits, so all stay integers. */
function upperProduct(a: number, b: number): number {
  const a0 = a & 0xffff;
  const a1 = a >>> 16;
  const b0 = b & 0xffff;
  const b1 = b >>> 16;
  const second = (Math.imul(a1, b0) + (Math.imul(a0, b0) >>> 16)) | 0;
  const third = (Math.imul(a0, b1) + (second & 0xffff)) | 0;
  return (Math.imul(a1, b1) + (second >>> 16) + (third >>> 16)) | 0;
}

/** By 1 to 31 bits. */
function rotateLeft(bits: number): void {
  const rotated = (high << bits) | (low >>> (32 - bits));
  low = (low << bits) | (high >>> (32 - bits));
  high = rotated;
}

/** Four bytes of a text, least significant first. */
function wordOf(text: string, at: number): number {
  return (
    (text.charCodeAt(at) & 0xff) |
    ((text.charCodeAt(at + 1) & 0xff) << 8) |
    ((text.charCodeAt(at + 2) & 0xff) << 16) |
    ((text.charCodeAt(at + 3) & 0xff) << 24)
  );
}
