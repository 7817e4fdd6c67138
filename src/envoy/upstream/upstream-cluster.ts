/**
 * A cluster as one proxy has it: hosts, limits and counters for the process, and for each worker a
 * load balancer and the connection pools. Made when the cluster is first used; replaced as a whole
 * when its configuration changes, while new endpoints only update its hosts.
 *
 * @source envoy: source/common/upstream/cluster_manager_impl.cc, ClusterEntry; upstream_impl.cc
 */

import type { Dispatcher } from '#kernel/dispatcher.ts';
import { streamHash } from '#kernel/keyed-random.ts';
import { memoOf } from '#kernel/memo.ts';
import { type ClusterId, NONE } from '#telemetry/recorder.ts';
import type { Cluster } from '#xds/cluster.ts';
import { durationMs } from '#xds/duration.ts';
import type { ClusterLoadAssignment } from '#xds/endpoint.ts';
import { HashTables } from '../load-balancing/hash-table.ts';
import {
  type LoadBalancer,
  type LoadBalancerContext,
  LoadBalancerStats,
} from '../load-balancing/load-balancer.ts';
import { compileLoadBalancing } from '../load-balancing/load-balancing-config.ts';
import {
  DEFAULT_OVERRIDE_HOST_STATUSES,
  selectOverrideHost,
} from '../load-balancing/override-host.ts';
import { createLoadBalancer } from '../load-balancing/policies.ts';
import type { Network, WireProtocol } from '../network.ts';
import type { ProxyEnvironment, ProxyIdentity } from '../proxy-environment.ts';
import { collectHistograms } from '../stats-histogram.ts';
import { ClusterHistograms } from './cluster-histograms.ts';
import { ClusterReport } from './cluster-report.ts';
import { type ClusterSettings, compileClusterSettings } from './cluster-settings.ts';
import { ClusterStats, collectNumbers } from './cluster-stats.ts';
import { compileHealthCheck } from './health-check-config.ts';
import { HealthChecker } from './health-checker.ts';
import { NetworkProber } from './health-prober.ts';
import type { Host } from './host.ts';
import { hostLocality } from './host-description.ts';
import { actsUnused, HostDiscovery } from './host-discovery.ts';
import { isExcluded } from './host-health.ts';
import { HostMembership, type MembershipObserver } from './host-membership.ts';
import {
  compileOutlierDetection,
  failuresToEject,
  OUTLIER_EJECTION_TYPES,
  type OutlierConfig,
} from './outlier-config.ts';
import { OutlierDetector, type OutlierEvent } from './outlier-detector.ts';
import { ResourceManager } from './resource-manager.ts';
import { connectOptionsTo, type PoolOwner, WorkerPools } from './worker-pools.ts';

const DEFAULT_UPDATE_MERGE_WINDOW_MS = 1000;

/** Equal lists of hosts have equal tables, whichever proxy they belong to. */
const SHARED_TABLES = new HashTables();

/** A worker's share of a cluster. */
export interface ClusterWorker {
  readonly loadBalancer: LoadBalancer;
  readonly pools: WorkerPools;
}

export class UpstreamCluster implements MembershipObserver, PoolOwner {
  declare readonly name: string;
  declare readonly config: Cluster;
  declare readonly settings: ClusterSettings;
  readonly stats = new ClusterStats();
  readonly lbStats = new LoadBalancerStats();
  declare readonly defaultResources: ResourceManager;
  declare readonly highResources: ResourceManager;
  declare readonly membership: HostMembership;
  declare readonly dispatcher: Dispatcher;
  declare readonly network: Network;
  declare readonly identity: ProxyIdentity;
  declare readonly sourceAddress: string;
  declare readonly sourceProxy: number;
  /** How the recorder knows it. */
  declare readonly id: ClusterId;
  declare readonly report: ClusterReport | undefined;
  declare private readonly environment: ProxyEnvironment;
  declare private readonly localCluster: UpstreamCluster | undefined;
  declare private readonly discovery: HostDiscovery;
  declare private readonly outlierDetector: OutlierDetector | undefined;
  declare private readonly healthChecker: HealthChecker | undefined;
  readonly #workers: (ClusterWorker | undefined)[] = [];
  #poolSlotCount = 0;
  /** Called once, when a cluster that was not warm becomes so. */
  onWarm: (() => void) | undefined;
  /** What the hosts were last updated from. */
  #assignment: ClusterLoadAssignment | undefined;

