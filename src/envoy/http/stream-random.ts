import { type DrawKey, keyedUniform } from '#kernel/keyed-random.ts';
import type { Uint64 } from '#kernel/uint64.ts';

const TWO_TO_53 = 2 ** 53;
const WORD = 2 ** 32;

/**
 * The one random number of a stream, drawn by its request's key when somebody first asks. 53 bits of
 * it are random: enough for every modulus that Envoy takes of it.
 *
 * @source envoy: source/common/http/conn_manager_impl.cc, ActiveStream (stream_id_)
 */
export class StreamRandom {
  readonly #value = { high: 0, low: 0 };
  #isDrawn = false;

  of(key: DrawKey, purpose: number): Uint64 {
    if (!this.#isDrawn) {
      const integer = keyedUniform(purpose, key) * TWO_TO_53;
      this.#value.high = Math.floor(integer / WORD);
      this.#value.low = integer >>> 0;
      this.#isDrawn = true;
    }
    return this.#value;
  }

  reset(): void {
    this.#isDrawn = false;
  }
}
