/**
 * One attempt to get an answer from one host.
 *
 *     (made) ─▶ waiting in a pool ─▶ on a connection ─▶ headers came ─▶ over
 *                    │                     │                │
 *                    └─ pool failure       └─ reset, per-try timeout
 *
 * The router decides what an end means; this object owns the stream, its timers and its place in the
 * books of the pool. `releaseStream` gives the stream back: the router calls it when it has decided
 * and before the answer goes on its way, so that whoever reacts to the answer finds the books in order.
 * Pooled: `reset` undoes what an attempt has set.
 *
 * @source envoy: source/common/router/upstream_request.cc
 */
import type { Dispatcher, EventTarget, Timer } from '#kernel/dispatcher.ts';
import type { SpanReason } from '#telemetry/recorder.ts';
import type { FlagSequence } from '#telemetry/response-flags.ts';
import type { Exchange, HttpResponse, ResetReason, ResponseReceiver } from '../network.ts';
import type { ConnectionPool } from '../upstream/connection-pool.ts';
import type { Host } from '../upstream/host.ts';
import type { PoolClient, PoolFailure } from '../upstream/pool-client.ts';
import type { UpstreamConnection } from '../upstream/upstream-connection.ts';

/** Why an attempt has ended without (the rest of) an answer. */
export type AttemptFailure = PoolFailure | ResetReason | 'local-reset';

export type AttemptTimeout = 'per-try' | 'per-try-idle' | 'max-duration';

/** What an attempt tells the router. The attempt may be re-used when the call returns. */
export interface AttemptOwner {
  /** A host was reached, or could not be: it counts as attempted. */
  onHostAttempted(attempt: UpstreamRequest, host: Host): void;
  /** On a connection; sends the request. */
  onAttemptReady(attempt: UpstreamRequest, connection: UpstreamConnection, nowNs: number): void;
  onAttemptHeaders(
    attempt: UpstreamRequest,
    response: HttpResponse,
    endStream: boolean,
    nowNs: number,
  ): void;
  onAttemptEnd(attempt: UpstreamRequest, nowNs: number): void;
  onAttemptFailure(
    attempt: UpstreamRequest,
    failure: AttemptFailure,
    transportFailure: string,
    nowNs: number,
  ): void;
  onAttemptTimeout(attempt: UpstreamRequest, timeout: AttemptTimeout, nowNs: number): void;
}

const PER_TRY_TIMEOUT = 0;
const PER_TRY_IDLE_TIMEOUT = 1;
const MAX_STREAM_DURATION = 2;

export class UpstreamRequest implements PoolClient, ResponseReceiver, EventTarget {
  previousPending: PoolClient | undefined;
  nextPending: PoolClient | undefined;
  /** The router's attempt before it that is still in flight; of one that nobody uses, the next of its pool. */
  older: UpstreamRequest | undefined;
  /** Stays when the attempt is over. */
  declare private owner: AttemptOwner;
  /** 1 for the first. */
  number = 1;
  startNs = Number.NaN;
  /** The three fields below are for traces; nobody else pays for them. */
  isTraced = false;
  /** When it was given a connection; -1 = it was not. */
  readyNs = -1;
  /** Why this host. */
  choice: readonly SpanReason[] | undefined;
  /** Since when it waited for the connection that was opened for it; -1 = it took an open one. */
  connectNs = -1;
  /** How it broke off; undefined = it did not. */
  failure: AttemptFailure | undefined;
  host: Host | undefined;
  connection: UpstreamConnection | undefined;
  exchange: Exchange | undefined;
  response: HttpResponse | undefined;
  awaitsHeaders = true;
  /** Another attempt was started because this one was slow: it is not retried again. */
  wasRetried = false;
  /** Outlier detection has heard of its timeout. */
  hasReportedTimeout = false;
  /** How it ended, if it failed. */
  flags: FlagSequence = 0;
  /** 0 = none. */
  perTryIdleTimeoutNs = 0;
  #waitingIn: ConnectionPool | undefined;
  declare private readonly dispatcher: Dispatcher;
  #perTryTimer: Timer | undefined;
  #perTryIdleTimer: Timer | undefined;
  #durationTimer: Timer | undefined;
  #isTimed = false;

