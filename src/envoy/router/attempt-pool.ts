import type { Dispatcher } from '#kernel/dispatcher.ts';
import { UpstreamRequest } from './upstream-request.ts';

/** Attempts that nobody uses now. One pool per proxy. */
export class AttemptPool {
  readonly #dispatcher: Dispatcher;
  readonly #free: UpstreamRequest[] = [];

  constructor(dispatcher: Dispatcher) {
    this.#dispatcher = dispatcher;
  }

  take(): UpstreamRequest {
    return this.#free.pop() ?? new UpstreamRequest(this.#dispatcher);
  }

  give(attempt: UpstreamRequest): void {
    attempt.reset();
    this.#free.push(attempt);
  }
}
