import type { Dispatcher } from '#kernel/dispatcher.ts';
import { type AttemptOwner, UpstreamRequest } from './upstream-request.ts';

/** Attempts that nobody uses now. One pool per proxy. */
export class AttemptPool {
  declare readonly dispatcher: Dispatcher;
  readonly #free: UpstreamRequest[] = [];

  constructor(dispatcher: Dispatcher) {
    this.dispatcher = dispatcher;
  }

  take(owner: AttemptOwner): UpstreamRequest {
    return this.#free.pop() ?? new UpstreamRequest(owner, this.dispatcher);
  }

  give(attempt: UpstreamRequest): void {
    attempt.reset();
    this.#free.push(attempt);
  }
}