  /** `configuredNs`: since when the proxy knows the cluster. */
  constructor(
    config: Cluster,
    assignment: ClusterLoadAssignment | undefined,
    identity: ProxyIdentity,
    environment: ProxyEnvironment,
    configuredNs: number,
    localCluster?: UpstreamCluster,
  ) {
    this.name = config.name;
    this.localCluster = localCluster;
    this.config = config;
    this.identity = identity;
    this.environment = environment;
    this.dispatcher = environment.dispatcher;
    this.network = environment.network;
    this.sourceAddress = identity.ip;
    this.sourceProxy = environment.telemetry?.proxy ?? NONE;
    if (environment.keepsHistograms === true) this.stats.histograms = new ClusterHistograms();
    this.settings = compiledSettings(config);
    this.id = environment.telemetry?.clusterId(config.name) ?? NONE;
    this.report =
      environment.telemetry &&
      new ClusterReport(environment.telemetry, this.id, this.dispatcher, this.stats);
    this.defaultResources = new ResourceManager(this.settings.defaultThresholds, this.dispatcher);
    this.highResources = new ResourceManager(this.settings.highThresholds, this.dispatcher);
    this.membership = new HostMembership(this.dispatcher, membershipOptions(config, identity));
    this.membership.addObserver(this);
    this.discovery = new HostDiscovery({
      cluster: config,
      dispatcher: this.dispatcher,
      membership: this.membership,
      resolver: environment.resolver,
      random: () => environment.randomStream(`proxy/${identity.name}/dns/${config.name}`),
    });
    this.updateEndpoints(assignment);
    this.outlierDetector = this.#startOutlierDetection(configuredNs);
    this.healthChecker = this.#startHealthChecks();
    // Balancers with a slow start must have seen the hosts when they joined.
    if (actsUnused(config)) {
      for (let index = 0; index < identity.workerCount; index++) this.worker(index);
    }
  }

  /** Its hosts are found by the names that are asked for. */
  get isForwardProxy(): boolean {
    return this.discovery.isForwardProxy;
  }

  /** Active health checks keep a cluster from being used until each of its first hosts was checked. */
  get isWarm(): boolean {
    return this.healthChecker?.isFirstRoundOver ?? true;
  }

