import { type DrawKey, keyedUniform, streamHash } from '#kernel/keyed-random.ts';
import { pow } from '#kernel/math.ts';
import type { UserPlan } from './load.ts';

/** Whose request it is: one draw per request, by its number, by how popular each user is. */
export class UserPopulation {
  readonly #purpose: number;
  readonly #count: number;
  /** Upper ends of the users' shares; undefined = all alike. */
  readonly #below: Float64Array | undefined;

  constructor({ count, zipfExponent }: UserPlan, client: string, seed: number) {
    this.#purpose = streamHash(seed, `client/${client}/user`);
    this.#count = count;
    this.#below = zipfExponent === 0 ? undefined : zipfEnds(count, zipfExponent);
  }

  /** From 0; the most popular first. */
  userOf(key: DrawKey): number {
    const uniform = keyedUniform(this.#purpose, key);
    if (this.#below === undefined) return Math.floor(uniform * this.#count);
    let low = 0;
    let high = this.#count - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (uniform < this.#below[middle]!) high = middle;
      else low = middle + 1;
    }
    return low;
  }
}

function zipfEnds(count: number, exponent: number): Float64Array {
  const ends = new Float64Array(count);
  let sum = 0;
  for (let user = 0; user < count; user++) {
    sum += pow(user + 1, -exponent);
    ends[user] = sum;
  }
  for (let user = 0; user < count; user++) ends[user] = ends[user]! / sum;
  return ends;
}
