import { HeaderMap } from '#envoy/http/header-map.ts';
import type {
  Exchange,
  HttpRequest,
  HttpResponse,
  ResetReason,
  ResponseReceiver,
  ServerConnection,
} from '#envoy/network.ts';
import { type EventTarget, OWN_CALL } from '#kernel/dispatcher.ts';

/** What an event of an exchange delivers. */
export const Message = {
  request: OWN_CALL.first,
  requestReset: OWN_CALL.first + 1,
  responseHeaders: OWN_CALL.first + 2,
  wholeResponse: OWN_CALL.first + 3,
  responseEnd: OWN_CALL.first + 4,
  responseReset: OWN_CALL.first + 5,
} as const;

const NO_HEADERS = new HeaderMap();
export const NO_REQUEST: HttpRequest = {
  method: '',
  path: '',
  authority: '',
  scheme: '',
  headers: NO_HEADERS,
  bodyBytes: 0,
};
export const NO_RESPONSE: HttpResponse = {
  status: 0,
  headers: NO_HEADERS,
  bodyBytes: 0,
  bodyText: '',
};

/** The connection that an exchange is on. */
export interface ExchangeCarrier extends ServerConnection {
  /** A message of the exchange has arrived. */
  deliver(exchange: WireExchange, message: number, nowNs: number): void;
}

/**
 * One request and its response on the wire; its messages are events of its own. Pooled: it goes back
 * when both ends are done with it and none of its messages is under way.
 */
export class WireExchange implements Exchange, EventTarget {
  request: HttpRequest = NO_REQUEST;
  response: HttpResponse = NO_RESPONSE;
  receiver: ResponseReceiver | undefined;
  /** Its last one, when it is over. */
  declare connection: ExchangeCarrier;
  rootNumber = 0;
  streamHash = 0;
  callPathHash = 0;
  attempt = 0;
  upstreamServiceTimeMs = -1;
  attemptCount = 0;
  expectedTimeoutMs = 0;
  row = -1;
  attempts = 0;
  serverState: unknown;
  resetReason: ResetReason = 'connection-termination';
  isClientDone = false;
  isServerDone = false;
  hasResponseHeaders = false;
  messagesUnderWay = 0;
  /**
   * Its neighbours in its connection's list; it is in one from `newExchange` until it is released. Then `older` is
   * the next of its pool.
   */
  older: WireExchange | undefined;
  newer: WireExchange | undefined;
  isListed = false;

  constructor(connection: ExchangeCarrier) {
    this.connection = connection;
  }

  get server(): ServerConnection {
    return this.connection;
  }

  onEvent(event: number, nowNs: number): void {
    this.messagesUnderWay--;
    this.connection.deliver(this, event, nowNs);
  }

  /** What its next user sets in any case stays. */
  reset(): void {
    this.upstreamServiceTimeMs = -1;
    this.attemptCount = 0;
    this.expectedTimeoutMs = 0;
    this.row = -1;
    this.attempts = 0;
    this.serverState = undefined;
    this.isClientDone = false;
    this.isServerDone = false;
    this.hasResponseHeaders = false;
    this.older = undefined;
    this.newer = undefined;
    this.isListed = false;
  }
}

/** Exchanges that nobody uses now. */
export class ExchangePool {
  /** The first of a chain by `older`. */
  #free: WireExchange | undefined;

  take(connection: ExchangeCarrier): WireExchange {
    const exchange = this.#free;
    if (exchange === undefined) return new WireExchange(connection);
    this.#free = exchange.older;
    exchange.older = undefined;
    exchange.connection = connection;
    return exchange;
  }

  give(exchange: WireExchange): void {
    exchange.reset();
    exchange.older = this.#free;
    this.#free = exchange;
  }
}
