import { type DrawKey, keyedUniform } from '#kernel/keyed-random.ts';
import type { Random } from '#kernel/random.ts';
import type { Uint64 } from '#kernel/uint64.ts';

/** Odd, so that successive draws of one request have purposes far apart. */
const STEP = 0x9e3779b1;
const TWO_TO_53 = 2 ** 53;
const WORD = 2 ** 32;

/**
 * Chance that belongs to one request, for rules that draw in sequence: the n-th draw depends on the
 * purpose, the request's key and n alone, never on what other requests drew. Re-used: `begin` starts
 * the sequence of another request.
 */
export class KeyedDraws implements Random {
  readonly #purpose: number;
  #key: DrawKey | undefined;
  #step = 0;

  constructor(purpose: number) {
    this.#purpose = purpose;
  }

  begin(key: DrawKey): void {
    this.#key = key;
    this.#step = 0;
  }

  below(n: number): number {
    return Math.floor(this.uniform() * n);
  }

  uniform(): number {
    const purpose = (this.#purpose + Math.imul(this.#step++, STEP)) | 0;
    return keyedUniform(purpose, this.#key!);
  }

  uint64(): Uint64 {
    const integer = this.uniform() * TWO_TO_53;
    return { high: Math.floor(integer / WORD), low: integer >>> 0 };
  }
}
