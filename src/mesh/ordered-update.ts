/**
 * A StatefulSet changes its pods one at a time, the next one when the last is done:
 *
 *     rollout   highest ordinal first: it leaves the endpoints, ends, comes back under its name, gets ready
 *     up        the next ordinal starts and gets ready
 *     down      the highest ordinal leaves the endpoints and ends
 *
 * @source kubernetes: pkg/controller/statefulset/stateful_set_control.go
 */
import type { Dispatcher, EventTarget } from '#kernel/dispatcher.ts';

/** What is done to single pods of a workload. */
export interface OrderedSteps {
  /** Out of the endpoints, and towards its end; `onGone` follows. */
  takeDown(workload: string, pod: string, nowNs: number): void;
  /** Back under its name, ready. */
  bringBack(workload: string, pod: string, nowNs: number): void;
  /** One pod more, ready. */
  addLast(workload: string, nowNs: number): void;
  /** The last pod out of the endpoints, and towards its end; `onGone` follows. */
  removeLast(workload: string, nowNs: number): void;
}

export type OrderedTask =
  | { readonly kind: 'replace'; readonly pod: string }
  | { readonly kind: 'add' }
  | { readonly kind: 'remove' };

const READY = 0;

export class OrderedUpdate implements EventTarget {
  readonly #steps: OrderedSteps;
  readonly #workload: string;
  readonly #readyNs: number;
  readonly #dispatcher: Dispatcher;
  #tasks: readonly OrderedTask[];
  #current: OrderedTask | undefined = undefined;

  constructor(
    steps: OrderedSteps,
    workload: string,
    tasks: readonly OrderedTask[],
    readyNs: number,
    dispatcher: Dispatcher,
  ) {
    this.#steps = steps;
    this.#workload = workload;
    this.#tasks = tasks;
    this.#readyNs = readyNs;
    this.#dispatcher = dispatcher;
  }

  start(nowNs: number): void {
    this.#next(nowNs);
  }

  /** Something else has been asked for: what has begun comes to its end, no more. */
  stop(): void {
    this.#tasks = [];
  }

  /** The pod that was taken away has ended. */
  onGone(nowNs: number): void {
    if (this.#current?.kind === 'replace') this.#dispatcher.schedule(this.#readyNs, this, READY);
    else if (this.#current?.kind === 'remove') this.#next(nowNs);
  }

  /** A pod is ready. */
  onEvent(_event: number, nowNs: number): void {
    if (this.#current?.kind === 'replace')
      this.#steps.bringBack(this.#workload, this.#current.pod, nowNs);
    else this.#steps.addLast(this.#workload, nowNs);
    this.#next(nowNs);
  }

  #next(nowNs: number): void {
    const [task, ...rest] = this.#tasks;
    this.#current = task;
    this.#tasks = rest;
    if (task === undefined) return;
    if (task.kind === 'replace') this.#steps.takeDown(this.#workload, task.pod, nowNs);
    else if (task.kind === 'remove') this.#steps.removeLast(this.#workload, nowNs);
    else this.#dispatcher.schedule(this.#readyNs, this, READY);
  }
}
