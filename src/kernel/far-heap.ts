/**
 * Slots ordered by (time, sequence number): a 4-ary implicit heap in three columns. The part of the
 * event queue that holds the far future.
 */
export class FarHeap {
  #size = 0;
  #timeNs = new Float64Array(64);
  #sequence = new Float64Array(64);
  #slot = new Int32Array(64);

  push(timeNs: number, sequence: number, slot: number): void {
    if (this.#size === this.#slot.length) this.#grow();
    const times = this.#timeNs;
    const sequences = this.#sequence;
    const slots = this.#slot;
    let at = this.#size++;
    while (at > 0) {
      const parent = (at - 1) >> 2;
      const parentNs = times[parent]!;
      if (parentNs < timeNs || (parentNs === timeNs && sequences[parent]! < sequence)) break;
      times[at] = parentNs;
      sequences[at] = sequences[parent]!;
      slots[at] = slots[parent]!;
      at = parent;
    }
    times[at] = timeNs;
    sequences[at] = sequence;
    slots[at] = slot;
  }

  /** The slot of the earliest event; -1 when there is none. */
  headSlot(): number {
    return this.#size === 0 ? -1 : this.#slot[0]!;
  }

  /** Its time; `Infinity` when there is none. */
  headNs(): number {
    return this.#size === 0 ? Number.POSITIVE_INFINITY : this.#timeNs[0]!;
  }

  removeHead(): void {
    const last = --this.#size;
    if (last > 0) this.#sink(this.#timeNs[last]!, this.#sequence[last]!, this.#slot[last]!);
  }

  /** Places an event from the root downwards. */
  #sink(timeNs: number, sequence: number, slot: number): void {
    const times = this.#timeNs;
    const sequences = this.#sequence;
    const slots = this.#slot;
    let at = 0;
    for (;;) {
      const firstChild = 4 * at + 1;
      if (firstChild >= this.#size) break;
      const end = Math.min(firstChild + 4, this.#size);
      let best = firstChild;
      for (let child = firstChild + 1; child < end; child++) {
        const childNs = times[child]!;
        const bestNs = times[best]!;
        if (childNs < bestNs || (childNs === bestNs && sequences[child]! < sequences[best]!)) {
          best = child;
        }
      }
      const bestNs = times[best]!;
      if (bestNs > timeNs || (bestNs === timeNs && sequences[best]! > sequence)) break;
      times[at] = bestNs;
      sequences[at] = sequences[best]!;
      slots[at] = slots[best]!;
      at = best;
    }
    times[at] = timeNs;
    sequences[at] = sequence;
    slots[at] = slot;
  }

  #grow(): void {
    const capacity = this.#slot.length * 2;
    const timeNs = new Float64Array(capacity);
    timeNs.set(this.#timeNs);
    const sequence = new Float64Array(capacity);
    sequence.set(this.#sequence);
    const slot = new Int32Array(capacity);
    slot.set(this.#slot);
    this.#timeNs = timeNs;
    this.#sequence = sequence;
    this.#slot = slot;
  }
}
