import type { Dispatcher } from '#kernel/dispatcher.ts';
import { streamHash } from '#kernel/keyed-random.ts';
import { NONE } from '#telemetry/recorder.ts';
import { durationNs } from '#xds/duration.ts';
import type { TcpProxy as TcpProxyConfig } from '#xds/listener.ts';
import { StreamRandom } from '../http/stream-random.ts';
import { StreamReport, type TrafficSide } from '../http/stream-report.ts';
import { StreamTrace } from '../http/stream-trace.ts';
import type { NetworkFilter } from '../listener/active-listener.ts';
import type { ConnectOptions, Exchange, ServerConnection, ServerHandler } from '../network.ts';
import type { ProxyEnvironment, ProxyIdentity } from '../proxy-environment.ts';
import type { AttemptPool } from '../router/attempt-pool.ts';
import { HashPolicies } from '../router/hash-policy.ts';
import type { UpstreamRequest } from '../router/upstream-request.ts';
import { WeightedClusterChoice } from '../router/weighted-cluster.ts';
import type { ClusterManager } from '../upstream/cluster-manager.ts';
import { collectNumbers } from '../upstream/cluster-stats.ts';
import type { UpstreamCluster } from '../upstream/upstream-cluster.ts';
import { TcpSession, type TcpSessionOwner } from './tcp-session.ts';
import { TcpStats } from './tcp-stats.ts';

const DEFAULT_IDLE_TIMEOUT_NS = 3_600_000_000_000;

export interface TcpProxyParts {
  readonly config: TcpProxyConfig;
  readonly side: TrafficSide;
  readonly clusters: ClusterManager;
  readonly identity: ProxyIdentity;
  readonly environment: ProxyEnvironment;
  readonly attempts: AttemptPool;
}

/**
 * The TCP proxy of a filter chain: each session from downstream gets a connection upstream.
 *
 * A session starts upstream when its first bytes are here; Envoy connects as soon as it has accepted,
 * which is one way over the network earlier.
 *
 * @source envoy: source/common/tcp_proxy/tcp_proxy.cc
 */
export class TcpProxy implements NetworkFilter, ServerHandler, TcpSessionOwner {
  readonly dispatcher: Dispatcher;
  readonly attempts: AttemptPool;
  readonly stats = new TcpStats();
  readonly statPrefix: string;
  readonly workerCount: number;
  readonly maxConnectAttempts: number;
  readonly idleTimeoutNs: number;
  readonly hashPolicies: HashPolicies | undefined;
  readonly #config: TcpProxyConfig;
  readonly #clusters: ClusterManager;
  readonly #environment: ProxyEnvironment;
  readonly #weightedClusters: WeightedClusterChoice | undefined;
  readonly #streamPurpose: number;
  readonly #report: StreamReport | undefined;
  readonly #trace: StreamTrace | undefined;
  readonly #random = new StreamRandom();
  readonly #connections = new Set<ServerConnection>();
  readonly #sessions = new Set<TcpSession>();
  readonly #free: TcpSession[] = [];

  constructor(parts: TcpProxyParts) {
    const { config, environment, identity, side } = parts;
    const ignore = (): void => {}; // Problems of configuration were reported where it was read.
    this.#config = config;
    this.#clusters = parts.clusters;
    this.#environment = environment;
    this.dispatcher = environment.dispatcher;
    this.attempts = parts.attempts;
    this.statPrefix = config.statPrefix;
    this.workerCount = identity.workerCount;
    this.maxConnectAttempts = config.maxConnectAttempts ?? 1;
    this.idleTimeoutNs = durationNs(config.idleTimeout) ?? DEFAULT_IDLE_TIMEOUT_NS;
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

  accept(connection: ServerConnection, _nowNs: number): ServerHandler {
    this.#connections.add(connection);
    this.stats.downstreamCxTotal++;
    return this;
  }

  onRequest(exchange: Exchange, nowNs: number): void {
    const session = this.#free.pop() ?? new TcpSession(this);
    this.#sessions.add(session);
    session.start(exchange, nowNs);
  }

  onRequestReset(exchange: Exchange, nowNs: number): void {
    if (exchange.serverState instanceof TcpSession) exchange.serverState.onClientGone(nowNs);
  }

  onClientClose(connection: ServerConnection): void {
    this.#connections.delete(connection);
  }

  clusterFor(exchange: Exchange): UpstreamCluster | undefined {
    return this.#clusters.get(this.#clusterName(exchange));
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
    for (const connection of this.#connections) connection.hangUp();
    this.#connections.clear();
    for (const session of [...this.#sessions]) session.onClientGone(nowNs);
  }

  collectStats(into: Map<string, number>): void {
    collectNumbers(this.stats, `tcp.${this.statPrefix}.`, into);
  }

  #clusterName(exchange: Exchange): string {
    const { cluster, weightedClusters } = this.#config;
    if (this.#weightedClusters === undefined || weightedClusters === undefined)
      return cluster ?? '';
    const random = this.#random.of(exchange, this.#streamPurpose);
    const index = this.#weightedClusters.pick(exchange.request, random, undefined);
    return weightedClusters.clusters[index]?.name ?? '';
  }
}
