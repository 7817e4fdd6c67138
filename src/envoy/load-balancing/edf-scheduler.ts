/**
 * Earliest deadline first: entries take turns in proportion to their weights, evenly spread. An entry
 * is due 1/weight after its last turn; the earliest deadline is next, ties in the order of adding.
 *
 * @source envoy: source/common/upstream/edf_scheduler.h
 */
export class EdfScheduler {
  readonly #weightOf: (entry: number) => number;
  /** A binary heap by (deadline, order): entry, its deadline and its order at each place. */
  readonly #entries: Uint32Array;
  readonly #deadlines: Float64Array;
  readonly #orders: Float64Array;
  #nextOrder: number;

  /**
   * A scheduler of `count` entries 0, 1, 2… that stands as if `seed` picks had happened.
   *
   * @param weightOf read anew whenever an entry is added again; positive
   * @param seed its low 32 bits, modulo 429496729, are the number of picks made in advance
   */
  constructor(count: number, weightOf: (entry: number) => number, seed: number) {
    this.#weightOf = weightOf;
    this.#entries = new Uint32Array(count);
    this.#deadlines = new Float64Array(count);
    this.#orders = new Float64Array(count);
    this.#nextOrder = count;
    const left = this.#prePick((seed >>> 0) % PRE_PICK_LIMIT);
    for (let place = (count >>> 1) - 1; place >= 0; place--) this.#sink(place);
    for (let pick = 0; pick < left; pick++) this.pick();
  }

  /** The next entry; it is due again by its weight of now. */
  pick(): number {
    const entry = this.#entries[0]!;
    this.#deadlines[0]! += 1 / this.#weightOf(entry);
    this.#orders[0] = this.#nextOrder++;
    this.#sink(0);
    return entry;
  }

  /**
   * Gives every entry the whole number of turns that surely fall to it among `picks`, and answers how
   * many picks remain to be made one by one.
   *
   * @source envoy: source/common/upstream/edf_scheduler.h, createWithPicks
   */
  #prePick(picks: number): number {
    const count = this.#entries.length;
    const weights = new Float64Array(count);
    let weightSum = 0;
    for (let entry = 0; entry < count; entry++) {
      weights[entry] = this.#weightOf(entry) + WEIGHT_EPSILON;
      weightSum += weights[entry]!;
    }
    let left = picks;
    for (let entry = 0; entry < count; entry++) {
      const weight = weights[entry]!;
      let turns = Math.floor((weight * picks) / weightSum);
      if (turns > 0 && turns / weight >= picks / weightSum) turns--;
      this.#entries[entry] = entry;
      this.#deadlines[entry] = (turns + 1) / weight;
      this.#orders[entry] = entry;
      left -= turns;
    }
    return left;
  }

  /** Lets the entry at `place` sink to where nothing below it comes first. */
  #sink(place: number): void {
    const entries = this.#entries;
    const deadlines = this.#deadlines;
    const orders = this.#orders;
    const count = entries.length;
    const entry = entries[place]!;
    const deadline = deadlines[place]!;
    const order = orders[place]!;
    for (;;) {
      let child = 2 * place + 1;
      if (child >= count) break;
      if (child + 1 < count && this.#isBefore(child + 1, deadlines[child]!, orders[child]!))
        child++;
      if (!this.#isBefore(child, deadline, order)) break;
      entries[place] = entries[child]!;
      deadlines[place] = deadlines[child]!;
      orders[place] = orders[child]!;
      place = child;
    }
    entries[place] = entry;
    deadlines[place] = deadline;
    orders[place] = order;
  }

  #isBefore(place: number, deadline: number, order: number): boolean {
    const difference = this.#deadlines[place]! - deadline;
    return difference < 0 || (difference === 0 && this.#orders[place]! < order);
  }
}

const PRE_PICK_LIMIT = 429496729;
const WEIGHT_EPSILON = 1e-13;
