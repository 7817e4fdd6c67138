/**
 * One Envoy process, sans-IO: listeners, clusters and whatever is under way between them. See
 * `proxy-environment.ts` for how it is given its surroundings and used.
 */
import type {
  FilterChain,
  HttpConnectionManager,
  Listener,
  TcpProxy as TcpProxyConfig,
} from '#xds/listener.ts';
import type { RouteConfiguration } from '#xds/route.ts';
import { ConfigIndex } from './config-index.ts';
import { ConnectionManager, type RouteHolder } from './http/connection-manager.ts';
import { StreamPool } from './http/downstream-stream.ts';
import { HttpHistograms } from './http/http-histograms.ts';
import { HttpListenerFilter } from './http/http-listener-filter.ts';
import { HttpStats } from './http/http-stats.ts';
import type { TrafficSide } from './http/stream-report.ts';
import { type NetworkFilter, terminalFilter } from './listener/active-listener.ts';
import { ListenerManager } from './listener/listener-manager.ts';
import { ListenerStats, listenerStatPrefix } from './listener/listener-stats.ts';
import type { Acceptor } from './network.ts';
import type { ProxyEnvironment, ProxyIdentity, ProxySnapshot } from './proxy-environment.ts';
import './re2.ts'; // A proxy may be given expressions at any time, and nothing in a run waits.
import { AttemptPool } from './router/attempt-pool.ts';
import type { CompiledRouteConfiguration } from './router/compiled-route.ts';
import { compileRouteConfiguration } from './router/route-configuration.ts';
import { ShadowSender } from './router/shadow-stream.ts';
import { collectHistograms } from './stats-histogram.ts';
import { TcpProxy } from './tcp/tcp-proxy.ts';
import { ClusterManager } from './upstream/cluster-manager.ts';
import { collectNumbers } from './upstream/cluster-stats.ts';
import type { UpstreamCluster } from './upstream/upstream-cluster.ts';

export class EnvoyProxy {
  readonly identity: ProxyIdentity;
  readonly #environment: ProxyEnvironment;
  readonly #clusters: ClusterManager;
  readonly #listeners: ListenerManager;
  readonly #attempts: AttemptPool;
  readonly #streams: StreamPool;
  readonly #shadows: ShadowSender;
  readonly #httpStats = new Map<string, HttpStats>();
  readonly #listenerStats = new Map<string, ListenerStats>();
  readonly #routes = new Map<string, NamedRoutes>();
  #configured = ConfigIndex.EMPTY;