  constructor(owner: AttemptOwner, dispatcher: Dispatcher) {
    this.owner = owner;
    this.dispatcher = dispatcher;
  }

  /** Asks `pool` for a stream; may be over when this returns. */
  start(owner: AttemptOwner, number: number, pool: ConnectionPool, nowNs: number): void {
    if (this.owner !== owner) this.owner = owner;
    this.number = number;
    this.startNs = nowNs;
    this.#waitingIn = pool;
    pool.newStream(this, nowNs);
  }

  /** Arms the timers that are configured; each 0 = none. */
  armTimers(perTryNs: number, perTryIdleNs: number, maxDurationNs: number): void {
    this.#isTimed = true;
    if (perTryNs > 0) {
      this.#perTryTimer ??= this.dispatcher.createTimer(this, PER_TRY_TIMEOUT);
      this.#perTryTimer.enable(perTryNs);
    }
    if (perTryIdleNs > 0) {
      this.#perTryIdleTimer ??= this.dispatcher.createTimer(this, PER_TRY_IDLE_TIMEOUT);
      this.#perTryIdleTimer.enable(perTryIdleNs);
      this.perTryIdleTimeoutNs = perTryIdleNs;
    }
    if (maxDurationNs > 0) {
      this.#durationTimer ??= this.dispatcher.createTimer(this, MAX_STREAM_DURATION);
      this.#durationTimer.enable(maxDurationNs);
    }
  }

  onPoolReady(connection: UpstreamConnection, nowNs: number): void {
    this.#waitingIn = undefined;
    this.connection = connection;
    const { host } = connection.pool;
    if (this.host !== host) this.host = host;
    if (this.isTraced === true) this.#traceReady(connection, nowNs);
    this.owner.onAttemptReady(this, connection, nowNs);
  }

  onPoolFailure(
    failure: PoolFailure,
    host: Host | undefined,
    transportFailure: string,
    nowNs: number,
  ): void {
    this.#waitingIn = undefined;
    this.failure = failure;
    this.host = host;
    if (host !== undefined) this.owner.onHostAttempted(this, host);
    this.owner.onAttemptFailure(this, failure, transportFailure, nowNs);
  }

  onResponseHeaders(
    _exchange: Exchange,
    response: HttpResponse,
    endStream: boolean,
    nowNs: number,
  ): void {
    this.awaitsHeaders = false;
    this.response = response;
    if (endStream === true) this.exchange = undefined;
    if (this.perTryIdleTimeoutNs > 0) this.#perTryIdleTimer?.enable(this.perTryIdleTimeoutNs);
    this.owner.onAttemptHeaders(this, response, endStream, nowNs);
  }

  onResponseEnd(_exchange: Exchange, nowNs: number): void {
    this.owner.onAttemptEnd(this, nowNs);
  }

  onResponseReset(_exchange: Exchange, reason: ResetReason, nowNs: number): void {
    const connection = this.connection!;
    const { stats, isMultiplexed } = connection.pool;
    this.exchange = undefined;
    this.failure = reason;
    if (reason === 'protocol-error') stats.upstreamCxProtocolError++;
    if (isMultiplexed && reason === 'remote-reset') stats.upstreamRqRxReset++;
    if (isMultiplexed && reason === 'connection-termination') stats.upstreamRqPendingFailureEject++;
    if (reason === 'connection-termination' || reason === 'protocol-error') {
      connection.lostStreams = true;
    }
    // An HTTP/2 stream is out of the books before the router hears of it; an HTTP/1.1 stream counts
    // as active while the router decides about a retry.
    if (isMultiplexed) this.releaseStream(true, nowNs);
    this.owner.onAttemptFailure(this, reason, '', nowNs);
  }