  /** Takes up endpoints if they are not those it has. */
  updateEndpoints(assignment: ClusterLoadAssignment | undefined): void {
    const next = assignment ?? this.config.loadAssignment;
    if (next === this.#assignment && next !== undefined) return;
    this.#assignment = next;
    this.discovery.update(next);
  }

  worker(index: number): ClusterWorker {
    return this.#workers[index] ?? this.#makeWorker(index);
  }

  /** The host for one attempt of a worker's request; undefined = there is none to be had. */
  chooseHost(worker: number, context: LoadBalancerContext | undefined): Host | undefined {
    const overrideHost = context?.overrideHost;
    if (overrideHost !== undefined) {
      const { hosts } = this.membership;
      const host = selectOverrideHost(hosts, DEFAULT_OVERRIDE_HOST_STATUSES, overrideHost);
      if (host !== undefined || overrideHost.isStrict) return host;
    }
    return this.worker(worker).loadBalancer.chooseHost(context);
  }

  resources(priority: 'DEFAULT' | 'HIGH'): ResourceManager {
    return priority === 'HIGH' ? this.highResources : this.defaultResources;
  }

  nextWorkerKey(): number {
    return this.environment.nextWorkerKey();
  }

  nextPoolSlot(): number {
    return ++this.#poolSlotCount;
  }

  /** The protocol of the pool for a request that came in by `downstream`. */
  protocolFor(downstream: WireProtocol): WireProtocol {
    if (downstream === 'tcp') return 'tcp';
    return this.settings.protocol === 'downstream' ? downstream : this.settings.protocol;
  }

  onMembershipChange(added: readonly Host[], removed: readonly Host[]): void {
    const nowNs = this.dispatcher.nowNs;
    const { telemetry } = this.environment;
    if (telemetry !== undefined) {
      for (const host of added) host.recordId = telemetry.hostId(host.address);
    }
    if (this.config.commonLbConfig?.closeConnectionsOnHostSetChange) this.onHealthChange();
    else this.#drainHosts(removed, nowNs);
  }

  /**
   * `close_connections_on_host_set_change`: no connection outlives a change of hosts or of their health;
   * only those to hosts that have left are forgotten.
   *
   * @source envoy: source/common/upstream/cluster_manager_impl.cc, onClusterInit
   */
  onHealthChange(): void {
    if (!this.config.commonLbConfig?.closeConnectionsOnHostSetChange) return;
    this.#drainHosts([...this.membership.hosts.values()], this.dispatcher.nowNs);
  }

  #drainHosts(hosts: readonly Host[], nowNs: number): void {
    for (const host of hosts) {
      for (const worker of this.#workers) worker?.pools.onHostRemoved(host, nowNs);
    }
  }

  /** The host was ejected or failed its health check: its connections are not used again. */
  onHostUnhealthy(host: Host): void {
    const nowNs = this.dispatcher.nowNs;
    for (const worker of this.#workers) worker?.pools.onHostUnhealthy(host, nowNs);
  }

  /** The cluster goes away: connections close when their streams have ended. */
  drain(): void {
    const nowNs = this.dispatcher.nowNs;
    this.discovery.stop();
    this.healthChecker?.stop();
    this.membership.stop();
    this.outlierDetector?.stop();
    for (const worker of this.#workers) {
      worker?.loadBalancer.stop();
      worker?.pools.drainAll(nowNs);
    }
  }

  shutDown(nowNs: number): void {
    this.discovery.stop();
    this.healthChecker?.stop();
    this.membership.stop();
    this.outlierDetector?.stop();
    for (const worker of this.#workers) worker?.pools.closeAll(nowNs);
  }

  collectHistograms(nowNs: number, into: Map<string, string>): void {
    const { histograms } = this.stats;
    if (histograms !== undefined) collectHistograms(histograms.byName, this.#prefix, nowNs, into);
  }

  get #prefix(): string {
    return `cluster.${this.config.altStatName || this.name}.`;
  }

  collectStats(into: Map<string, number>): void {
    const prefix = this.#prefix;
    let healthyCount = 0;
    let degradedCount = 0;
    let excludedCount = 0;
    for (const host of this.membership.hosts.values()) {
      if (host.health === 'healthy') healthyCount++;
      else if (host.health === 'degraded') degradedCount++;
      if (isExcluded(host.healthFlags)) excludedCount++;
    }
    this.stats.membershipChange = this.membership.changeCount;
    this.stats.membershipTotal = this.membership.hosts.size;
    this.stats.membershipHealthy = healthyCount;
    this.stats.membershipDegraded = degradedCount;
    this.stats.membershipExcluded = excludedCount;
    this.stats.collect(prefix, into);
    this.lbStats.collect(prefix, into);
    if (this.outlierDetector !== undefined) {
      collectNumbers(this.outlierDetector.stats, `${prefix}outlier_detection.`, into);
    }
    if (this.healthChecker !== undefined) {
      collectNumbers(this.healthChecker.stats, `${prefix}health_check.`, into);
    }
    this.defaultResources.collect(`${prefix}circuit_breakers.default.`, into);
    this.highResources.collect(`${prefix}circuit_breakers.high.`, into);
  }

  #startOutlierDetection(startedNs: number): OutlierDetector | undefined {
    const config = this.config.outlierDetection;
    if (config === undefined) return undefined;
    const compiled = compileOutlierDetection(config);
    return new OutlierDetector({
      config: compiled,
      dispatcher: this.dispatcher,
      random: this.environment.randomStream(
        `proxy/${this.identity.name}/outlier-detection/${this.name}`,
      ),
      membership: this.membership,
      startedNs,
      onEvent: (event) => this.#onOutlierEvent(event, compiled),
    });
  }

  /** Of several checks Envoy takes one. */
  #startHealthChecks(): HealthChecker | undefined {
    const check = this.config.healthChecks?.[0];
    if (check === undefined) return undefined;
    const streamName = `proxy/${this.identity.name}/health-check/${this.name}`;
    return new HealthChecker({
      config: compileHealthCheck(check),
      dispatcher: this.dispatcher,
      random: this.environment.randomStream(streamName),
      membership: this.membership,
      prober: new NetworkProber({
        network: this.network,
        dispatcher: this.dispatcher,
        idleTimeoutNs: this.settings.idleTimeoutNs,
        onIdleTimeout: () => {
          this.stats.upstreamCxIdleTimeout++;
        },
        clusterName: this.name,
        streamHash: streamHash(this.environment.seed, streamName),
        connectOptions: (host, protocol) =>
          connectOptionsTo(host, protocol ?? this.protocolFor('http/1.1'), this),
      }),
      cluster: this.stats,
      observer: {
        onHealthCheckSuccess: (host) => this.outlierDetector?.onActiveHealthCheckSuccess(host),
        onHostHealthFailure: (host) => this.onHostUnhealthy(host),
        onFirstRoundOver: () => this.onWarm?.(),
      },
    });
  }

  #onOutlierEvent(event: OutlierEvent, config: OutlierConfig): void {
    const { telemetry, observer } = this.environment;
    const { host, atNs } = event;
    if (event.kind === 'eject' && event.isEnforced) this.onHostUnhealthy(host);
    const isDegradation = event.kind === 'degrade' || event.kind === 'undegrade';
    if (telemetry !== undefined && event.isEnforced && !isDegradation) {
      const { recorder, proxy } = telemetry;
      if (event.kind === 'uneject') recorder.unejected(proxy, this.id, host.recordId, atNs);
      else if (event.detector !== undefined) {
        const detector = event.detector.replaceAll('_', ' ');
        const count = failuresToEject(event.detector, config) ?? -1;
        recorder.ejected({ proxy, cluster: this.id, host: host.recordId, detector, count }, atNs);
      }
    }
    observer?.onOutlierEvent({
      cluster: this.name,
      host: host.address,
      action: event.kind === 'eject' || event.kind === 'degrade' ? 'EJECT' : 'UNEJECT',
      type: outlierEventType(event),
      isEnforced: event.isEnforced,
      ejectionCount: event.ejectionCount,
      atNs,
    });
  }

