/**
 * A cluster as one proxy has it: hosts, limits and counters for the process, and for each worker a
 * load balancer and the connection pools. Made when the cluster is first used; replaced as a whole
 * when its configuration changes, while new endpoints only update its hosts.
 *
 * @source envoy: source/common/upstream/cluster_manager_impl.cc, ClusterEntry; upstream_impl.cc
 */
import type { Dispatcher } from '#kernel/dispatcher.ts';
import { type ClusterId, NONE } from '#telemetry/recorder.ts';
import type { Cluster } from '#xds/cluster.ts';
import { durationMs } from '#xds/duration.ts';
import type { ClusterLoadAssignment } from '#xds/endpoint.ts';
import { type LoadBalancer, LoadBalancerStats } from '../load-balancing/load-balancer.ts';
import type { Network, WireProtocol } from '../network.ts';
import type { ProxyEnvironment, ProxyIdentity } from '../proxy-environment.ts';
import { createLoadBalancer } from './cluster-load-balancer.ts';
import { type ClusterSettings, compileClusterSettings } from './cluster-settings.ts';
import { ClusterStats, collectNumbers } from './cluster-stats.ts';
import type { Host } from './host.ts';
import { compileLoadAssignment, hostLocality, type LoadAssignment } from './host-description.ts';
import { HostMembership, type MembershipObserver } from './host-membership.ts';
import { ResourceManager } from './resource-manager.ts';
import { type PoolOwner, WorkerPools } from './worker-pools.ts';

const DEFAULT_UPDATE_MERGE_WINDOW_MS = 1000;
const NO_ENDPOINTS: LoadAssignment = {
  priorities: [],
  overprovisioningFactor: 140,
  weightedPriorityHealth: false,
};

/** A worker's share of a cluster. */
export interface ClusterWorker {
  readonly loadBalancer: LoadBalancer;
  readonly pools: WorkerPools;
}

export class UpstreamCluster implements MembershipObserver, PoolOwner {
  readonly name: string;
  readonly config: Cluster;
  readonly settings: ClusterSettings;
  readonly stats = new ClusterStats();
  readonly lbStats = new LoadBalancerStats();
  readonly defaultResources: ResourceManager;
  readonly highResources: ResourceManager;
  readonly membership: HostMembership;
  readonly dispatcher: Dispatcher;
  readonly network: Network;
  readonly identity: ProxyIdentity;
  readonly sourceAddress: string;
  readonly sourceProxy: number;
  /** How the recorder knows it. */
  readonly id: ClusterId;
  readonly #environment: ProxyEnvironment;
  readonly #workers: (ClusterWorker | undefined)[] = [];
  /** What the hosts were last updated from. */
  #assignment: ClusterLoadAssignment | undefined;

  constructor(
    config: Cluster,
    assignment: ClusterLoadAssignment | undefined,
    identity: ProxyIdentity,
    environment: ProxyEnvironment,
  ) {
    this.name = config.name;
    this.config = config;
    this.identity = identity;
    this.#environment = environment;
    this.dispatcher = environment.dispatcher;
    this.network = environment.network;
    this.sourceAddress = identity.ip;
    this.sourceProxy = environment.telemetry?.proxy ?? NONE;
    this.settings = compiledSettings(config);
    this.id = environment.telemetry?.clusterId(config.name) ?? NONE;
    this.defaultResources = new ResourceManager(this.settings.defaultThresholds);
    this.highResources = new ResourceManager(this.settings.highThresholds);
    this.membership = new HostMembership(this.dispatcher, membershipOptions(config, identity));
    this.membership.addObserver(this);
    this.updateEndpoints(assignment);
  }

  /** Takes up endpoints if they are not those it has. */
  updateEndpoints(assignment: ClusterLoadAssignment | undefined): void {
    const next = assignment ?? this.config.loadAssignment;
    if (next === this.#assignment && next !== undefined) return;
    this.#assignment = next;
    this.membership.update(next === undefined ? NO_ENDPOINTS : compileLoadAssignment(next));
  }

  worker(index: number): ClusterWorker {
    return this.#workers[index] ?? this.#makeWorker(index);
  }

  resources(priority: 'DEFAULT' | 'HIGH'): ResourceManager {
    return priority === 'HIGH' ? this.highResources : this.defaultResources;
  }

  nextWorkerKey(): number {
    return this.#environment.nextWorkerKey();
  }

  /** The protocol of the pool for a request that came in by `downstream`. */
  protocolFor(downstream: WireProtocol): WireProtocol {
    if (downstream === 'tcp') return 'tcp';
    return this.settings.protocol === 'downstream' ? downstream : this.settings.protocol;
  }

  onMembershipChange(added: readonly Host[], removed: readonly Host[]): void {
    const nowNs = this.dispatcher.nowNs;
    const { telemetry } = this.#environment;
    if (telemetry !== undefined) {
      for (const host of added) host.recordId = telemetry.hostId(host.address);
    }
    this.stats.membershipChange++;
    for (const host of removed) {
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
    this.membership.stop();
    for (const worker of this.#workers) {
      worker?.loadBalancer.stop();
      worker?.pools.drainAll(nowNs);
    }
  }

  collectStats(into: Map<string, number>): void {
    const prefix = `cluster.${this.config.altStatName || this.name}.`;
    let healthyCount = 0;
    let degradedCount = 0;
    for (const host of this.membership.hosts.values()) {
      if (host.health === 'healthy') healthyCount++;
      else if (host.health === 'degraded') degradedCount++;
    }
    this.stats.membershipTotal = this.membership.hosts.size;
    this.stats.membershipHealthy = healthyCount;
    this.stats.membershipDegraded = degradedCount;
    this.stats.collect(prefix, into);
    collectNumbers(this.lbStats, prefix, into);
    this.defaultResources.collect(`${prefix}circuit_breakers.default.`, into);
    this.highResources.collect(`${prefix}circuit_breakers.high.`, into);
  }

  #makeWorker(index: number): ClusterWorker {
    const streamName = `proxy/${this.identity.name}/lb/${this.name}`;
    const worker = {
      loadBalancer: createLoadBalancer({
        cluster: this.config,
        prioritySet: this.membership.prioritySet,
        localPrioritySet: undefined,
        random: this.#environment.randomStream(index === 0 ? streamName : `${streamName}/${index}`),
        stats: this.lbStats,
        clock: this.dispatcher,
      }),
      pools: new WorkerPools(this),
    };
    this.#workers[index] = worker;
    return worker;
  }
}

const settingsOf = new WeakMap<Cluster, ClusterSettings>();

function compiledSettings(config: Cluster): ClusterSettings {
  let settings = settingsOf.get(config);
  if (settings === undefined) {
    settings = compileClusterSettings(config);
    settingsOf.set(config, settings);
  }
  return settings;
}

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
