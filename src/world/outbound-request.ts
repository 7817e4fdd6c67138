import type {
  Exchange,
  HttpRequest,
  HttpResponse,
  RequestKey,
  ResetReason,
  ResponseReceiver,
} from '#envoy/network.ts';
import type { Dispatcher, EventTarget, Timer } from '#kernel/dispatcher.ts';

/** Why an application got no answer. */
export type OutboundFailure = 'refused' | 'unreachable' | 'tls-error' | 'reset' | 'timeout';

/** Whoever sent a request hears exactly one of these. */
export interface OutboundOwner {
  onAnswer(outbound: OutboundRequest, response: HttpResponse, nowNs: number): void;
  onFailure(outbound: OutboundRequest, failure: OutboundFailure, nowNs: number): void;
}

/** The connection that a request runs on or waits for. */
export interface RequestCarrier {
  /** The application gives up waiting. */
  cancel(outbound: OutboundRequest): void;
  /** The request is over; `isReusable`: with a complete answer. */
  release(outbound: OutboundRequest, isReusable: boolean): void;
}

const TIMEOUT = 0;

/**
 * One request as an application sends it, from a client or from an instance that calls another
 * service, until its answer, its failure or its timeout. Pooled by its owner: `begin` resets it.
 */
export class OutboundRequest implements ResponseReceiver, RequestKey, EventTarget {
  rootNumber = 0;
  streamHash = 0;
  callPathHash = 0;
  attempt = 0;
  /** Where it waits or runs; undefined when it is not under way. */
  connection: RequestCarrier | undefined = undefined;
  exchange: Exchange | undefined = undefined;
  request: HttpRequest | undefined = undefined;
  /** Where the first proxy counted it, and how many attempts that proxy made; valid at the end. */
  row = -1;
  attempts = 0;
  #owner: OutboundOwner | undefined = undefined;
  #response: HttpResponse | undefined = undefined;
  #timer: Timer | undefined = undefined;

  /** Sets what a new attempt needs; the key is set by the owner. */
  begin(owner: OutboundOwner, request: HttpRequest): void {
    this.#owner = owner;
    this.request = request;
    this.#response = undefined;
    this.exchange = undefined;
    this.connection = undefined;
    this.row = -1;
    this.attempts = 0;
  }

  startTimeout(dispatcher: Dispatcher, timeoutNs: number): void {
    this.#timer ??= dispatcher.createTimer(this, TIMEOUT);
    this.#timer.enable(timeoutNs);
  }

  /** Whoever asked does not want to know any more; the owner hears nothing. */
  abandon(): void {
    this.#timer?.disable();
    this.connection?.cancel(this);
    this.connection = undefined;
    this.exchange = undefined;
  }

  onEvent(_event: number, nowNs: number): void {
    this.connection?.cancel(this);
    this.fail('timeout', nowNs);
  }

  onResponseHeaders(
    exchange: Exchange,
    response: HttpResponse,
    endStream: boolean,
    nowNs: number,
  ): void {
    this.#response = response;
    if (endStream === true) this.#finish(exchange, nowNs);
  }

  onResponseEnd(exchange: Exchange, nowNs: number): void {
    this.#finish(exchange, nowNs);
  }

  onResponseReset(exchange: Exchange, _reason: ResetReason, nowNs: number): void {
    this.#note(exchange);
    this.connection?.release(this, false);
    this.fail('reset', nowNs);
  }

  /** Ends without an answer. The connection has been left already. */
  fail(failure: OutboundFailure, nowNs: number): void {
    this.#timer?.disable();
    this.connection = undefined;
    this.exchange = undefined;
    this.#owner!.onFailure(this, failure, nowNs);
  }

  #note(exchange: Exchange): void {
    this.row = exchange.row;
    this.attempts = exchange.attempts;
  }

  #finish(exchange: Exchange, nowNs: number): void {
    this.#note(exchange);
    this.#timer?.disable();
    this.connection?.release(this, true);
    this.connection = undefined;
    this.exchange = undefined;
    this.#owner!.onAnswer(this, this.#response!, nowNs);
  }
}
