import { FarHeap } from './far-heap.ts';

/**
 * The pending events, ordered by (time, sequence number). A calendar: the near future is divided
 * into days of equal width, a power of two of nanoseconds; a day is a chain sorted by time; a
 * bitmap with a summary finds the next day that has events. What lies beyond the last day waits in
 * a heap. Which structure holds an event never changes the order in which events come out.
 *
 * Invariant for ties: of two events at one time, one in the heap is older than one in the calendar,
 * and in a chain the older stands first. Hence sequence numbers are only kept, never compared, here.
 * It holds because the horizon only moves forward, and a new day width re-files chains in order.
 *
 * A day that is too wide costs a walk along its chain, one that is too narrow only sends more to
 * the heap: so walks narrow the days at once, and the mean gap between events sets them in the long
 * run. Against a 4-ary heap of (time, sequence, slot): bench/queue.mjs.
 */
export class EventQueue {
  /** Slots in use, near and far. */
  size = 0;
  declare private capacity: number;
  /** Of each slot its time and its sequence number, side by side: what is read together is fetched together. */
  declare private when: Float64Array;
  /** The next slot of the same day, or of the free list. */
  declare private next: Int32Array;
  #free = 0;

  declare private dayCount: number;
  declare private mask: number;
  /** Of each day its first slot and its last; the first is -1 for a day without events. */
  declare private ends: Int32Array;
  declare private occupied: Int32Array;
  declare private summary: Int32Array;
  #nearCount = 0;
  /** Days per nanosecond: a power of two, so that a product with it is exact. */
  #daysPerNs = 2 ** -10;
  /** Number of the day of the latest event taken. */
  #today = 0;
  readonly #far = new FarHeap();
  /** Time of the first event in the heap. */
  #farNs = Number.POSITIVE_INFINITY;

  #takenSinceTuning = 0;
  #tunedAtNs = Number.NaN;
  #lastTakenNs = Number.NaN;
  #walked = 0;

  constructor(capacity = 1024) {
    this.#tunedAtNs = 0;
    this.#lastTakenNs = 0;
    this.capacity = capacity;
    this.when = new Float64Array(2 * capacity);
    this.next = new Int32Array(capacity);
    for (let slot = 0; slot < capacity; slot++) this.next[slot] = slot + 1;
    this.dayCount = daysFor(capacity);
    this.mask = this.dayCount - 1;
    this.ends = new Int32Array(2 * this.dayCount).fill(-1);
    this.occupied = new Int32Array(this.dayCount >> 5);
    this.summary = new Int32Array((this.dayCount >> 10) + 1);
  }