  constructor(identity: ProxyIdentity, environment: ProxyEnvironment) {
    this.identity = identity;
    this.#environment = environment;
    const { dispatcher } = environment;
    const attempts = new AttemptPool(dispatcher);
    this.#attempts = attempts;
    this.#clusters = new ClusterManager(identity, environment);
    this.#streams = new StreamPool(attempts);
    this.#shadows = new ShadowSender(attempts, dispatcher, identity.ip);
    this.#listeners = new ListenerManager({
      makeFilter: (chain, listener) => this.#makeFilter(chain, listener),
      statsOf: (listener) => this.#listenerStatsOf(listener),
      mayListen: () => this.isReady,
    });
  }

  /**
   * Takes over a configuration: clusters first, then routes, then listeners, as ADS orders them. What
   * is unchanged keeps its state; requests under way finish on what they started with.
   */
  applyConfig(snapshot: ProxySnapshot): void {
    const index = new ConfigIndex(snapshot);
    this.#clusters.apply(index);
    this.#configured = index;
    for (const [name, routes] of this.#routes) routes.replace(index.routes(name));
    this.#listeners.apply(snapshot.parts.map(({ listeners }) => listeners));
  }

  /** Whatever listens at `port` when a connection arrives; the same object for the same port. */
  acceptor(port: number): Acceptor {
    return this.#listeners.acceptor(port);
  }

  /** Whether it listens: `LIVE`, as `/ready` says. */
  get isReady(): boolean {
    return this.#clusters.isInitialized;
  }

  /** The cluster's state, made if it was not used yet; undefined when configuration has none of that name. */
  cluster(name: string): UpstreamCluster | undefined {
    return this.#clusters.get(name);
  }

  /** Answers to whoever connected from outside say `connection: close` from now on. */
  drainInbound(): void {
    this.#listeners.drainInbound();
  }

  /** Open connections from downstream. */
  get connectionCount(): number {
    return this.#listeners.connectionCount;
  }

  /** The process is gone: connections from downstream close, requests under way are lost. */
  shutDown(nowNs: number): void {
    this.#listeners.shutDown(nowNs);
    this.#clusters.shutDown(nowNs);
  }

  /** Counters and gauges that are not zero, by Envoy's names. */
  stats(): ReadonlyMap<string, number> {
    const values = new Map<string, number>();
    for (const cluster of this.#clusters.active) cluster.collectStats(values);
    for (const [prefix, stats] of this.#httpStats) stats.collect(`http.${prefix}.`, values);
    for (const [prefix, stats] of this.#listenerStats) collectNumbers(stats, prefix, values);
    this.#listeners.collectStats(values);
    return values;
  }

  /** The quantiles of what was timed, by Envoy's names; nothing unless histograms are kept. */
  histograms(): ReadonlyMap<string, string> {
    const { nowNs } = this.#environment.dispatcher;
    const texts = new Map<string, string>();
    for (const cluster of this.#clusters.active) cluster.collectHistograms(nowNs, texts);
    for (const [prefix, { lengthMs }] of this.#listenerStats) {
      if (lengthMs === undefined) continue;
      const byName = new Map([['downstream_cx_length_ms', lengthMs]]);
      collectHistograms(byName, prefix, nowNs, texts);
    }
    for (const [prefix, { histograms }] of this.#httpStats) {
      if (histograms !== undefined) {
        collectHistograms(histograms.byName, `http.${prefix}.`, nowNs, texts);
      }
    }
    return texts;
  }

  /**
   * As Envoy's `/stats?usedonly` prints them: one `name: value` a line, sorted by name; histograms
   * come last.
   */
  statsText(): string {
    const lines = (values: Iterable<readonly [string, string | number]>): string =>
      [...values]
        .map(([name, value]) => `${name}: ${value}\n`)
        .sort()
        .join('');
    return lines(this.stats()) + lines(this.histograms());
  }

  #makeFilter(chain: FilterChain, listener: Listener): NetworkFilter | undefined {
    const terminal = terminalFilter(chain);
    if (terminal === undefined) return undefined;
    const listenerStats = this.#listenerStatsOf(listener);
    const side = listener.trafficDirection === 'INBOUND' ? 'inbound' : 'outbound';
    return terminal.kind === 'http'
      ? this.#makeHttpFilter(terminal.config, side, listenerStats)
      : this.#makeTcpFilter(terminal.config, side, listenerStats);
  }

  #makeTcpFilter(
    config: TcpProxyConfig,
    side: TrafficSide,
    listenerStats: ListenerStats,
  ): NetworkFilter {
    return new TcpProxy({
      config,
      side,
      clusters: this.#clusters,
      identity: this.identity,
      environment: this.#environment,
      attempts: this.#attempts,
      listenerStats,
    });
  }

  #makeHttpFilter(
    config: HttpConnectionManager,
    side: TrafficSide,
    listenerStats: ListenerStats,
  ): NetworkFilter {
    const manager = new ConnectionManager({
      config,
      side,
      routes:
        config.rds === undefined
          ? new NamedRoutes(config.routeConfig)
          : this.#routesOf(config.rds.routeConfigName),
      stats: this.#statsOf(config.statPrefix),
      listenerStats,
      clusters: this.#clusters,
      identity: this.identity,
      environment: this.#environment,
      shadows: this.#shadows,
    });
    return new HttpListenerFilter(manager, this.#streams);
  }

  #routesOf(name: string): RouteHolder {
    let routes = this.#routes.get(name);
    if (routes === undefined) {
      routes = new NamedRoutes(this.#configured.routes(name));
      this.#routes.set(name, routes);
    }
    return routes;
  }

  #listenerStatsOf(listener: Listener): ListenerStats {
    const prefix = listenerStatPrefix(listener);
    let stats = this.#listenerStats.get(prefix);
    if (stats === undefined) {
      stats = new ListenerStats(this.#environment.keepsHistograms === true);
      this.#listenerStats.set(prefix, stats);
    }
    return stats;
  }

  #statsOf(prefix: string): HttpStats {
    let stats = this.#httpStats.get(prefix);
    if (stats === undefined) {
      stats = new HttpStats();
      if (this.#environment.keepsHistograms === true) stats.histograms = new HttpHistograms();
      this.#httpStats.set(prefix, stats);
    }
    return stats;
  }
}

/** A route configuration by name, as it is now. Compiled when a request first needs it. */
class NamedRoutes implements RouteHolder {
  #config: RouteConfiguration | undefined;
  #compiled: CompiledRouteConfiguration | undefined;
  /** The one before: what did not change since is not compiled again. */
  #previous: CompiledRouteConfiguration | undefined;

  constructor(config: RouteConfiguration | undefined) {
    this.#config = config;
  }

  get current(): CompiledRouteConfiguration | undefined {
    if (this.#compiled === undefined && this.#config !== undefined) {
      this.#compiled = compileRouteConfiguration(this.#config, this.#previous);
      this.#previous = undefined;
    }
    return this.#compiled;
  }

  replace(config: RouteConfiguration | undefined): void {
    if (config === this.#config) return;
    this.#config = config;
    this.#previous = this.#compiled ?? this.#previous;
    this.#compiled = undefined;
  }
}