  /**
   * The first of the two limits of an attempt ends the other: the idle one for good, though the first
   * may go unheeded because the answer has begun.
   *
   * @source envoy: source/common/router/upstream_request.cc, onPerTryTimeout, onPerTryIdleTimeout
   */
  onEvent(event: number, nowNs: number): void {
    if (event === PER_TRY_TIMEOUT) {
      this.#perTryIdleTimer?.disable();
      this.perTryIdleTimeoutNs = 0;
      this.owner.onAttemptTimeout(this, 'per-try', nowNs);
    } else if (event === PER_TRY_IDLE_TIMEOUT) {
      this.#perTryTimer?.disable();
      this.owner.onAttemptTimeout(this, 'per-try-idle', nowNs);
    } else this.owner.onAttemptTimeout(this, 'max-duration', nowNs);
  }

  /** The stream ended by itself: complete, or lost with its connection (`mayReuse` false then). */
  releaseStream(mayReuse: boolean, nowNs: number): void {
    const connection = this.connection;
    if (connection === undefined) return;
    this.connection = undefined;
    this.exchange = undefined;
    if (connection.lostStreams === true) connection.pool.onStreamLost(connection, nowNs);
    else {
      connection.pool.onStreamClosed(
        connection,
        mayReuse === true && connection.closesAfterResponse === false,
        nowNs,
      );
    }
  }

  /**
   * Gives up from this end a running stream that may be retried. On HTTP/1.1 it stays in the books of its
   * pool until `releaseStream`: it counts as active while the router decides.
   */
  breakOff(nowNs: number): void {
    const connection = this.connection;
    if (connection === undefined || connection.pool.isMultiplexed) {
      this.resetStream(nowNs);
      return;
    }
    this.exchange = undefined;
    connection.lostStreams = true;
    connection.close(nowNs);
  }

  /** Gives up from this end, waiting or running. */
  resetStream(nowNs: number): void {
    if (this.#waitingIn !== undefined) {
      const pool = this.#waitingIn;
      this.#waitingIn = undefined;
      pool.cancelPending(this, nowNs);
      return;
    }
    const connection = this.connection;
    if (connection === undefined) return;
    const exchange = this.exchange;
    this.connection = undefined;
    this.exchange = undefined;
    const { pool } = connection;
    if (pool.isMultiplexed) {
      pool.stats.upstreamRqTxReset++;
      if (exchange !== undefined) connection.wire!.resetStream(exchange);
      pool.onStreamClosed(connection, true, nowNs);
      return;
    }
    // HTTP/1.1 can end a stream only by closing its connection.
    connection.lostStreams = true;
    pool.onStreamLost(connection, nowNs);
    connection.close(nowNs);
  }

  /** Leaves the list of attempts in flight; it is not the newest of them. */
  unlinkBehind(newest: UpstreamRequest): void {
    for (let it: UpstreamRequest | undefined = newest; it !== undefined; it = it.older) {
      if (it.older === this) it.older = this.older;
    }
  }

  /** Before it starts. */
  trace(choice: readonly SpanReason[] | undefined): void {
    this.isTraced = true;
    this.choice = choice;
    this.readyNs = -1;
    this.connectNs = -1;
  }

  reset(): void {
    if (this.#isTimed === true) this.#disarmTimers();
    this.choice = undefined;
    this.failure = undefined;
    this.host = undefined;
    this.connection = undefined;
    this.exchange = undefined;
    this.response = undefined;
    this.awaitsHeaders = true;
    this.wasRetried = false;
    this.hasReportedTimeout = false;
    this.flags = 0;
    this.perTryIdleTimeoutNs = 0;
  }

  #traceReady(connection: UpstreamConnection, nowNs: number): void {
    this.readyNs = nowNs;
    if (connection.connectedNs === nowNs)
      this.connectNs = Math.max(this.startNs, connection.startedNs);
  }

  #disarmTimers(): void {
    this.#isTimed = false;
    this.#perTryTimer?.disable();
    this.#perTryIdleTimer?.disable();
    this.#durationTimer?.disable();
  }
}
