import type {
  Acceptor,
  AcceptResult,
  ConnectOptions,
  Exchange,
  HttpResponse,
  ResetReason,
  ServerConnection,
  ServerHandler,
} from '#envoy/network.ts';
import type { Dispatcher, EventTarget } from '#kernel/dispatcher.ts';

/** What becomes of one request. */
export type ScriptedAnswer =
  /** The answer: headers after `delayNs`, the rest of the body `bodyDelayNs` later. */
  | {
      readonly kind: 'respond';
      readonly response: HttpResponse;
      readonly delayNs: number;
      readonly bodyDelayNs: number;
    }
  /** Headers and part of the body, then a reset `resetAfterNs` later; −1 = nothing more comes. */
  | {
      readonly kind: 'cut';
      readonly response: HttpResponse;
      readonly delayNs: number;
      readonly resetAfterNs: number;
    }
  | { readonly kind: 'hang' }
  | { readonly kind: 'reset'; readonly reason: ResetReason; readonly delayNs: number }
  /** The connection closes without an answer. */
  | { readonly kind: 'close'; readonly delayNs: number };

/** Decides what a backend does. */
export interface BackendScript {
  readonly connect: 'accept' | 'refuse' | 'blackhole';
  onConnect(): void;
  answer(exchange: Exchange, nowNs: number): ScriptedAnswer;
}

const ANSWER = 0;
const REST = 1;

/** A server that does as its script says, with any number of requests at once. */
export class ScriptedBackend implements Acceptor, ServerHandler {
  readonly #dispatcher: Pick<Dispatcher, 'schedule'>;
  readonly #script: BackendScript;

  constructor(dispatcher: Pick<Dispatcher, 'schedule'>, script: BackendScript) {
    this.#dispatcher = dispatcher;
    this.#script = script;
  }

  accept(_connection: ServerConnection, _options: ConnectOptions, _nowNs: number): AcceptResult {
    const { connect } = this.#script;
    if (connect !== 'accept') return connect;
    this.#script.onConnect();
    return this;
  }

  onRequest(exchange: Exchange, nowNs: number): void {
    const answer = this.#script.answer(exchange, nowNs);
    const reply = new Reply(exchange, answer, this.#dispatcher);
    exchange.serverState = reply;
    reply.start();
  }

  onRequestReset(exchange: Exchange): void {
    if (exchange.serverState instanceof Reply) exchange.serverState.isOver = true;
  }

  onClientClose(): void {}
}

/** One request in the hands of a backend. */
class Reply implements EventTarget {
  isOver = false;
  readonly #exchange: Exchange;
  readonly #answer: ScriptedAnswer;
  readonly #dispatcher: Pick<Dispatcher, 'schedule'>;

  constructor(
    exchange: Exchange,
    answer: ScriptedAnswer,
    dispatcher: Pick<Dispatcher, 'schedule'>,
  ) {
    this.#exchange = exchange;
    this.#answer = answer;
    this.#dispatcher = dispatcher;
  }

  start(): void {
    if (this.#answer.kind === 'hang') return;
    this.#dispatcher.schedule(this.#answer.delayNs, this, ANSWER);
  }

  onEvent(event: number): void {
    // Its connection may have gone for another request's sake.
    if (this.isOver || this.#exchange.serverState !== this) return;
    if (event === ANSWER) this.#begin();
    else this.#finish();
  }

  #begin(): void {
    const answer = this.#answer;
    const exchange = this.#exchange;
    const { server } = exchange;
    switch (answer.kind) {
      case 'hang':
        return;
      case 'respond':
        if (answer.bodyDelayNs > 0) this.#dispatcher.schedule(answer.bodyDelayNs, this, REST);
        else this.isOver = true;
        server.respond(exchange, answer.response, answer.bodyDelayNs === 0);
        return;
      case 'cut':
        if (answer.resetAfterNs >= 0) this.#dispatcher.schedule(answer.resetAfterNs, this, REST);
        server.respond(exchange, answer.response, false);
        return;
      case 'reset':
        this.isOver = true;
        server.resetExchange(exchange, answer.reason);
        return;
      case 'close':
        this.isOver = true;
        server.hangUp();
    }
  }

  #finish(): void {
    this.isOver = true;
    const { server } = this.#exchange;
    if (this.#answer.kind === 'respond') server.endResponse(this.#exchange);
    else server.resetExchange(this.#exchange, 'remote-reset');
  }
}
