import type { Dispatcher, Timer } from '#kernel/dispatcher.ts';
import { streamHash } from '#kernel/keyed-random.ts';
import { NONE } from '#telemetry/recorder.ts';
import { durationNs } from '#xds/duration.ts';
import type { AccessLog, TcpProxy as TcpProxyConfig } from '#xds/listener.ts';
import { attemptKey } from '../attempt-key.ts';
import { StreamRandom } from '../http/stream-random.ts';
import { StreamReport, type TrafficSide } from '../http/stream-report.ts';
import { StreamTrace } from '../http/stream-trace.ts';
import type { NetworkFilter } from '../listener/active-listener.ts';
import type { ListenerStats } from '../listener/listener-stats.ts';
import type { ConnectOptions, Exchange, ServerConnection, ServerHandler } from '../network.ts';
import type { ProxyEnvironment, ProxyIdentity } from '../proxy-environment.ts';
import type { AttemptPool } from '../router/attempt-pool.ts';
import { HashPolicies } from '../router/hash-policy.ts';
import type { UpstreamRequest } from '../router/upstream-request.ts';
import { WeightedClusterChoice } from '../router/weighted-cluster.ts';
import type { ClusterManager } from '../upstream/cluster-manager.ts';
import { collectNumbers } from '../upstream/cluster-stats.ts';
import type { UpstreamCluster } from '../upstream/upstream-cluster.ts';
import { TcpConnection, type TcpConnectionOwner } from './tcp-connection.ts';
import { TcpSession } from './tcp-session.ts';
import { TcpStats } from './tcp-stats.ts';

const DEFAULT_IDLE_TIMEOUT_NS = 3_600_000_000_000;
const MAX_DURATION = 0;

export interface TcpProxyParts {
  readonly config: TcpProxyConfig;
  readonly side: TrafficSide;
  readonly clusters: ClusterManager;
  readonly identity: ProxyIdentity;
  readonly environment: ProxyEnvironment;
  readonly attempts: AttemptPool;
  readonly listenerStats: ListenerStats;
}

/**
 * The TCP proxy of a filter chain: each session from downstream gets a connection upstream.
 *
 * A session starts upstream when its first bytes are here; Envoy connects as soon as it has accepted,
 * which is one way over the network earlier.
 *
 * @source envoy: source/common/tcp_proxy/tcp_proxy.cc
 */
export class TcpProxy implements NetworkFilter, ServerHandler, TcpConnectionOwner {
  readonly dispatcher: Dispatcher;
  readonly attempts: AttemptPool;
  readonly stats = new TcpStats();
  readonly statPrefix: string;
  readonly workerCount: number;
  readonly maxConnectAttempts: number;
  readonly idleTimeoutNs: number;
  readonly hashPolicies: HashPolicies | undefined;
  readonly #config: TcpProxyConfig;
  readonly #listenerStats: ListenerStats;
  readonly #clusters: ClusterManager;
  readonly #environment: ProxyEnvironment;
  readonly #weightedClusters: WeightedClusterChoice | undefined;
  readonly #streamPurpose: number;
  readonly #report: StreamReport | undefined;
  readonly #trace: StreamTrace | undefined;
  readonly #random = new StreamRandom();
  /** Since when each is open. */
  readonly #connections = new Map<ServerConnection, number>();
  readonly #sessions = new Set<TcpSession>();
  /** Connections that carry HTTP. */
  readonly #shared = new Map<ServerConnection, TcpConnection>();
  readonly #maxDurationNs: number;
  /** Of connections that may only last so long. */
  readonly #limits = new Map<ServerConnection, Timer>();
  readonly #free: TcpSession[] = [];

  constructor(parts: TcpProxyParts) {
    const { config, environment, identity, side } = parts;
    const ignore = (): void => {}; // Problems of configuration were reported where it was read.
    this.#config = config;
    this.#listenerStats = parts.listenerStats;
    this.#clusters = parts.clusters;
    this.#environment = environment;
    this.dispatcher = environment.dispatcher;
    this.attempts = parts.attempts;
    this.statPrefix = config.statPrefix;
    this.workerCount = identity.workerCount;
    this.maxConnectAttempts = config.maxConnectAttempts ?? 1;
    this.idleTimeoutNs = durationNs(config.idleTimeout) ?? DEFAULT_IDLE_TIMEOUT_NS;
    this.#maxDurationNs = durationNs(config.maxDownstreamConnectionDuration) ?? 0;
    this.hashPolicies = config.hashPolicy && new HashPolicies(config.hashPolicy, ignore);
    this.#weightedClusters =
      config.weightedClusters && new WeightedClusterChoice(config.weightedClusters, ignore);
    this.#streamPurpose = streamHash(environment.seed, `proxy/${identity.name}/tcp`);
    const { telemetry } = environment;
    this.#trace = telemetry?.recorder.wantsTrace
      ? new StreamTrace(telemetry.recorder, identity.name, side)
      : undefined;
    this.#report = telemetry && new StreamReport(telemetry, side);
  }

