/**
 * One connection: two directions, each delivering in order.
 *
 *     client: connecting ─▶ open ─▶ closed          server: (arrives) ─▶ accepted ─▶ closed
 *
 * A message takes the path's latency of its direction plus what the listener's proxy adds. Closing is
 * a message too: the other end hears of it after everything sent before. Exchanges that are open when
 * an end closes are over for that end at once and for the other one when the news arrives.
 */

import type {
  Acceptor,
  AcceptResult,
  Connection,
  ConnectionOwner,
  ConnectOptions,
  Exchange,
  HttpRequest,
  HttpResponse,
  RequestKey,
  ResetReason,
  ResponseReceiver,
  ServerHandler,
} from '#envoy/network.ts';
import { assert } from '#kernel/assert.ts';
import type { Dispatcher, EventTarget } from '#kernel/dispatcher.ts';
import type { NetworkPath, Traversal } from './network-path.ts';
import {
  type ExchangeCarrier,
  type ExchangePool,
  Message,
  type WireExchange,
} from './wire-exchange.ts';
import type { WireTrace } from './wire-trace.ts';

const ARRIVE = 0;
const CONNECTED = 1;
const REFUSED = 2;
const TLS_FAILED = 3;
const CLIENT_CLOSED = 4;
const SERVER_CLOSED = 5;
const GO_AWAY = 6;

export class WireConnection implements Connection, ExchangeCarrier, EventTarget {
  declare readonly address: string;
  declare readonly options: ConnectOptions;
  declare private readonly dispatcher: Dispatcher;
  declare private readonly pool: ExchangePool;
  declare private readonly path: NetworkPath;
  declare private readonly traversal: Traversal;
  declare private readonly owner: ConnectionOwner;
  declare private readonly trace: WireTrace | undefined;
  declare private readonly isHttp1: boolean;
  declare private readonly isMultiplexed: boolean;
  /** Messages of exchanges all take the same time: none overtakes another by itself. */
  declare private readonly isSteady: boolean;
  /** How long, where that is steady. */
  declare private readonly toServerNs: number;
  declare private readonly toClientNs: number;
  /** The last of the exchanges that at least one end still knows; the others are linked behind it. */
  #newest: WireExchange | undefined;
  /** Its first one, which it keeps: without HTTP/2 it hardly ever needs another. */
  #own: WireExchange | undefined;
  #acceptor: Acceptor | undefined;
  #handler: ServerHandler | undefined;
  #isClientClosed = false;
  #isServerClosed = false;
  /** When the last message arrives, where that is not steady; doubles from the start, as times are. */
  #lastToServerNs = Number.NEGATIVE_INFINITY;
  #lastToClientNs = Number.NEGATIVE_INFINITY;

  constructor(
    dispatcher: Dispatcher,
    pool: ExchangePool,
    path: NetworkPath,
    traversal: Traversal,
    address: string,
    options: ConnectOptions,
    owner: ConnectionOwner,
    trace: WireTrace | undefined,
  ) {
    this.dispatcher = dispatcher;
    this.pool = pool;
    this.path = path;
    this.traversal = traversal;
    this.address = address;
    this.options = options;
    this.owner = owner;
    this.trace = trace;
    this.isHttp1 = options.protocol === 'http/1.1';
    this.isMultiplexed = options.protocol === 'h2';
    this.isSteady = path.extraNs === undefined && path.isReset === undefined;
    this.toServerNs = path.requestNs + traversal.requestNs;
    this.toClientNs = path.responseNs + traversal.responseNs;
  }

