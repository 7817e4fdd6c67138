/**
 * One TCP session from downstream.
 *
 *     start ─▶ host, connect ─▶ sent upstream ─▶ answered ─▶ over
 *                ▲     └─ failed: again, up to max_connect_attempts, then closed (UF,URX)
 *                └──────────┘
 *
 * @source envoy: source/common/tcp_proxy/tcp_proxy.cc, Filter
 */
import type { Dispatcher, EventTarget, Timer } from '#kernel/dispatcher.ts';
import type { Uint64 } from '#kernel/uint64.ts';
import type { AccessLog } from '#xds/listener.ts';
import { attemptKey } from '../attempt-key.ts';
import { ActiveStreamInfo } from '../http/active-stream-info.ts';
import type { LoadBalancerContext } from '../load-balancing/load-balancer.ts';
import type {
  ConnectOptions,
  Exchange,
  HttpResponse,
  ResetReason,
  ResponseReceiver,
  ServerConnection,
} from '../network.ts';
import type { EndedStream } from '../proxy-environment.ts';
import type { AttemptPool } from '../router/attempt-pool.ts';
import type { HashPolicies } from '../router/hash-policy.ts';
import type { AttemptFailure, AttemptOwner, UpstreamRequest } from '../router/upstream-request.ts';
import type { Host } from '../upstream/host.ts';
import type { UpstreamCluster } from '../upstream/upstream-cluster.ts';
import type { UpstreamConnection } from '../upstream/upstream-connection.ts';
import type { TcpStats } from './tcp-stats.ts';

/** The connection that a session shares with others: it carries HTTP (`tcp-connection.ts`). */
export interface SharedTcpConnection {
  /** 0 = none. */
  readonly idleTimeoutNs: number;
  /** True when the session has nothing to connect: another one does, or has; else it is to connect. */
  joins(session: TcpSession, nowNs: number): boolean;
  /** Takes over the attempt, which has got a connection, and leads everybody there. */
  opened(attempt: UpstreamRequest, cluster: UpstreamCluster, nowNs: number): void;
  attemptFailed(): void;
  sessionEnded(session: TcpSession): void;
  hangUp(nowNs: number): void;
}

/** What a session needs of its TCP proxy. */
export interface TcpSessionOwner {
  readonly dispatcher: Dispatcher;
  readonly attempts: AttemptPool;
  readonly stats: TcpStats;
  readonly statPrefix: string;
  readonly accessLog: readonly AccessLog[] | undefined;
  readonly workerCount: number;
  readonly maxConnectAttempts: number;
  readonly isTraced: boolean;
  /** 0 = none. */
  readonly idleTimeoutNs: number;
  readonly hashPolicies: HashPolicies | undefined;
  /** For attempt number `attempt`. Undefined when configuration has no cluster of the chosen name. */
  clusterFor(exchange: Exchange, attempt: number): UpstreamCluster | undefined;
  /** Closes a connection from downstream. */
  hangUp(connection: ServerConnection, nowNs: number): void;
  attemptEnded(session: TcpSession, attempt: UpstreamRequest, cluster: UpstreamCluster): void;
  /** Counts and logs; gives the row. */
  sessionEnded(session: TcpSession, options: ConnectOptions): number;
}

const IDLE_TIMEOUT = 0;

