import type { Dispatcher } from '#kernel/dispatcher.ts';
import { streamHash } from '#kernel/keyed-random.ts';
import { memoOf } from '#kernel/memo.ts';
import { type ClusterId, NONE, type RowId } from '#telemetry/recorder.ts';
import type { HttpConnectionManager } from '#xds/listener.ts';
import type { ListenerStats } from '../listener/listener-stats.ts';
import type { ConnectOptions, HttpRequest, WireProtocol } from '../network.ts';
import type {
  EndedStream,
  ProxyEnvironment,
  ProxyIdentity,
  ProxyObserver,
} from '../proxy-environment.ts';
import type { CompiledRouteConfiguration, RouteEntry } from '../router/compiled-route.ts';
import type { CompiledMirrorPolicy } from '../router/mirror-policy.ts';
import type { RouterContext } from '../router/router-context.ts';
import type { RouterStream } from '../router/router-stream.ts';
import type { ShadowSender } from '../router/shadow-stream.ts';
import type { UpstreamRequest } from '../router/upstream-request.ts';
import type { ClusterManager } from '../upstream/cluster-manager.ts';
import type { UpstreamCluster } from '../upstream/upstream-cluster.ts';
import type { ActiveStreamInfo } from './active-stream-info.ts';
import { AttemptReport } from './attempt-report.ts';
import {
  type ConnectionManagerSettings,
  compileConnectionManager,
} from './connection-manager-settings.ts';
import { HttpFilters } from './http-filters.ts';
import type { HttpStats } from './http-stats.ts';
import { StreamReport, type TrafficSide } from './stream-report.ts';
import { StreamTrace } from './stream-trace.ts';

/** A named route configuration as it is now: an update replaces what it holds. */
export interface RouteHolder {
  readonly current: CompiledRouteConfiguration | undefined;
}

/** A connection that the process closes when it goes away. */
export interface ClosableConnection {
  startDraining(): void;
  shutDown(nowNs: number): void;
}

/** What a connection manager is made from. */
export interface ConnectionManagerOptions {
  readonly config: HttpConnectionManager;
  readonly side: TrafficSide;
  readonly routes: RouteHolder;
  readonly stats: HttpStats;
  readonly listenerStats: ListenerStats;
  readonly clusters: ClusterManager;
  readonly identity: ProxyIdentity;
  readonly environment: ProxyEnvironment;
  readonly shadows: ShadowSender;
}

/** A finished stream as its connection manager counts it. */
export interface FinishedStream extends EndedStream {
  readonly info: ActiveStreamInfo;
  readonly isGrpc: boolean;
  readonly entry: RouteEntry | undefined;
}

/**
 * The HTTP connection manager of one filter chain: what its connections and streams share.
 *
 * @source envoy: source/extensions/filters/network/http_connection_manager/config.cc,
 *   HttpConnectionManagerConfig; source/common/http/conn_manager_impl.cc
 */
export class ConnectionManager implements RouterContext {
  declare readonly config: HttpConnectionManager;
  declare readonly settings: ConnectionManagerSettings;
  declare readonly side: TrafficSide;
  declare readonly routes: RouteHolder;
  declare readonly stats: HttpStats;
  declare readonly clusters: ClusterManager;
  declare readonly identity: ProxyIdentity;
  declare readonly environment: ProxyEnvironment;
  declare readonly dispatcher: Dispatcher;
  declare readonly epochMs: number;
  declare readonly streamPurpose: number;
  declare readonly retryPurpose: number;
  declare readonly filterPurpose: number;
  declare readonly filters: HttpFilters;
  /** In the order in which they were opened. */
  readonly connections = new Set<ClosableConnection>();
  declare private readonly listenerStats: ListenerStats;
  declare private readonly shadows: ShadowSender;
  /** Undefined unless the run is traced. */
  declare readonly trace: StreamTrace | undefined;
  declare private readonly observer: ProxyObserver | undefined;
  declare private readonly report: StreamReport | undefined;
  declare private readonly attempts: AttemptReport | undefined;

  constructor(options: ConnectionManagerOptions) {
    const { environment, identity } = options;
    this.config = options.config;
    this.settings = compiledSettings(options.config);
    this.side = options.side;
    this.routes = options.routes;
    this.stats = options.stats;
    this.clusters = options.clusters;
    this.identity = identity;
    this.environment = environment;
    this.dispatcher = environment.dispatcher;
    this.epochMs = environment.epochMs;
    this.streamPurpose = streamHash(environment.seed, `proxy/${identity.name}/streams`);
    this.retryPurpose = streamHash(environment.seed, `proxy/${identity.name}/retries`);
    this.filterPurpose = streamHash(environment.seed, `proxy/${identity.name}/filters`);
    this.filters = new HttpFilters(options.config.httpFilters ?? []);
    this.listenerStats = options.listenerStats;
    this.shadows = options.shadows;
    const { telemetry } = environment;
    this.observer = environment.observer;
    this.trace = telemetry?.recorder.wantsTrace
      ? new StreamTrace(telemetry.recorder, identity.name, options.side)
      : undefined;
    this.report = telemetry && new StreamReport(telemetry, options.side);
    this.attempts = telemetry && new AttemptReport(telemetry);
  }

