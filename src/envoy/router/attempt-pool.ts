import type { Dispatcher } from '#kernel/dispatcher.ts';
import { type AttemptOwner, UpstreamRequest } from './upstream-request.ts';

/** Attempts that nobody uses now. One pool per proxy. */
export class AttemptPool {
  declare readonly dispatcher: Dispatcher;
  /** The first of a chain by `older`. */
  #free: UpstreamRequest | undefined;

  constructor(dispatcher: Dispatcher) {
    this.dispatcher = dispatcher;
  }

  take(owner: AttemptOwner): UpstreamRequest {
    const attempt = this.#free;
    if (attempt === undefined) return new UpstreamRequest(owner, this.dispatcher);
    this.#free = attempt.older;
    attempt.older = undefined;
    return attempt;
  }

  give(attempt: UpstreamRequest): void {
    attempt.reset();
    attempt.older = this.#free;
    this.#free = attempt;
  }
}
