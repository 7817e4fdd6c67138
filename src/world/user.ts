import type { Dispatcher, EventTarget } from '#kernel/dispatcher.ts';
import type { Session } from './session.ts';

/** What a user needs of its client. */
export interface UserOwner {
  readonly dispatcher: Dispatcher;
  /** Sends the next request; false when the client has sent all it should. */
  startFor(user: User, nowNs: number): boolean;
}

const GO_ON = 0;

/** One user of a closed loop: one request at a time, and a pause after each. */
export class User implements EventTarget {
  readonly session: Session;
  readonly #owner: UserOwner;
  #hasLeft = false;

  constructor(session: Session, owner: UserOwner) {
    this.session = session;
    this.#owner = owner;
    owner.dispatcher.schedule(0, this, GO_ON);
  }

  onEvent(_event: number, nowNs: number): void {
    if (!this.#hasLeft) this.#owner.startFor(this, nowNs);
  }

  /** Has its answer: thinks, then goes on. */
  onDone(thinkNs: number): void {
    if (!this.#hasLeft) this.#owner.dispatcher.schedule(thinkNs, this, GO_ON);
  }

  /** Its request under way is its last. */
  leave(): void {
    this.#hasLeft = true;
  }
}