  /**
   * Files an event and gives its slot: a small integer that is its own until the event is taken.
   * `timeNs` is not before the last event taken; `sequence` is greater than any before.
   */
  push(timeNs: number, sequence: number): number {
    if (this.#free === this.capacity) this.#grow();
    const slot = this.#free;
    this.#free = this.next[slot]!;
    this.when[2 * slot] = timeNs;
    this.when[2 * slot + 1] = sequence;
    this.size++;
    this.#file(slot, timeNs);
    return slot;
  }

  /** The slot of the earliest event; -1 when there is none. */
  head(): number {
    if (this.#nearCount === 0) return this.#far.headSlot();
    const near = this.ends[2 * this.#nextDay()]!;
    return this.#farNs <= this.when[2 * near]! ? this.#far.headSlot() : near;
  }

  timeNsOf(slot: number): number {
    return this.when[2 * slot]!;
  }

  sequenceOf(slot: number): number {
    return this.when[2 * slot + 1]!;
  }

  /**
   * Takes the earliest event, if it is due by `limitNs`: its slot, which tells its time until the next `push`;
   * -1 otherwise.
   */
  takeUntil(limitNs: number): number {
    if (this.#nearCount === 0) return this.#takeFar(limitNs);
    const day = this.#nextDay();
    const slot = this.ends[2 * day]!;
    const timeNs = this.when[2 * slot]!;
    if (this.#farNs <= timeNs) return this.#takeFar(limitNs);
    if (timeNs > limitNs) return -1;
    this.#unlinkFirst(day, slot);
    this.#release(slot, timeNs);
    return slot;
  }

  #takeFar(limitNs: number): number {
    const timeNs = this.#farNs;
    const slot = this.#far.headSlot();
    if (slot < 0 || timeNs > limitNs) return -1;
    this.#far.removeHead();
    this.#farNs = this.#far.headNs();
    this.#release(slot, timeNs);
    return slot;
  }

  /** The event that was in `slot` is taken. */
  #release(slot: number, timeNs: number): void {
    this.size--;
    this.next[slot] = this.#free;
    this.#free = slot;
    this.#today = Math.floor(timeNs * this.#daysPerNs);
    this.#lastTakenNs = timeNs;
    if (++this.#takenSinceTuning === TUNING_INTERVAL) this.#tune();
  }

  #file(slot: number, timeNs: number): void {
    const day = Math.floor(timeNs * this.#daysPerNs);
    if (day - this.#today >= this.dayCount) {
      this.#far.push(timeNs, this.when[2 * slot + 1]!, slot);
      if (timeNs < this.#farNs) this.#farNs = timeNs;
      return;
    }
    this.#nearCount++;
    this.#link(day & this.mask, slot, timeNs);
  }

  #link(day: number, slot: number, timeNs: number): void {
    const ends = this.ends;
    const next = this.next;
    let before = ends[2 * day]!;
    if (before < 0) {
      ends[2 * day] = slot;
      ends[2 * day + 1] = slot;
      next[slot] = -1;
      this.occupied[day >> 5]! |= 1 << (day & 31);
      this.summary[day >> 10]! |= 1 << ((day >> 5) & 31);
      return;
    }
    const when = this.when;
    const last = ends[2 * day + 1]!;
    if (when[2 * last]! <= timeNs) {
      next[last] = slot;
      next[slot] = -1;
      ends[2 * day + 1] = slot;
      return;
    }
    if (when[2 * before]! > timeNs) {
      ends[2 * day] = slot;
      next[slot] = before;
      return;
    }
    let after = next[before]!;
    let steps = 1;
    while (when[2 * after]! <= timeNs) {
      before = after;
      after = next[after]!;
      steps++;
    }
    next[before] = slot;
    next[slot] = after;
    this.#walked += steps;
    if (this.#walked > WALK_LIMIT) this.#narrow();
  }

  #unlinkFirst(day: number, slot: number): void {
    const after = this.next[slot]!;
    this.ends[2 * day] = after;
    this.#nearCount--;
    if (after >= 0) return;
    const word = this.occupied[day >> 5]! & ~(1 << (day & 31));
    this.occupied[day >> 5] = word;
    if (word === 0) this.summary[day >> 10]! &= ~(1 << ((day >> 5) & 31));
  }

  /** The first day with events from today on, in ring order. There is one. */
  #nextDay(): number {
    const today = this.#today & this.mask;
    let word = today >> 5;
    const rest = this.occupied[word]! >> (today & 31);
    if (rest !== 0) return today + lowestBit(rest);
    const wordCount = this.occupied.length;
    if (++word === wordCount) word = 0;
    for (;;) {
      const block = this.summary[word >> 5]! >> (word & 31);
      if (block !== 0) {
        word += lowestBit(block);
        return (word << 5) + lowestBit(this.occupied[word]!);
      }
      word = ((word >> 5) + 1) << 5;
      if (word >= wordCount) word = 0;
    }
  }

  /** Sets the day width to the mean gap between the events taken of late. */
  #tune(): void {
    const meanGapNs = (this.#lastTakenNs - this.#tunedAtNs) / TUNING_INTERVAL;
    this.#takenSinceTuning = 0;
    this.#tunedAtNs = this.#lastTakenNs;
    this.#walked = 0;
    if (!(meanGapNs > 0)) return;
    const ratio = meanGapNs * this.#daysPerNs;
    if (ratio >= 0.25 && ratio <= 4) return;
    this.#refile(powerOfTwoBelow(1 / meanGapNs), this.dayCount);
  }

  /** Long walks along a chain: the days are too wide for what is pending now. */
  #narrow(): void {
    this.#walked = 0;
    this.#takenSinceTuning = 0;
    this.#tunedAtNs = this.#lastTakenNs;
    if (this.#daysPerNs < 1) this.#refile(Math.min(1, this.#daysPerNs * 16), this.dayCount);
  }

  #grow(): void {
    const capacity = this.capacity * 2;
    const when = new Float64Array(2 * capacity);
    when.set(this.when);
    const next = new Int32Array(capacity);
    next.set(this.next);
    for (let slot = this.capacity; slot < capacity; slot++) next[slot] = slot + 1;
    this.when = when;
    this.next = next;
    this.capacity = capacity;
    if (daysFor(capacity) > this.dayCount) this.#refile(this.#daysPerNs, daysFor(capacity));
  }

  /** Files the near events anew, in order, under another width or number of days. */
  #refile(daysPerNs: number, dayCount: number): void {
    const slots = this.#drainNear();
    if (dayCount !== this.dayCount) {
      this.dayCount = dayCount;
      this.mask = dayCount - 1;
      this.ends = new Int32Array(2 * dayCount).fill(-1);
      this.occupied = new Int32Array(dayCount >> 5);
      this.summary = new Int32Array((dayCount >> 10) + 1);
    }
    this.#daysPerNs = daysPerNs;
    this.#today = Math.floor(this.#lastTakenNs * daysPerNs);
    for (const slot of slots) this.#file(slot, this.when[2 * slot]!);
    this.#walked = 0;
  }

  #drainNear(): readonly number[] {
    const slots: number[] = [];
    while (this.#nearCount > 0) {
      const day = this.#nextDay();
      const slot = this.ends[2 * day]!;
      slots.push(slot);
      this.#today = Math.floor(this.when[2 * slot]! * this.#daysPerNs);
      this.#unlinkFirst(day, slot);
    }
    return slots;
  }
}

const TUNING_INTERVAL = 1 << 14;
/** Steps along chains, between two tunings, that prove the days too wide: four per event. */
const WALK_LIMIT = TUNING_INTERVAL * 4;
const MIN_DAYS = 1 << 12;

function daysFor(capacity: number): number {
  let days = MIN_DAYS;
  while (days < capacity * 4) days *= 2;
  return days;
}

/** Of a word that is not 0. Sign bits that a shift brought in stand above it. */
function lowestBit(word: number): number {
  return 31 - Math.clz32(word & (~word + 1));
}

/** The greatest power of two that is not above `value`, between 2⁻⁴⁰ and 1. */
function powerOfTwoBelow(value: number): number {
  let power = 1;
  while (power > value && power > 2 ** -40) power /= 2;
  return power;
}