  countConnection(protocol: WireProtocol): void {
    const { stats } = this;
    this.listenerStats.opened();
    stats.downstreamCxTotal++;
    stats.downstreamCxActive++;
    if (protocol === 'h2') {
      stats.downstreamCxHttp2Total++;
      stats.downstreamCxHttp2Active++;
    } else {
      stats.downstreamCxHttp1Total++;
      stats.downstreamCxHttp1Active++;
    }
  }

  countConnectionClosed(protocol: WireProtocol, by: 'local' | 'remote', startNs: number): void {
    const { stats } = this;
    stats.histograms?.cxLengthMs.recordSpan(startNs, this.dispatcher.nowNs);
    this.listenerStats.closed(startNs, this.dispatcher.nowNs);
    stats.downstreamCxActive--;
    if (protocol === 'h2') stats.downstreamCxHttp2Active--;
    else stats.downstreamCxHttp1Active--;
    stats.downstreamCxDestroy++;
    if (by === 'local') stats.downstreamCxDestroyLocal++;
    else stats.downstreamCxDestroyRemote++;
  }

  countRequest(protocol: WireProtocol): void {
    const { stats } = this;
    stats.downstreamRqTotal++;
    stats.downstreamRqActive++;
    if (protocol === 'h2') stats.downstreamRqHttp2Total++;
    else stats.downstreamRqHttp1Total++;
  }

  /** A stream is over, its answer charged: gives the row that it was counted in. */
  streamEnded(stream: FinishedStream, options: ConnectOptions): RowId {
    const { info } = stream;
    this.stats.downstreamRqActive--;
    this.stats.histograms?.rqTime.recordSpan(info.startNs, info.endNs);
    const observer = this.observer;
    if (observer !== undefined) {
      this.describe(info, options);
      observer.onStreamEnd(stream);
    }
    this.trace?.streamEnded(stream, this.clusters.get(info.upstreamCluster));
    if (this.report === undefined) return NONE;
    return this.report.streamEnded(info, stream.isGrpc === true ? 'grpc' : 'http', options);
  }

  unroutedId(host: string): ClusterId {
    return this.environment.telemetry?.unroutedId(host, this.routes.current?.name ?? '') ?? NONE;
  }

  mirror(
    policy: CompiledMirrorPolicy,
    index: number,
    request: HttpRequest,
    stream: RouterStream,
    timeoutNs: number,
  ): void {
    this.shadows.send(policy, index, request, stream, timeoutNs, this);
  }

  attemptEnded(stream: RouterStream, attempt: UpstreamRequest, cluster: UpstreamCluster): void {
    const nowNs = this.dispatcher.nowNs;
    this.attempts?.attemptEnded(stream, attempt, cluster, nowNs);
    this.trace?.attemptEnded(stream, attempt, cluster, nowNs);
    const observer = this.observer;
    if (observer === undefined || !observer.wantsAttempts) return;
    observer.onAttemptEnd(stream, {
      number: attempt.number,
      cluster: cluster.name,
      host: attempt.host?.address ?? '',
      startNs: attempt.startNs,
      endNs: nowNs,
      responseCode: attempt.response?.status ?? 0,
    });
  }

  retryOverflowed(cluster: UpstreamCluster): void {
    const { telemetry } = this.environment;
    telemetry?.recorder.overflowed(telemetry.proxy, cluster.id, 'retries', this.dispatcher.nowNs);
  }

  mirrored(cluster: UpstreamCluster): void {
    const { telemetry } = this.environment;
    telemetry?.recorder.mirrored(telemetry.proxy, cluster.id, this.dispatcher.nowNs);
  }

  /** What the filters count, added to what others of the same stat prefix have. */
  collectStats(into: Map<string, number>): void {
    this.filters.collectStats(this.config.statPrefix, into);
  }

  /** What logs and header additions say of the connection; nobody else asks. */
  describe(info: ActiveStreamInfo, options: ConnectOptions): void {
    info.protocol = options.protocol === 'h2' ? 'HTTP/2' : 'HTTP/1.1';
    info.requestedServerName = options.tls?.sni ?? '';
    info.hostname = this.identity.name;
    info.downstreamDirectRemoteAddress = options.sourceAddress;
  }

  get connectionCount(): number {
    return this.connections.size;
  }

  /** Its listener or filter chain is gone from configuration: connections end with their next answer. */
  drain(): void {
    for (const connection of this.connections) connection.startDraining();
  }

  shutDown(nowNs: number): void {
    for (const connection of [...this.connections]) connection.shutDown(nowNs);
  }
}

const compiledSettings = memoOf(compileConnectionManager);