  accept(connection: ServerConnection, nowNs: number): ServerHandler {
    this.stats.downstreamCxTotal++;
    this.#listenerStats.opened();
    this.#connections.set(connection, nowNs);
    if (this.#maxDurationNs > 0) this.#limit(connection);
    if (connection.options.protocol === 'tcp') return this;
    const shared = new TcpConnection(this, connection);
    this.#shared.set(connection, shared);
    return shared;
  }

  onRequest(exchange: Exchange, nowNs: number): void {
    this.takeSession().start(exchange, nowNs);
  }

  takeSession(): TcpSession {
    const session = this.#free.pop() ?? new TcpSession(this);
    this.#sessions.add(session);
    return session;
  }

  forget(connection: ServerConnection, nowNs: number): void {
    this.#shared.delete(connection);
    this.#closed(connection, nowNs);
  }

  onRequestReset(exchange: Exchange, nowNs: number): void {
    if (exchange.serverState instanceof TcpSession) exchange.serverState.onClientGone(nowNs);
  }

  onClientClose(connection: ServerConnection, nowNs: number): void {
    this.#closed(connection, nowNs);
  }

  hangUp(connection: ServerConnection, nowNs: number): void {
    this.#closed(connection, nowNs);
    connection.hangUp();
  }

  clusterFor(exchange: Exchange, attempt: number): UpstreamCluster | undefined {
    return this.#clusters.get(this.#clusterName(exchange, attempt));
  }

  get accessLog(): readonly AccessLog[] | undefined {
    return this.#config.accessLog;
  }

  get isTraced(): boolean {
    return this.#trace !== undefined;
  }

  attemptEnded(session: TcpSession, attempt: UpstreamRequest, cluster: UpstreamCluster): void {
    this.#trace?.attemptEnded(session, attempt, cluster, this.dispatcher.nowNs);
  }

  sessionEnded(session: TcpSession, options: ConnectOptions): number {
    this.#sessions.delete(session);
    this.#free.push(session);
    this.#environment.observer?.onStreamEnd(session);
    this.#trace?.streamEnded(session, undefined);
    return this.#report?.streamEnded(session.info, 'tcp', options) ?? NONE;
  }

  get connectionCount(): number {
    return this.#connections.size;
  }

  /** Connections go on: a TCP session can not be told to go elsewhere. */
  drain(): void {}

  shutDown(nowNs: number): void {
    for (const shared of [...this.#shared.values()]) shared.hangUp(nowNs);
    for (const connection of [...this.#connections.keys()]) this.hangUp(connection, nowNs);
    for (const session of [...this.#sessions]) session.onClientGone(nowNs);
  }

  collectStats(into: Map<string, number>): void {
    collectNumbers(this.stats, `tcp.${this.statPrefix}.`, into);
  }

  #limit(connection: ServerConnection): void {
    const onEvent = (_event: number, nowNs: number): void => this.#cut(connection, nowNs);
    const timer = this.dispatcher.createTimer({ onEvent }, MAX_DURATION);
    timer.enable(this.#maxDurationNs);
    this.#limits.set(connection, timer);
  }

  /** @source envoy: tcp_proxy.cc, Filter::onMaxDownstreamConnectionDuration */
  #cut(connection: ServerConnection, nowNs: number): void {
    this.stats.maxDownstreamConnectionDuration++;
    const sessions = [...this.#sessions].filter((session) => session.isOn(connection));
    for (const session of sessions) session.info.setFlag('DT');
    const shared = this.#shared.get(connection);
    if (shared !== undefined) {
      shared.hangUp(nowNs);
      return;
    }
    for (const session of sessions) session.onClientGone(nowNs);
    this.hangUp(connection, nowNs);
  }

  #closed(connection: ServerConnection, nowNs: number): void {
    const startNs = this.#connections.get(connection);
    if (startNs === undefined) return;
    this.#connections.delete(connection);
    this.#limits.get(connection)?.disable();
    this.#limits.delete(connection);
    this.#listenerStats.closed(startNs, nowNs);
  }

  #clusterName(exchange: Exchange, attempt: number): string {
    const { cluster, weightedClusters } = this.#config;
    if (this.#weightedClusters === undefined || weightedClusters === undefined)
      return cluster ?? '';
    const { rootNumber, streamHash, callPathHash } = exchange;
    const key = {
      rootNumber,
      streamHash,
      callPathHash,
      attempt: attemptKey(exchange.attempt, attempt),
    };
    const random = this.#random.of(key, this.#streamPurpose);
    const index = this.#weightedClusters.pick(exchange.request, random, undefined);
    return weightedClusters.clusters[index]?.name ?? '';
  }
}
