import { assert } from './assert.ts';
import type { EventTarget, Timer } from './timer.ts';

/** The part of the dispatcher that timers need. */
export interface Clock {
  readonly nowNs: number;
  nextSequence(): number;
}

/**
 * Enabled timers, beside the event queue. Timers of one delay expire in the order in which they were
 * enabled, so each delay has a lane: a doubly linked list through the timers themselves, and enabling
 * and disabling cost the same however many are pending.
 *
 * Delays that are drawn rather than configured would make a lane each. A lane that runs empty is
 * given to the next new delay; when all `MAX_LANES` are in use, a timer waits in a heap instead.
 *
 * `earliestNs` is a lower bound of the next expiry: disabling leaves it, and only when the clock
 * would reach it are the lanes looked at. A timeout that never expires costs nothing there.
 */
export class TimerLanes {
  enabledCount = 0;
  earliestNs = Number.POSITIVE_INFINITY;
  declare private readonly clock: Clock;
  readonly #lanes: Lane[] = [];
  readonly #laneOf = new Map<number, Lane>();
  readonly #heap = new TimerHeap();

  constructor(clock: Clock) {
    this.clock = clock;
  }

  createTimer(target: EventTarget, event: number): Timer {
    return new LaneTimer(this, target, event);
  }

  enable(timer: LaneTimer, delayNs: number): void {
    assert(delayNs >= 0, 'a timer never expires in the past');
    assert(Math.floor(delayNs) === delayNs, 'a delay is whole nanoseconds');
    if (timer.isEnabled) this.disable(timer);
    timer.dueNs = this.clock.nowNs + delayNs;
    timer.sequence = this.clock.nextSequence();
    const lane = timer.lane?.delayNs === delayNs ? timer.lane : this.#laneFor(delayNs);
    timer.lane = lane;
    if (lane === undefined) this.#heap.push(timer);
    else lane.append(timer);
    timer.isEnabled = true;
    this.enabledCount++;
    if (timer.dueNs < this.earliestNs) this.earliestNs = timer.dueNs;
  }

  disable(timer: LaneTimer): void {
    if (!timer.isEnabled) return;
    if (timer.lane === undefined) this.#heap.remove(timer);
    else timer.lane.remove(timer);
    timer.isEnabled = false;
    this.enabledCount--;
  }

  /** The first timer to expire, if that is before the event (`timeNs`, `sequence`). */
  dueBefore(timeNs: number, sequence: number): LaneTimer | undefined {
    const first = this.#first();
    this.earliestNs = first === undefined ? Number.POSITIVE_INFINITY : first.dueNs;
    if (first === undefined || first.dueNs > timeNs) return undefined;
    return first.dueNs < timeNs || first.sequence < sequence ? first : undefined;
  }

  nextNs(): number {
    const first = this.#first();
    this.earliestNs = first === undefined ? Number.POSITIVE_INFINITY : first.dueNs;
    return this.earliestNs;
  }

  #first(): LaneTimer | undefined {
    let first = this.#heap.first();
    for (let index = 0; index < this.#lanes.length; index++) {
      const rival = this.#lanes[index]!.first;
      if (rival === undefined) continue;
      if (first === undefined || expiresBefore(rival, first)) first = rival;
    }
    return first;
  }

  /** Undefined = no lane is free. */
  #laneFor(delayNs: number): Lane | undefined {
    const known = this.#laneOf.get(delayNs);
    if (known !== undefined) return known;
    const lane = this.#freeLane();
    if (lane === undefined) return undefined;
    this.#laneOf.delete(lane.delayNs);
    lane.delayNs = delayNs;
    this.#laneOf.set(delayNs, lane);
    return lane;
  }

  #freeLane(): Lane | undefined {
    if (this.#lanes.length < MAX_LANES) {
      const lane = new Lane(-1);
      this.#lanes.push(lane);
      return lane;
    }
    return this.#lanes.find((lane) => lane.first === undefined);
  }
}

const MAX_LANES = 64;

function expiresBefore(a: LaneTimer, b: LaneTimer): boolean {
  return a.dueNs < b.dueNs || (a.dueNs === b.dueNs && a.sequence < b.sequence);
}

class Lane {
  declare delayNs: number;
  first: LaneTimer | undefined = undefined;
  last: LaneTimer | undefined = undefined;

  constructor(delayNs: number) {
    this.delayNs = delayNs;
  }

  append(timer: LaneTimer): void {
    const last = this.last;
    timer.previous = last;
    timer.next = undefined;
    if (last === undefined) this.first = timer;
    else last.next = timer;
    this.last = timer;
  }

  remove(timer: LaneTimer): void {
    const { previous, next } = timer;
    if (previous === undefined) this.first = next;
    else previous.next = next;
    if (next === undefined) this.last = previous;
    else next.previous = previous;
    timer.previous = undefined;
    timer.next = undefined;
  }
}

/** A binary heap of timers that know their place in it, so that any can be taken out. */
class TimerHeap {
  readonly #timers: LaneTimer[] = [];

  first(): LaneTimer | undefined {
    return this.#timers[0];
  }

  push(timer: LaneTimer): void {
    this.#timers.push(timer);
    this.#rise(timer, this.#timers.length - 1);
  }

  remove(timer: LaneTimer): void {
    const last = this.#timers.pop()!;
    if (last === timer) return;
    const at = timer.heapIndex;
    this.#rise(last, at);
    if (last.heapIndex === at) this.#sink(last, at);
  }

  #rise(timer: LaneTimer, from: number): void {
    let at = from;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      const above = this.#timers[parent]!;
      if (!expiresBefore(timer, above)) break;
      this.#put(above, at);
      at = parent;
    }
    this.#put(timer, at);
  }

  #sink(timer: LaneTimer, from: number): void {
    let at = from;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= this.#timers.length) break;
      const right = this.#timers[child + 1];
      if (right !== undefined && expiresBefore(right, this.#timers[child]!)) child++;
      if (!expiresBefore(this.#timers[child]!, timer)) break;
      this.#put(this.#timers[child]!, at);
      at = child;
    }
    this.#put(timer, at);
  }

  #put(timer: LaneTimer, at: number): void {
    this.#timers[at] = timer;
    timer.heapIndex = at;
  }
}

/** A timer and, while it is enabled, a link of its lane or an entry of the heap. */
class LaneTimer implements Timer {
  isEnabled = false;
  dueNs = Number.POSITIVE_INFINITY;
  sequence = Number.POSITIVE_INFINITY;
  lane: Lane | undefined = undefined;
  heapIndex = -1;
  previous: LaneTimer | undefined = undefined;
  next: LaneTimer | undefined = undefined;
  declare private readonly lanes: TimerLanes;
  declare private readonly target: EventTarget;
  declare private readonly event: number;

  constructor(lanes: TimerLanes, target: EventTarget, event: number) {
    this.lanes = lanes;
    this.target = target;
    this.event = event;
  }

  enable(delayNs: number): void {
    this.lanes.enable(this, delayNs);
  }

  disable(): void {
    this.lanes.disable(this);
  }

  /** It expires: no longer enabled when its target hears of it. */
  fire(): void {
    this.lanes.disable(this);
    this.target.onEvent(this.event, this.dueNs);
  }
}
