/**
 * The Mersenne Twister with 32-bit words, as `std::mt19937`: the shuffle of bounded loads is defined
 * by it. Seeding costs 624 words; the object can be seeded again.
 *
 * @source envoy: load_balancing_policies/common/thread_aware_lb_impl.cc (uses std::mt19937)
 */
export class Mt19937 {
  readonly #state = new Uint32Array(WORDS);
  #next = WORDS;

  seed(seed: number): void {
    const state = this.#state;
    state[0] = seed;
    for (let word = 1; word < WORDS; word++) {
      const before = state[word - 1]!;
      state[word] = Math.imul(1812433253, before ^ (before >>> 30)) + word;
    }
    this.#next = WORDS;
  }

  /** An unsigned 32-bit integer. */
  draw(): number {
    if (this.#next === WORDS) this.#twist();
    let word = this.#state[this.#next++]!;
    word ^= word >>> 11;
    word ^= (word << 7) & 0x9d2c5680;
    word ^= (word << 15) & 0xefc60000;
    return (word ^ (word >>> 18)) >>> 0;
  }

  #twist(): void {
    const state = this.#state;
    for (let word = 0; word < WORDS; word++) {
      const mixed = (state[word]! & 0x80000000) | (state[(word + 1) % WORDS]! & 0x7fffffff);
      const twist = (mixed & 1) === 0 ? 0 : 0x9908b0df;
      state[word] = state[(word + SHIFT) % WORDS]! ^ (mixed >>> 1) ^ twist;
    }
    this.#next = 0;
  }
}

const WORDS = 624;
const SHIFT = 397;