export class TcpSession
  implements AttemptOwner, LoadBalancerContext, EndedStream, ResponseReceiver, EventTarget
{
  readonly info = new ActiveStreamInfo();
  readonly finalRequest = undefined;
  readonly response = undefined;
  readonly entry = undefined;
  readonly metadataMatchCriteria = undefined;
  readonly hostSelectionRetryCount = 0;
  readonly overrideHost = undefined;
  readonly retryPriority = undefined;
  readonly #owner: TcpSessionOwner;
  readonly #idleTimer: Timer;
  #exchange: Exchange | undefined;
  #cluster: UpstreamCluster | undefined;
  #attempt: UpstreamRequest | undefined;
  #attemptCount = 0;
  /** Undefined for a session of bytes, which has its connections to itself. */
  #shared: SharedTcpConnection | undefined;
  /** On the shared connection. */
  #forwarded: Exchange | undefined;
  /** What a trace is told of it; undefined where nobody asks. */
  #traced: UpstreamRequest | undefined;
  #upstream: UpstreamConnection | undefined;

  constructor(owner: TcpSessionOwner) {
    this.#owner = owner;
    this.#idleTimer = owner.dispatcher.createTimer(this, IDLE_TIMEOUT);
  }

  get key(): Exchange {
    return this.#exchange!;
  }

  get statPrefix(): string {
    return this.#owner.statPrefix;
  }

  get accessLog(): readonly AccessLog[] | undefined {
    return this.#owner.accessLog;
  }

  get authority(): string | undefined {
    return this.#options.tls?.sni;
  }

  get originalDestination(): string {
    return this.#options.originalDestination;
  }

  get hash(): Uint64 | undefined {
    const { sourceAddress, originalDestination } = this.#options;
    const ends = { remoteAddress: sourceAddress, localAddress: originalDestination };
    return this.#owner.hashPolicies?.hash(this.#exchange!.request, ends).hash;
  }

  get #options(): ConnectOptions {
    return this.#exchange!.server.options;
  }

  start(exchange: Exchange, nowNs: number, shared?: SharedTcpConnection): void {
    const { info } = this;
    this.#exchange = exchange;
    this.#shared = shared;
    exchange.serverState = this;
    this.#attemptCount = 0;
    info.startNs = nowNs;
    info.bytesReceived = exchange.request.bodyBytes;
    info.downstreamRemoteAddress = this.#options.sourceAddress;
    info.downstreamDirectRemoteAddress = this.#options.sourceAddress;
    info.downstreamLocalAddress = this.#options.originalDestination;
    this.#owner.stats.downstreamCxRxBytesTotal += info.bytesReceived;
    if (!shared?.joins(this, nowNs)) this.connect(nowNs);
  }

  /**
   * Chooses the cluster, each time anew, and connects.
   *
   * @source envoy: tcp_proxy.cc, Filter::onNewConnection, onUpstreamEvent (pickRoute)
   */
  connect(nowNs: number): void {
    const { info } = this;
    const cluster = this.#owner.clusterFor(this.#exchange!, this.#attemptCount + 1);
    if (cluster === undefined) {
      this.#owner.stats.downstreamCxNoRoute++;
      info.setFlag('NC');
      this.#close(nowNs);
      return;
    }
    this.#cluster = cluster;
    info.upstreamCluster = cluster.name;
    info.clusterId = cluster.id;
    if (this.#owner.idleTimeoutNs > 0 && this.#attemptCount === 0) {
      this.#idleTimer.enable(this.#owner.idleTimeoutNs);
    }
    this.#attemptConnection(cluster, nowNs);
  }

  /** Goes the way of those before it on its connection. */
  goOn(upstream: UpstreamConnection, cluster: UpstreamCluster, nowNs: number): void {
    const { info } = this;
    const { host } = upstream.pool;
    const exchange = this.#exchange!;
    this.#cluster = cluster;
    info.upstreamCluster = cluster.name;
    info.clusterId = cluster.id;
    info.upstreamHost = host.address;
    info.hostId = host.recordId;
    info.upstreamLocalAddress = upstream.localAddress;
    info.attemptCount = Math.max(1, this.#attemptCount);
    if (this.#shared!.idleTimeoutNs > 0) this.#idleTimer.enable(this.#shared!.idleTimeoutNs);
    if (this.#owner.isTraced) this.#traced = this.#record(upstream, nowNs);
    const wire = upstream.wire!;
    const key = attemptKey(exchange.attempt, info.attemptCount);
    this.#upstream = upstream;
    this.#forwarded = wire.newExchange(exchange.request, this, exchange, key);
    wire.send(this.#forwarded);
  }

  onResponseHeaders(_it: Exchange, response: HttpResponse, isAll: boolean, nowNs: number): void {
    this.#answer(response, isAll, undefined, nowNs);
  }

  onResponseEnd(_it: Exchange, nowNs: number): void {
    this.#endAnswer(undefined, nowNs);
  }

  /** The connection is lost: bytes know no other end. */
  onResponseReset(_exchange: Exchange, _reason: ResetReason, nowNs: number): void {
    this.#upstream!.lostStreams = true;
    this.#forwarded = undefined;
    this.#close(nowNs);
  }

  isOn(connection: ServerConnection): boolean {
    return this.#exchange?.server === connection;
  }

  shouldSelectAnotherHost(): boolean {
    return false;
  }

  onHostAttempted(_attempt: UpstreamRequest, host: Host): void {
    this.info.upstreamHost = host.address;
    this.info.hostId = host.recordId;
  }

  onAttemptReady(attempt: UpstreamRequest, connection: UpstreamConnection, nowNs: number): void {
    const { host } = connection.pool;
    const exchange = this.#exchange!;
    this.onHostAttempted(attempt, host);
    this.info.upstreamLocalAddress = connection.localAddress;
    host.outlierMonitor.putResult('local-origin-connect-success', 0);
    if (this.#shared !== undefined) {
      this.#attempt = undefined;
      this.#shared.opened(attempt, this.#cluster!, nowNs);
      return;
    }
    const wire = connection.wire!;
    const key = attemptKey(exchange.attempt, attempt.number);
    attempt.exchange = wire.newExchange(exchange.request, attempt, exchange, key);
    wire.send(attempt.exchange);
  }

  onAttemptHeaders(
    attempt: UpstreamRequest,
    response: HttpResponse,
    isAll: boolean,
    nowNs: number,
  ): void {
    this.#answer(response, isAll, attempt, nowNs);
  }

  onAttemptEnd(attempt: UpstreamRequest, nowNs: number): void {
    this.#endAnswer(attempt, nowNs);
  }

  /** @source envoy: tcp_proxy.cc, Filter::onGenericPoolFailure, onUpstreamEvent */
  onAttemptFailure(
    attempt: UpstreamRequest,
    failure: AttemptFailure,
    transportFailure: string,
    nowNs: number,
  ): void {
    const { info } = this;
    const wasConnected = attempt.connection !== undefined;
    this.#idleTimer.disable(); // With a failed attempt the session has no idle timeout any more.
    this.#shared?.attemptFailed();
    attempt.releaseStream(false, nowNs);
    if (wasConnected) {
      this.#dropAttempt();
      this.#close(nowNs);
      return;
    }
    if (failure === 'overflow') info.setFlag('UO');
    else {
      info.setFlag('UF');
      info.upstreamTransportFailureReason = transportFailure;
      attempt.host?.outlierMonitor.putResult('local-origin-connect-failed', 0);
    }
    this.#dropAttempt();
    this.connect(nowNs);
  }

  /** Its attempts have no timeouts: connecting has its own. */
  onAttemptTimeout(): void {}

  /** The client closed. */
  onClientGone(nowNs: number): void {
    const forwarded = this.#forwarded;
    if (forwarded !== undefined && this.#options.protocol === 'h2') {
      this.#upstream!.wire!.resetStream(forwarded);
    }
    this.#attempt?.resetStream(nowNs);
    this.#dropAttempt();
    this.#finish();
  }

  /** The session was idle for too long. */
  onEvent(_event: number, nowNs: number): void {
    this.#owner.stats.idleTimeout++;
    this.#attempt?.resetStream(nowNs);
    this.#dropAttempt();
    this.#close(nowNs);
  }

  /** @source envoy: tcp_proxy.cc, Filter::establishUpstreamConnection */
  #attemptConnection(cluster: UpstreamCluster, nowNs: number): void {
    const { info } = this;
    if (!cluster.defaultResources.connections.canCreate) {
      info.setFlag('UO');
      cluster.stats.upstreamCxOverflow++;
      this.#close(nowNs);
      return;
    }
    if (this.#attemptCount >= this.#owner.maxConnectAttempts) {
      info.setFlag('URX');
      cluster.stats.upstreamCxConnectAttemptsExceeded++;
      this.#close(nowNs);
      return;
    }
    this.#attemptCount++;
    info.attemptCount = this.#attemptCount;
    const worker = this.#options.workerKey % this.#owner.workerCount;
    const host = cluster.chooseHost(worker, this);
    const pool = host && cluster.worker(worker).pools.pool(host, 'DEFAULT', 'tcp');
    if (pool === undefined) {
      if (host === undefined) cluster.stats.upstreamCxNoneHealthy++;
      info.setFlag('UH');
      this.#close(nowNs);
      return;
    }
    const attempt = this.#owner.attempts.take(this);
    if (this.#owner.isTraced) attempt.trace(undefined);
    this.#attempt = attempt;
    attempt.start(this, this.#attemptCount, pool, nowNs);
  }

  /** An attempt as traces know it: the one that holds the connection serves all of them. */
  #record(upstream: UpstreamConnection, nowNs: number): UpstreamRequest {
    const { startNs, attemptCount } = this.info;
    const record = this.#owner.attempts.take(this);
    record.trace(undefined);
    record.number = attemptCount;
    record.startNs = startNs;
    record.readyNs = nowNs;
    record.host = upstream.pool.host;
    if (upstream.connectedNs === nowNs) record.connectNs = Math.max(startNs, upstream.startedNs);
    return record;
  }

  /** `attempt`: what it came by, of a session that has its connections to itself. */
  #answer(
    response: HttpResponse,
    isAll: boolean,
    attempt: UpstreamRequest | undefined,
    nowNs: number,
  ): void {
    const exchange = this.#exchange!;
    this.info.firstUpstreamResponseNs = nowNs;
    this.info.bytesSent = response.bodyBytes;
    if (this.#traced !== undefined) this.#traced.response = response;
    this.#owner.stats.downstreamCxTxBytesTotal += response.bodyBytes;
    if (isAll) this.#finishAnswered(attempt, nowNs);
    exchange.server.respond(exchange, response, isAll);
  }

  #endAnswer(attempt: UpstreamRequest | undefined, nowNs: number): void {
    const exchange = this.#exchange!;
    this.#finishAnswered(attempt, nowNs);
    exchange.server.endResponse(exchange);
  }

  #finishAnswered(attempt: UpstreamRequest | undefined, nowNs: number): void {
    attempt?.releaseStream(false, nowNs);
    this.#dropAttempt();
    this.#finish();
  }

  #dropAttempt(): void {
    const attempt = this.#attempt;
    if (attempt === undefined) return;
    this.#attempt = undefined;
    this.#owner.attemptEnded(this, attempt, this.#cluster!);
    this.#owner.attempts.give(attempt);
  }

  #close(nowNs: number): void {
    const { server } = this.#exchange!;
    const shared = this.#shared;
    this.#finish();
    if (shared === undefined) this.#owner.hangUp(server, nowNs);
    else shared.hangUp(nowNs);
  }

  #finish(): void {
    this.#idleTimer.disable();
    if (this.#traced !== undefined) {
      this.#owner.attemptEnded(this, this.#traced, this.#cluster!);
      this.#owner.attempts.give(this.#traced);
      this.#traced = undefined;
    }
    const exchange = this.#exchange!;
    this.info.endNs = this.#owner.dispatcher.nowNs;
    exchange.row = this.#owner.sessionEnded(this, this.#options);
    exchange.serverState = undefined;
    this.#shared?.sessionEnded(this);
    this.#shared = undefined;
    this.#forwarded = undefined;
    this.#upstream = undefined;
    this.#exchange = undefined;
    this.#cluster = undefined;
    this.info.reset();
  }
}
