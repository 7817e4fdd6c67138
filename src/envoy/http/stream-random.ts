import { type DrawKey, keyedUniform } from '#kernel/keyed-random.ts';
import type { Uint64 } from '#kernel/uint64.ts';

const TWO_TO_53 = 2 ** 53;
const WORD = 2 ** 32;

/**
 * The one random number of a stream, drawn by its request's key whenever somebody asks. 53 bits of it
 * are random: enough for every modulus that Envoy takes of it.
 *
 * @source envoy: source/common/http/conn_manager_impl.cc, ActiveStream (stream_id_)
 */
export class StreamRandom {
  readonly #value = { high: 0, low: 0 };

  /** The object is the same each time. */
  of(key: DrawKey, purpose: number): Uint64 {
    const integer = keyedUniform(purpose, key) * TWO_TO_53;
    this.#value.high = Math.floor(integer / WORD);
    this.#value.low = integer >>> 0;
    return this.#value;
  }
}
