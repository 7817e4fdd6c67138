/**
 * The process that cases were measured with, clients and backends alike: one Node process, whose
 * timers have a grain of a millisecond.
 *
 *     asked at t for d ms ─▶ due in the millisecond ⌊t⌋ + ⌊d⌋ ─▶ done in the first turn in or after it
 *
 * A turn begins when something arrives, or when the process wakes up by itself: it sleeps for whole
 * milliseconds from its last turn. So a timer fires up to a millisecond early or late, and what is due
 * in one millisecond happens in one turn, in the order in which it was asked for.
 *
 * @source node: lib/internal/timers.js, insertGuarded, processTimers; libuv: src/unix/linux.c, uv__io_poll,
 *   src/timer.c, uv__next_timeout
 */
import type { Dispatcher, EventTarget, Timer } from '#kernel/dispatcher.ts';
import type { Random } from '#kernel/random.ts';

/** Where time comes from for clients and backends. */
export type Scheduler = Pick<Dispatcher, 'schedule'>;

export class CaseProcess implements Scheduler, EventTarget {
  readonly #dispatcher: Dispatcher;
  readonly #alarm: Timer;
  /** When the process's milliseconds begin. */
  readonly #phaseNs: number;
  /** By the millisecond in which they are due. */
  readonly #turns = new Map<number, Turn>();

  /** `phase`: decides when, between those of the clock, the process's own milliseconds begin. */
  constructor(dispatcher: Dispatcher, phase: Random) {
    this.#dispatcher = dispatcher;
    this.#alarm = dispatcher.createTimer(this, 0);
    this.#phaseNs = phase.below(MS);
  }

  /** Without a delay it is no timer, and happens next. */
  schedule(delayNs: number, target: EventTarget, event: number): void {
    if (delayNs === 0) this.#dispatcher.schedule(0, target, event);
    else this.#turnIn(Math.max(1, Math.floor(delayNs / MS))).add(target, event);
    this.onArrival();
  }

  /** Something arrived: a turn, in which what is due is done, too. */
  onArrival(): void {
    const dueMs = this.#nextDueMs();
    if (dueMs === undefined) return;
    const nowMs = this.#nowMs();
    const sleepNs = (dueMs - nowMs) * MS + WAKE_UP_NS;
    this.#alarm.enable(dueMs <= nowMs ? 0 : sleepNs);
  }

  onEvent(_event: number, nowNs: number): void {
    const nowMs = this.#nowMs();
    for (;;) {
      const dueMs = this.#nextDueMs();
      if (dueMs === undefined || dueMs > nowMs) break;
      const turn = this.#turns.get(dueMs)!;
      this.#turns.delete(dueMs);
      turn.run(nowNs);
    }
    this.onArrival();
  }

  #nowMs(): number {
    return Math.floor((this.#dispatcher.nowNs - this.#phaseNs) / MS);
  }

  #nextDueMs(): number | undefined {
    return this.#turns.size === 0 ? undefined : Math.min(...this.#turns.keys());
  }

  #turnIn(delayMs: number): Turn {
    const dueMs = this.#nowMs() + delayMs;
    let turn = this.#turns.get(dueMs);
    if (turn === undefined) {
      turn = new Turn();
      this.#turns.set(dueMs, turn);
    }
    return turn;
  }
}

const MS = 1e6;
/** From the end of a sleep until the process runs: the kernel's timer slack, and a change of processes. */
const WAKE_UP_NS = 100_000;

class Turn {
  readonly #targets: EventTarget[] = [];
  readonly #events: number[] = [];

  add(target: EventTarget, event: number): void {
    this.#targets.push(target);
    this.#events.push(event);
  }

  run(nowNs: number): void {
    for (const [index, target] of this.#targets.entries()) {
      target.onEvent(this.#events[index]!, nowNs);
    }
  }
}
