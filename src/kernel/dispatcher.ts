import { assert } from './assert.ts';
import { EventQueue } from './event-queue.ts';
import { type EventTarget, OWN_CALL, type Timer } from './timer.ts';
import { TimerLanes } from './timer-lanes.ts';

export { type EventTarget, OWN_CALL, type Timer } from './timer.ts';

/**
 * The virtual clock and the only source of time. Events happen in order of their time; those at one
 * instant in the order in which they were scheduled, timers included: every `schedule` and every
 * `enable` takes the next number of one sequence.
 *
 * Times are integer nanoseconds below 2⁵³.
 */
export class Dispatcher {
  /** A double from the start, as all times are that a request passes: docs/adr/0007. */
  nowNs = Number.NaN;
  /** Events that have happened so far. */
  eventCount = 0;
  #sequence = 0;
  readonly #queue = new EventQueue();
  readonly #lanes = new TimerLanes(this);
  /** By slot of the queue: room for all its slots, so that no event makes some. */
  readonly #targets: EventTarget[] = [];
  #events = new Int32Array(0);

  constructor() {
    this.nowNs = 0;
  }

  /** Events and enabled timers still to come. */
  get pendingCount(): number {
    return this.#queue.size + this.#lanes.enabledCount;
  }

  /** When the next event happens; `Infinity` when none is pending. */
  get nextEventNs(): number {
    const slot = this.#queue.head();
    const queuedNs = slot < 0 ? Number.POSITIVE_INFINITY : this.#queue.timeNsOf(slot);
    return Math.min(queuedNs, this.#lanes.nextNs());
  }

  schedule(delayNs: number, target: EventTarget, event: number): void {
    assert(delayNs >= 0, 'nothing is scheduled in the past');
    this.#push(this.nowNs + delayNs, target, event);
  }

  scheduleAt(atNs: number, target: EventTarget, event: number): void {
    assert(atNs >= this.nowNs, 'nothing is scheduled in the past');
    this.#push(atNs, target, event);
  }

  createTimer(target: EventTarget, event: number): Timer {
    return this.#lanes.createTimer(target, event);
  }

  /** The next number of the sequence that orders events at one instant. */
  nextSequence(): number {
    return this.#sequence++;
  }

  /** Lets everything happen that is due at or before `timeNs`, then sets the clock to it. */
  runUntil(timeNs: number): void {
    assert(timeNs >= this.nowNs, 'time never runs back');
    assert(Number.isInteger(timeNs), 'time is whole nanoseconds');
    this.#run(timeNs, false);
    this.nowNs = timeNs;
  }

  /** Lets the next event happen. False when none is pending. */
  runNext(): boolean {
    const before = this.eventCount;
    this.#run(Number.POSITIVE_INFINITY, true);
    return this.eventCount > before;
  }

  #push(atNs: number, target: EventTarget, event: number): void {
    assert(Math.floor(atNs) === atNs, 'time is whole nanoseconds');
    const slot = this.#queue.push(atNs, this.#sequence++);
    if (slot >= this.#events.length) this.#makeRoom();
    this.#targets[slot] = target;
    this.#events[slot] = event;
  }

  #makeRoom(): void {
    const events = new Int32Array(Math.max(FIRST_ROOM, this.#events.length * 2));
    events.set(this.#events);
    this.#events = events;
    while (this.#targets.length < events.length) this.#targets.push(NOBODY);
  }

  /** Lets happen what is due by `limitNs`, or only the first of it. */
  #run(limitNs: number, isOne: boolean): void {
    const queue = this.#queue;
    const lanes = this.#lanes;
    do {
      // Before the instant at which a timer may expire, the queue alone decides what comes first.
      const slot = queue.takeUntil(Math.min(limitNs, lanes.earliestNs - 1));
      if (slot < 0) {
        if (!this.#runBesideTimers(limitNs)) return;
      } else {
        const nowNs = queue.timeNsOf(slot);
        this.eventCount++;
        this.nowNs = nowNs;
        this.#call(this.#targets[slot]!, this.#events[slot]!, nowNs);
      }
    } while (isOne === false);
  }

  /** The next event, be it a timer's or the queue's. False when none is due by `limitNs`. */
  #runBesideTimers(limitNs: number): boolean {
    const queue = this.#queue;
    const head = queue.head();
    const headNs = head < 0 ? Number.POSITIVE_INFINITY : queue.timeNsOf(head);
    const timer = this.#lanes.dueBefore(headNs, head < 0 ? 0 : queue.sequenceOf(head));
    const dueNs = timer?.dueNs ?? headNs;
    if (dueNs > limitNs || dueNs === Number.POSITIVE_INFINITY) return false;
    this.eventCount++;
    this.nowNs = dueNs;
    if (timer !== undefined) timer.fire();
    else {
      queue.takeUntil(dueNs);
      this.#call(this.#targets[head]!, this.#events[head]!, dueNs);
    }
    return true;
  }

  /** All four are the same call: see `OWN_CALL`. V8 takes calls on one variable for one place. */
  #call(target: EventTarget, event: number, nowNs: number): void {
    switch (event & 48) {
      case OWN_CALL.first: {
        const first = target;
        first.onEvent(event, nowNs);
        return;
      }
      case OWN_CALL.second: {
        const second = target;
        second.onEvent(event, nowNs);
        return;
      }
      case OWN_CALL.third: {
        const third = target;
        third.onEvent(event, nowNs);
        return;
      }
      default:
        target.onEvent(event, nowNs);
    }
  }
}

const FIRST_ROOM = 1024;
const NOBODY: EventTarget = { onEvent: () => {} };
