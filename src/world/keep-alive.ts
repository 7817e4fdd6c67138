import type { ServerConnection } from '#envoy/network.ts';
import type { Dispatcher, EventTarget, Timer } from '#kernel/dispatcher.ts';

const IDLE = 0;
const CLOSE = 1;

/** From an application's decision to close until whoever is connected hears of it. */
const CLOSING_NS = 100_000;

/**
 * An application server's keep-alive timeout on one connection. A request that comes between the decision
 * to close and the close itself is lost: the proxy in front sees the connection end, 503 UC.
 */
export class KeepAlive implements EventTarget {
  isClosing = false;
  readonly #connection: ServerConnection;
  readonly #dispatcher: Dispatcher;
  readonly #timer: Timer;

  constructor(connection: ServerConnection, dispatcher: Dispatcher) {
    this.#connection = connection;
    this.#dispatcher = dispatcher;
    this.#timer = dispatcher.createTimer(this, IDLE);
  }

  /** Nothing is under way on it. */
  idle(timeoutNs: number): void {
    if (!this.isClosing) this.#timer.enable(timeoutNs);
  }

  busy(): void {
    this.#timer.disable();
  }

  onEvent(event: number): void {
    if (event === CLOSE) this.#connection.hangUp();
    else {
      this.isClosing = true;
      this.#dispatcher.schedule(CLOSING_NS, this, CLOSE);
    }
  }
}
