import type { Dispatcher, EventTarget } from '#kernel/dispatcher.ts';
import type { Random } from '#kernel/random.ts';

/** Where time comes from for clients and backends. */
export type Scheduler = Pick<Dispatcher, 'schedule'>;

/**
 * What cases were measured with, clients and backends alike, is one process whose timers have a grain
 * of a millisecond ("timers have 1 ms grain", "a backend `latency_ms` is really 0.5 to 2 ms longer",
 * "backends and client in one Node process": the measuring facts beside the cases). So what is due
 * within one millisecond happens in one turn, a little late, in the order in which it was asked for:
 * an answer and a request that leave in one turn reach the proxy together.
 */
export class CaseProcess implements Scheduler {
  readonly #dispatcher: Dispatcher;
  readonly #lateness: Random;
  readonly #turns = new Map<number, Turn>();

  /** `lateness`: decides how late turns are. */
  constructor(dispatcher: Dispatcher, lateness: Random) {
    this.#dispatcher = dispatcher;
    this.#lateness = lateness;
  }

  /** Without a delay it is no timer, and happens next. */
  schedule(delayNs: number, target: EventTarget, event: number): void {
    if (delayNs === 0) {
      this.#dispatcher.schedule(0, target, event);
      return;
    }
    const dueMs = Math.ceil((this.#dispatcher.nowNs + delayNs) / MS);
    let turn = this.#turns.get(dueMs);
    if (turn === undefined) {
      turn = new Turn(() => this.#turns.delete(dueMs));
      this.#turns.set(dueMs, turn);
      const lateNs = LEAST_LATE_NS + this.#lateness.below(MOST_LATE_NS - LEAST_LATE_NS);
      this.#dispatcher.schedule(dueMs * MS + lateNs - this.#dispatcher.nowNs, turn, 0);
    }
    turn.add(target, event);
  }
}

const MS = 1e6;
const LEAST_LATE_NS = 0.5 * MS;
const MOST_LATE_NS = MS;

class Turn implements EventTarget {
  readonly #targets: EventTarget[] = [];
  readonly #events: number[] = [];
  readonly #begin: () => void;

  constructor(begin: () => void) {
    this.#begin = begin;
  }

  add(target: EventTarget, event: number): void {
    this.#targets.push(target);
    this.#events.push(event);
  }

  onEvent(_event: number, nowNs: number): void {
    this.#begin();
    for (const [index, target] of this.#targets.entries()) {
      target.onEvent(this.#events[index]!, nowNs);
    }
  }
}
