import alea from 'seedrandom/lib/alea.js';
import { assert } from './assert.ts';
import { hexOfUint64, modWords, parseUint64, type Uint64, uint64Of } from './uint64.ts';
import { xxHash64 } from './xxhash64.ts';

/** A source of chance that is handed to whoever decides by lot. */
export interface Random {
  /** An integer from 0 to n − 1; n is from 1 to 2³². */
  below(n: number): number;
  /** In [0, 1), 53 bits. */
  uniform(): number;
  uint64(): Uint64;
}

/**
 * The stream called `name` under `seed`: a generator of its own, derived from nothing but the two.
 * Names say what the numbers belong to, such as `client/shop/arrivals` (style.md §7).
 */
export function randomStream(seed: number, name: string): Random {
  return new AleaRandom(hexOfUint64(xxHash64(name, uint64Of(seed))));
}

/**
 * Alea by Johannes Baagøe, as `seedrandom` has it and seeds it, in integers: its fractions are
 * multiples of 2⁻³², so the numbers are the same (`random.test.ts`), and no field is a double. A draw
 * costs half as much: 2 % of W1.
 */
class AleaRandom implements Random {
  declare private first: number;
  declare private second: number;
  declare private third: number;
  declare private carry: number;

  constructor(seed: string) {
    const { s0, s1, s2, c } = alea(seed, { state: true }).state();
    this.first = (s0 * WORD) | 0;
    this.second = (s1 * WORD) | 0;
    this.third = (s2 * WORD) | 0;
    this.carry = c;
  }

  below(n: number): number {
    // One 32-bit draw is even enough for few choices; n / 2³² bounds the bias.
    return Math.floor((n <= 65536 ? this.#word() / WORD : this.uniform()) * n);
  }

  uniform(): number {
    const high = this.#word();
    return high / WORD + (this.#word() >>> 11) * 2 ** -53;
  }

  uint64(): Uint64 {
    const high = this.#word();
    return { high, low: this.#word() };
  }

  /** The next 32 bits, not negative. */
  #word(): number {
    const sum = 2091639 * (this.first >>> 0) + this.carry;
    const carry = (sum / WORD) | 0;
    const word = (sum - carry * WORD) >>> 0;
    this.first = this.second;
    this.second = this.third;
    this.third = word | 0;
    this.carry = carry;
    return word;
  }
}

const WORD = 2 ** 32;

/** For tests: replays given 64-bit values. `below(n)` is value mod n, as Envoy draws. */
export class ScriptedRandom implements Random {
  declare private readonly values: readonly Uint64[];
  #used = 0;

  /** Decimal, each below 2⁶⁴. */
  constructor(values: readonly string[]) {
    this.values = values.map((text) => {
      const value = parseUint64(text);
      assert(value !== undefined, `a scripted value is an unsigned 64-bit integer: ${text}`);
      return value;
    });
  }

  below(n: number): number {
    const { high, low } = this.uint64();
    return modWords(high, low, n);
  }

  uniform(): number {
    const { high, low } = this.uint64();
    return ((high >>> 5) * 67108864 + (low >>> 6)) * 2 ** -53;
  }

  uint64(): Uint64 {
    const value = this.values[this.#used];
    assert(value !== undefined, `the script has more than ${this.#used} values`);
    this.#used++;
    return value;
  }

  /** How many values were drawn so far. */
  get usedCount(): number {
    return this.#used;
  }
}
