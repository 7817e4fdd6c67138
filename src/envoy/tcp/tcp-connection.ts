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
import { TcpSession, type TcpSessionOwner } from './tcp-session.ts';

/** What such a connection needs of its TCP proxy. */
export interface TcpConnectionOwner extends TcpSessionOwner {
  takeSession(): TcpSession;
  forget(shared: TcpConnection, connection: ServerConnection, nowNs: number): void;
}

const IDLE_TIMEOUT = 0;

export class TcpConnection implements ServerHandler, CloseListener, EventTarget {
  readonly #owner: TcpConnectionOwner;
  readonly #server: ServerConnection;
  readonly #idleTimer: Timer;
  readonly #sessions = new Set<TcpSession>();
  readonly #waiting: TcpSession[] = [];
  #isConnecting = false;
  #isClosed = false;
  /** What holds the upstream connection. */
  #attempt: UpstreamRequest | undefined;
  #upstream: UpstreamConnection | undefined;
  #cluster: UpstreamCluster | undefined;

  constructor(owner: TcpConnectionOwner, server: ServerConnection) {
    this.#owner = owner;
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
    if (exchange.serverState instanceof TcpSession) exchange.serverState.onClientGone(nowNs);
  }

  onClientClose(_connection: ServerConnection, nowNs: number): void {
    this.#end(nowNs);
  }

  /** True when `session` has nothing to connect: another one does, or has. */
  joins(session: TcpSession, nowNs: number): boolean {
    if (this.#upstream !== undefined) session.goOn(this.#upstream, this.#cluster!, nowNs);
    else if (this.#isConnecting) this.#waiting.push(session);
    else {
      this.#isConnecting = true;
      return false;
    }
    return true;
  }

  /** A session has connected: `attempt` is this object's from now on. */
  opened(
    session: TcpSession,
    attempt: UpstreamRequest,
    upstream: UpstreamConnection,
    cluster: UpstreamCluster,
    nowNs: number,
  ): void {
    this.#isConnecting = false;
    this.#attempt = attempt;
    this.#upstream = upstream;
    this.#cluster = cluster;
    upstream.closeListener = this;
    for (const it of [session, ...this.#waiting.splice(0)]) it.goOn(upstream, cluster, nowNs);
  }

  /** A session has ended; the connection stays. */
  sessionEnded(session: TcpSession): void {
    this.#sessions.delete(session);
    if (this.#isClosed || this.#sessions.size > 0 || this.#owner.idleTimeoutNs === 0) return;
    this.#idleTimer.enable(this.#owner.idleTimeoutNs);
  }

  /** There is no way on for what comes over it. */
  hangUp(nowNs: number): void {
    if (this.#isClosed) return;
    this.#end(nowNs);
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

  #end(nowNs: number): void {
    this.#isClosed = true;
    this.#idleTimer.disable();
    this.#waiting.length = 0;
    for (const session of [...this.#sessions]) session.onClientGone(nowNs);
    const attempt = this.#attempt;
    this.#attempt = undefined;
    if (this.#upstream !== undefined) this.#upstream.closeListener = undefined;
    this.#upstream = undefined;
    if (attempt !== undefined) {
      attempt.releaseStream(false, nowNs);
      this.#owner.attempts.give(attempt);
    }
    this.#owner.forget(this, this.#server, nowNs);
  }
}
