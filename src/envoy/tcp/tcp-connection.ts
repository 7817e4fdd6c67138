/**
 * A connection from downstream that carries HTTP through a TCP proxy. The proxy sees bytes: whatever
 * is asked on it goes the way of its first request, and the two connections end together.
 *
 *     first request ─▶ connecting (others wait) ─▶ joined to an upstream connection ─▶ closed
 *                            └─ failed: closed
 *
 * Each request is a session of its own to logs and metrics.
 *
 * @source envoy: source/common/tcp_proxy/tcp_proxy.cc, Filter
 */
import type { EventTarget, Timer } from '#kernel/dispatcher.ts';
import type { Exchange, ServerConnection, ServerHandler } from '../network.ts';
import type { UpstreamRequest } from '../router/upstream-request.ts';
import type { UpstreamCluster } from '../upstream/upstream-cluster.ts';
import type { CloseListener, UpstreamConnection } from '../upstream/upstream-connection.ts';
import { type SharedTcpConnection, TcpSession, type TcpSessionOwner } from './tcp-session.ts';

/** What such a connection needs of its TCP proxy. */
export interface TcpConnectionOwner extends TcpSessionOwner {
  takeSession(): TcpSession;
  forget(connection: ServerConnection, nowNs: number): void;
}

const IDLE_TIMEOUT = 0;

export class TcpConnection
  implements SharedTcpConnection, ServerHandler, CloseListener, EventTarget
{
  readonly #owner: TcpConnectionOwner;
  readonly #server: ServerConnection;
  readonly #idleTimer: Timer;
  readonly #sessions = new Set<TcpSession>();
  /** For a connection upstream; the first one makes it. */
  readonly #waiting: TcpSession[] = [];
  idleTimeoutNs: number;
  #isClosed = false;
  /** What holds the upstream connection. */
  #attempt: UpstreamRequest | undefined;
  #upstream: UpstreamConnection | undefined;
  #cluster: UpstreamCluster | undefined;

  constructor(owner: TcpConnectionOwner, server: ServerConnection) {
    this.#owner = owner;
    this.idleTimeoutNs = owner.idleTimeoutNs;
    this.#server = server;
    this.#idleTimer = owner.dispatcher.createTimer(this, IDLE_TIMEOUT);
  }

  onRequest(exchange: Exchange, nowNs: number): void {
    const session = this.#owner.takeSession();
    this.#idleTimer.disable();
    this.#sessions.add(session);
    session.start(exchange, nowNs, this);
  }

  onRequestReset(exchange: Exchange, nowNs: number): void {
    const session = exchange.serverState;
    if (!(session instanceof TcpSession)) return;
    const wasConnecting = this.#waiting[0] === session;
    session.onClientGone(nowNs);
    if (wasConnecting) this.#waiting[0]?.connect(nowNs);
  }

  onClientClose(_connection: ServerConnection, nowNs: number): void {
    this.#end('client', nowNs);
  }

  joins(session: TcpSession, nowNs: number): boolean {
    if (this.#upstream !== undefined) session.goOn(this.#upstream, this.#cluster!, nowNs);
    else this.#waiting.push(session);
    return this.#upstream !== undefined || this.#waiting.length > 1;
  }

  /** `attempt` is this object's from now on. */
  opened(attempt: UpstreamRequest, cluster: UpstreamCluster, nowNs: number): void {
    const upstream = attempt.connection!;
    this.#attempt = attempt;
    this.#upstream = upstream;
    this.#cluster = cluster;
    upstream.closeListener = this;
    for (const session of this.#waiting.splice(0)) session.goOn(upstream, cluster, nowNs);
  }

  /** @source envoy: tcp_proxy.cc, Filter::onUpstreamEvent (disableIdleTimer) */
  attemptFailed(): void {
    this.idleTimeoutNs = 0;
  }

  /** A session has ended; the connection stays. */
  sessionEnded(session: TcpSession): void {
    this.#sessions.delete(session);
    const waits = this.#waiting.indexOf(session);
    if (waits >= 0) this.#waiting.splice(waits, 1);
    if (this.#isClosed || this.#sessions.size > 0 || this.idleTimeoutNs === 0) return;
    this.#idleTimer.enable(this.idleTimeoutNs);
  }

  /** There is no way on for what comes over it. */
  hangUp(nowNs: number): void {
    if (this.#isClosed) return;
    this.#end('proxy', nowNs);
    this.#owner.hangUp(this.#server, nowNs);
  }

  onUpstreamGoAway(): void {
    this.#server.goAway();
  }

  onUpstreamClosed(nowNs: number): void {
    this.#upstream = undefined;
    this.hangUp(nowNs);
  }

  /** Idle for too long. */
  onEvent(_event: number, nowNs: number): void {
    if (this.#sessions.size > 0) return;
    this.#owner.stats.idleTimeout++;
    this.hangUp(nowNs);
  }

  /**
   * A client's end of its bytes is passed on, and the other end closes for its part.
   *
   * @source envoy: source/common/tcp_proxy/tcp_proxy.cc, Filter::onData, onDownstreamEvent
   */
  #end(by: 'client' | 'proxy', nowNs: number): void {
    this.#isClosed = true;
    this.#idleTimer.disable();
    this.#waiting.length = 0;
    for (const session of [...this.#sessions]) session.onClientGone(nowNs);
    const attempt = this.#attempt;
    const upstream = this.#upstream;
    this.#attempt = undefined;
    this.#upstream = undefined;
    const isLost = upstream?.lostStreams ?? true; // Then it closes by itself.
    if (upstream !== undefined) {
      upstream.closeListener = undefined;
      upstream.lostStreams = true;
    }
    if (attempt !== undefined) {
      attempt.releaseStream(false, nowNs);
      this.#owner.attempts.give(attempt);
    }
    if (!isLost && by === 'client') upstream?.closeInTurn(nowNs);
    else if (!isLost) upstream?.close(nowNs);
    this.#owner.forget(this.#server, nowNs);
  }
}
