import { type ClusterId, NONE } from '#telemetry/recorder.ts';
import type { Cluster } from '#xds/cluster.ts';
import type { ClusterLoadAssignment } from '#xds/endpoint.ts';
import { ConfigIndex } from '../config-index.ts';
import type { ProxyEnvironment, ProxyIdentity } from '../proxy-environment.ts';
import { sameContent } from '../same-content.ts';
import { UpstreamCluster } from './upstream-cluster.ts';

/**
 * The clusters of one proxy. A cluster gets its state when it is first asked for, so that clusters
 * nobody uses cost nothing.
 *
 * An update keeps a cluster whose configuration is unchanged, with all its state, and hands it new
 * endpoints; a changed or removed one is drained: streams on it finish, the new one starts afresh. A
 * cluster that must warm first, because its hosts are checked, is not there until then; what it is to
 * replace serves on.
 *
 * @source envoy: source/common/upstream/cluster_manager_impl.cc, addOrUpdateCluster, removeCluster,
 *   onClusterInit
 */
export class ClusterManager {
  declare private readonly identity: ProxyIdentity;
  declare private readonly environment: ProxyEnvironment;
  readonly #active = new Map<string, UpstreamCluster>();
  readonly #warming = new Map<string, UpstreamCluster>();
  readonly #missingIds = new Map<string, ClusterId>();
  /** Most requests ask for the cluster of the one before. */
  #lastName = '';
  #last: UpstreamCluster | undefined;
  #index = ConfigIndex.EMPTY;
  #isInitialized = false;
  /** All indices so far, the last one being the current, each with the time it was applied. */
  readonly #history: { readonly index: ConfigIndex; readonly atNs: number }[] = [];

  constructor(identity: ProxyIdentity, environment: ProxyEnvironment) {
    this.identity = identity;
    this.environment = environment;
  }

  /**
   * Whether every cluster of the first configuration has been warm: until then nobody listens.
   *
   * @source envoy: source/server/server.cc, RunHelper; cluster_manager_impl.cc, ClusterManagerInitHelper
   */
  get isInitialized(): boolean {
    this.#isInitialized ||= this.#history.length > 0 && this.#warming.size === 0;
    return this.#isInitialized;
  }

  /** Undefined when configuration knows no such cluster. */
  get(name: string): UpstreamCluster | undefined {
    if (name === this.#lastName && this.#last !== undefined) return this.#last;
    this.#lastName = name;
    this.#last = this.#active.get(name) ?? this.#activate(name);
    return this.#last;
  }

  /** How the recorder knows a cluster that configuration does not have: where requests were meant to go. */
  missingId(name: string): ClusterId {
    let id = this.#missingIds.get(name);
    if (id === undefined) {
      id = this.environment.telemetry?.clusterId(name) ?? NONE;
      this.#missingIds.set(name, id);
    }
    return id;
  }

  apply(index: ConfigIndex): void {
    this.#index = index;
    this.#last = undefined;
    this.#history.push({ index, atNs: this.environment.dispatcher.nowNs });
    for (const [name, cluster] of this.#warming) this.#update(this.#warming, name, cluster, false);
    for (const [name, cluster] of this.#active) {
      const config = index.cluster(name);
      const isServingOn = config !== undefined && mustWarm(config);
      this.#update(this.#active, name, cluster, isServingOn);
      if (isServingOn && !sameContent(config, cluster.config)) this.#warm(config);
    }
    index.forEachActingUnused((name) => this.get(name));
  }

  /** The process is gone: every connection closes. */
  shutDown(nowNs: number): void {
    for (const cluster of this.#active.values()) cluster.shutDown(nowNs);
    for (const cluster of this.#warming.values()) cluster.shutDown(nowNs);
  }

  /** Those that have been used, in the order of first use. */
  get active(): Iterable<UpstreamCluster> {
    return this.#active.values();
  }

  /** New endpoints for a cluster that stays; one that has changed or gone ends, unless it serves on. */
  #update(
    clusters: Map<string, UpstreamCluster>,
    name: string,
    cluster: UpstreamCluster,
    isServingOn: boolean,
  ): void {
    const config = this.#index.cluster(name);
    if (config !== undefined && (isServingOn || sameContent(config, cluster.config))) {
      cluster.updateEndpoints(this.#endpointsOf(config));
    } else {
      clusters.delete(name);
      cluster.drain();
    }
  }

  #activate(name: string): UpstreamCluster | undefined {
    const config = this.#index.cluster(name);
    if (config === undefined) return undefined;
    if (mustWarm(config)) {
      this.#warm(config);
      return this.#active.get(name);
    }
    const cluster = this.#make(config);
    this.#active.set(name, cluster);
    return cluster;
  }

  /** Makes a cluster that takes its place when it is warm; once. */
  #warm(config: Cluster): void {
    const { name } = config;
    if (this.#warming.has(name)) return;
    const cluster = this.#make(config);
    if (cluster.isWarm) {
      this.#replace(name, cluster);
      return;
    }
    this.#warming.set(name, cluster);
    cluster.onWarm = () => {
      cluster.onWarm = undefined;
      // It may have been drained, or replaced, meanwhile.
      if (this.#warming.get(name) !== cluster) return;
      this.#warming.delete(name);
      this.#replace(name, cluster);
    };
  }

  #replace(name: string, cluster: UpstreamCluster): void {
    this.#active.get(name)?.drain();
    this.#active.set(name, cluster);
    this.#last = undefined;
  }

  #make(config: Cluster): UpstreamCluster {
    return new UpstreamCluster(
      config,
      this.#endpointsOf(config),
      this.identity,
      this.environment,
      this.#configuredNs(config),
      this.#localCluster(config.name),
    );
  }

  /** Whose hosts zone-aware routing compares with; its own balancer does without. */
  #localCluster(asking: string): UpstreamCluster | undefined {
    const { localClusterName } = this.identity;
    if (localClusterName === undefined || localClusterName === asking) return undefined;
    return this.get(localClusterName);
  }

  /** Since when the proxy has had the cluster as it is, used or not. */
  #configuredNs(config: Cluster): number {
    let sinceNs = this.environment.dispatcher.nowNs;
    for (let past = this.#history.length - 1; past >= 0; past--) {
      const { index, atNs } = this.#history[past]!;
      const before = index.cluster(config.name);
      if (before === undefined || !sameContent(before, config)) break;
      sinceNs = atNs;
    }
    return sinceNs;
  }

  #endpointsOf(config: Cluster): ClusterLoadAssignment | undefined {
    return this.#index.endpoints(config.edsClusterConfig?.serviceName ?? config.name);
  }
}

function mustWarm(config: Cluster): boolean {
  return (config.healthChecks ?? []).length > 0;
}