  #makeWorker(index: number): ClusterWorker {
    const streamName = `proxy/${this.identity.name}/lb/${this.name}`;
    const worker = {
      loadBalancer:
        this.discovery.originalDst ??
        createLoadBalancer(compileLoadBalancing(this.config), {
          prioritySet: this.membership.prioritySet,
          localPrioritySet: this.localCluster?.membership.prioritySet,
          random: this.environment.randomStream(
            index === 0 ? streamName : `${streamName}/${index}`,
          ),
          stats: this.lbStats,
          clock: this.dispatcher,
          tables: SHARED_TABLES,
          cluster: this.stats,
        }),
      pools: new WorkerPools(this),
    };
    this.#workers[index] = worker;
    return worker;
  }
}

/** @source envoy: api/envoy/data/cluster/v3/outlier_detection_event.proto, OutlierEjectionType */
function outlierEventType({ kind, detector }: OutlierEvent): string {
  if (kind === 'degrade') return 'DEGRADED';
  return detector === undefined ? '' : OUTLIER_EJECTION_TYPES[detector];
}

const compiledSettings = memoOf(compileClusterSettings);

function membershipOptions(config: Cluster, identity: ProxyIdentity) {
  return {
    ownLocality: identity.locality && hostLocality(identity.locality),
    updateMergeWindowMs:
      durationMs(config.commonLbConfig?.updateMergeWindow) ?? DEFAULT_UPDATE_MERGE_WINDOW_MS,
    hasActiveHealthChecks: (config.healthChecks ?? []).length > 0,
    ignoreNewHostsUntilFirstHc: config.commonLbConfig?.ignoreNewHostsUntilFirstHc ?? false,
    ignoreHealthOnHostRemoval: config.ignoreHealthOnHostRemoval ?? false,
  };
}