  /** Its server has something to answer. */
  get isServing(): boolean {
    for (let it = this.#newest; it !== undefined; it = it.older) if (!it.isServerDone) return true;
    return false;
  }

  /** Sets out to `acceptor`; undefined = nobody listens. */
  start(acceptor: Acceptor | undefined): void {
    this.#acceptor = acceptor;
    this.dispatcher.scheduleAt(this.#arrivalAtServer(0), this, ARRIVE);
  }

  newExchange(
    request: HttpRequest,
    receiver: ResponseReceiver,
    key: RequestKey,
    attempt: number,
  ): Exchange {
    const exchange = this.#freeExchange();
    if (exchange.request !== request) exchange.request = request;
    exchange.receiver = receiver;
    exchange.rootNumber = key.rootNumber;
    exchange.streamHash = key.streamHash;
    exchange.callPathHash = key.callPathHash;
    exchange.attempt = attempt;
    exchange.isListed = true;
    if (this.#newest !== undefined) {
      exchange.older = this.#newest;
      this.#newest.newer = exchange;
    }
    this.#newest = exchange;
    return exchange;
  }

  send(exchange: Exchange): void {
    assert(!this.#isClientClosed, 'nothing is sent on a connection that its client closed');
    this.#toServer(own(exchange), Message.request);
  }

  resetStream(exchange: Exchange): void {
    const it = own(exchange);
    it.isClientDone = true;
    this.#toServer(it, Message.requestReset);
  }

  close(): void {
    if (this.#isClientClosed) return;
    this.#isClientClosed = true;
    for (const exchange of this.#open()) exchange.isClientDone = true;
    if (this.#isServerClosed) return;
    this.dispatcher.scheduleAt(
      this.#arrivalAtServer(this.traversal.requestNs),
      this,
      CLIENT_CLOSED,
    );
  }

  abort(nowNs: number): void {
    for (const exchange of this.#open()) {
      if (exchange.isClientDone) continue;
      exchange.isClientDone = true;
      exchange.receiver!.onResponseReset(exchange, 'connection-termination', nowNs);
    }
    this.close();
  }

  respond(exchange: Exchange, response: HttpResponse, endStream: boolean): void {
    const it = own(exchange);
    it.response = response;
    if (endStream === true) it.isServerDone = true;
    this.#toClient(it, endStream === true ? Message.wholeResponse : Message.responseHeaders);
  }

  endResponse(exchange: Exchange): void {
    const it = own(exchange);
    it.isServerDone = true;
    this.#toClient(it, Message.responseEnd);
  }

  resetExchange(exchange: Exchange, reason: ResetReason): void {
    if (!this.isMultiplexed) {
      this.hangUp();
      return;
    }
    const it = own(exchange);
    it.isServerDone = true;
    it.resetReason = reason;
    this.#toClient(it, Message.responseReset);
  }

  hangUp(): void {
    if (this.#isServerClosed) return;
    this.#isServerClosed = true;
    for (const exchange of this.#open()) exchange.isServerDone = true;
    if (this.#isClientClosed) return;
    this.dispatcher.scheduleAt(
      this.#arrivalAtClient(this.traversal.responseNs),
      this,
      SERVER_CLOSED,
    );
  }

  goAway(): void {
    const atNs = this.#arrivalAtClient(this.traversal.responseNs);
    if (atNs > this.dispatcher.nowNs) this.dispatcher.scheduleAt(atNs, this, GO_AWAY);
    else this.onEvent(GO_AWAY, this.dispatcher.nowNs);
  }

  /** A message of an exchange has arrived. */
  deliver(exchange: WireExchange, message: number, nowNs: number): void {
    if (message <= Message.requestReset) this.#deliverToServer(exchange, message, nowNs);
    else this.#deliverToClient(exchange, message, nowNs);
    this.#releaseIfDone(exchange);
  }

  onEvent(event: number, nowNs: number): void {
    switch (event) {
      case ARRIVE:
        this.#onArrive(nowNs);
        return;
      case CLIENT_CLOSED:
        this.#onClientClosed(nowNs);
        return;
      default:
        if (!this.#isClientClosed) this.#onNewsForClient(event, nowNs);
    }
  }

  #deliverToServer(exchange: WireExchange, message: number, nowNs: number): void {
    if (exchange.isServerDone === true) return;
    if (this.#isServerClosed === true) {
      exchange.isServerDone = true; // It crossed the close; the client hears of that in its turn.
      return;
    }
    if (message === Message.request) {
      this.#handler!.onRequest(exchange, nowNs);
    } else {
      exchange.isServerDone = true;
      this.#handler!.onRequestReset(exchange, nowNs);
    }
  }

  #deliverToClient(exchange: WireExchange, message: number, nowNs: number): void {
    if (exchange.isClientDone === true) return;
    const receiver = exchange.receiver!;
    switch (message) {
      case Message.responseHeaders:
        exchange.hasResponseHeaders = true;
        receiver.onResponseHeaders(exchange, exchange.response, false, nowNs);
        return;
      case Message.wholeResponse:
        exchange.isClientDone = true;
        receiver.onResponseHeaders(exchange, exchange.response, true, nowNs);
        return;
      case Message.responseEnd:
        exchange.isClientDone = true;
        receiver.onResponseEnd(exchange, nowNs);
        return;
      default:
        exchange.isClientDone = true;
        receiver.onResponseReset(exchange, exchange.resetReason, nowNs);
    }
  }

  #onArrive(nowNs: number): void {
    if (this.#isClientClosed) return;
    const result = this.#acceptor?.accept(this, this.options, nowNs) ?? 'refuse';
    if (result === 'blackhole') return;
    this.#handler = handlerOf(result);
    const roundTripNs = this.path.requestNs + this.path.responseNs;
    const handshakeNs = this.options.tls === undefined || result === 'refuse' ? 0 : roundTripNs;
    this.dispatcher.scheduleAt(this.#arrivalAtClient(handshakeNs), this, eventOf(result));
  }

  #onClientClosed(nowNs: number): void {
    if (this.#isServerClosed || this.#handler === undefined) return;
    this.#isServerClosed = true;
    for (const exchange of this.#open()) {
      if (!exchange.isServerDone) {
        exchange.isServerDone = true;
        this.#handler.onRequestReset(exchange, nowNs);
      }
      this.#releaseIfDone(exchange);
    }
    this.#handler.onClientClose(this, nowNs);
  }

  #onNewsForClient(event: number, nowNs: number): void {
    switch (event) {
      case CONNECTED:
        this.owner.onConnected(this, nowNs);
        return;
      case GO_AWAY:
        this.owner.onGoAway(this, nowNs);
        return;
      case SERVER_CLOSED:
        this.#onServerClosed(nowNs);
        return;
      default:
        this.#isClientClosed = true;
        this.owner.onConnectFailure(
          this,
          event === TLS_FAILED ? 'tls-error' : 'connection-refused',
          nowNs,
        );
    }
  }

  #onServerClosed(nowNs: number): void {
    for (const exchange of this.#open()) {
      if (!exchange.isClientDone) {
        exchange.isClientDone = true;
        exchange.receiver!.onResponseReset(exchange, this.#reasonOfLoss(exchange), nowNs);
      }
      this.#releaseIfDone(exchange);
    }
    if (this.#isClientClosed) return; // The client closed on hearing that.
    this.#isClientClosed = true;
    this.owner.onRemoteClose(this, nowNs);
  }

  /** An HTTP/1.1 body that is cut short is a malformed response. */
  #reasonOfLoss(exchange: WireExchange): ResetReason {
    const isCutShort = this.isHttp1 && exchange.hasResponseHeaders;
    return isCutShort ? 'protocol-error' : 'connection-termination';
  }

  #toServer(exchange: WireExchange, message: number): void {
    if (this.isSteady === true) {
      this.#carry(exchange, message, this.toServerNs);
      return;
    }
    const nowNs = this.dispatcher.nowNs;
    const atNs = this.#arrivalAtServer(this.traversal.requestNs);
    if (this.path.isReset?.(nowNs) === true) {
      exchange.isServerDone = true; // It never hears of what it did not get; of the rest it does.
      this.#breakOff(atNs, this.#arrivalAtClient(0));
    } else this.#carry(exchange, message, atNs - nowNs);
  }

  #toClient(exchange: WireExchange, message: number): void {
    if (this.isSteady === true) {
      this.#carry(exchange, message, this.toClientNs);
      return;
    }
    const nowNs = this.dispatcher.nowNs;
    const atNs = this.#arrivalAtClient(this.traversal.responseNs);
    if (this.path.isReset?.(nowNs) === true) this.#breakOff(this.#arrivalAtServer(0), atNs);
    else this.#carry(exchange, message, atNs - nowNs);
  }

  /** A delay is a small integer, a moment is not: scheduling by delay boxes no number. */
  #carry(exchange: WireExchange, message: number, delayNs: number): void {
    const { nowNs } = this.dispatcher;
    if (delayNs > 0) {
      this.trace?.tell(exchange, message, this.address, nowNs, nowNs + delayNs);
      exchange.messagesUnderWay++;
      this.dispatcher.schedule(delayNs, exchange, message);
    } else this.deliver(exchange, message, nowNs);
  }

  /** Something on the way resets the connection: both ends hear of it. */
  #breakOff(serverNs: number, clientNs: number): void {
    this.dispatcher.scheduleAt(serverNs, this, CLIENT_CLOSED);
    this.dispatcher.scheduleAt(clientNs, this, SERVER_CLOSED);
  }

  #arrivalAtServer(addedNs: number): number {
    const nowNs = this.dispatcher.nowNs;
    let atNs = nowNs + this.path.requestNs + addedNs;
    if (this.path.extraNs !== undefined) atNs += this.path.extraNs(nowNs);
    if (atNs < this.#lastToServerNs) return this.#lastToServerNs;
    this.#lastToServerNs = atNs;
    return atNs;
  }

  #arrivalAtClient(addedNs: number): number {
    const nowNs = this.dispatcher.nowNs;
    let atNs = nowNs + this.path.responseNs + addedNs;
    if (this.path.extraNs !== undefined) atNs += this.path.extraNs(nowNs);
    if (atNs < this.#lastToClientNs) return this.#lastToClientNs;
    this.#lastToClientNs = atNs;
    return atNs;
  }

  /** In the order in which they were sent. */
  #open(): WireExchange[] {
    const exchanges: WireExchange[] = [];
    for (let it = this.#newest; it !== undefined; it = it.older) exchanges.push(it);
    return exchanges.reverse();
  }

  #releaseIfDone(exchange: WireExchange): void {
    if (exchange.isClientDone === false || exchange.isServerDone === false) return;
    // Unlisted = released by a message that was delivered meanwhile.
    if (exchange.messagesUnderWay > 0 || exchange.isListed === false) return;
    const { older, newer } = exchange;
    if (newer !== undefined) newer.older = older;
    // As a constant: what may be a pointer is dearer to store (docs/performance.md).
    else if (older === undefined) this.#newest = undefined;
    else this.#newest = older;
    if (older !== undefined) older.newer = newer;
    if (exchange === this.#own) exchange.reset();
    else this.pool.give(exchange);
  }

  #freeExchange(): WireExchange {
    const own = this.#own;
    if (own !== undefined && own.isListed === false) return own;
    const exchange = this.pool.take(this);
    if (own === undefined) this.#own = exchange;
    return exchange;
  }
}

/** Only this module makes exchanges, so every one that comes back is a `WireExchange`. */
function own(exchange: Exchange): WireExchange {
  return exchange as WireExchange;
}

function handlerOf(result: AcceptResult): ServerHandler | undefined {
  return typeof result === 'string' ? undefined : result;
}

function eventOf(result: AcceptResult): number {
  if (result === 'refuse') return REFUSED;
  return result === 'tls-error' ? TLS_FAILED : CONNECTED;
}
