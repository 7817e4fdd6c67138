import type { Cluster } from '#xds/cluster.ts';
import type { ClusterLoadAssignment } from '#xds/endpoint.ts';
import type { ProxyEnvironment, ProxyIdentity } from '../proxy-environment.ts';
import { sameContent } from '../same-content.ts';
import { UpstreamCluster } from './upstream-cluster.ts';

/** A proxy's clusters by name. Immutable, made once per snapshot and shared by the proxies that have it. */
export interface ClusterIndex {
  readonly clusters: ReadonlyMap<string, Cluster>;
  readonly endpoints: ReadonlyMap<string, ClusterLoadAssignment>;
}

/**
 * The clusters of one proxy. A cluster gets its state when it is first asked for, so that clusters
 * nobody uses cost nothing.
 *
 * An update keeps a cluster whose configuration is unchanged, with all its state, and hands it new
 * endpoints; a changed or removed one is drained: streams on it finish, the new one starts afresh.
 *
 * @source envoy: source/common/upstream/cluster_manager_impl.cc, addOrUpdateCluster, removeCluster
 */
export class ClusterManager {
  readonly #identity: ProxyIdentity;
  readonly #environment: ProxyEnvironment;
  readonly #active = new Map<string, UpstreamCluster>();
  #index: ClusterIndex = { clusters: new Map(), endpoints: new Map() };

  constructor(identity: ProxyIdentity, environment: ProxyEnvironment) {
    this.#identity = identity;
    this.#environment = environment;
  }

  /** Undefined when configuration knows no such cluster. */
  get(name: string): UpstreamCluster | undefined {
    return this.#active.get(name) ?? this.#activate(name);
  }

  apply(index: ClusterIndex): void {
    this.#index = index;
    for (const [name, cluster] of this.#active) {
      const config = index.clusters.get(name);
      if (config === undefined || !sameContent(config, cluster.config)) {
        this.#active.delete(name);
        cluster.drain();
      } else {
        cluster.updateEndpoints(this.#endpointsOf(config));
      }
    }
  }

  /** The process is gone: every connection closes. */
  shutDown(nowNs: number): void {
    for (const cluster of this.#active.values()) cluster.shutDown(nowNs);
  }

  /** Those that have been used, in the order of first use. */
  get active(): Iterable<UpstreamCluster> {
    return this.#active.values();
  }

  #activate(name: string): UpstreamCluster | undefined {
    const config = this.#index.clusters.get(name);
    if (config === undefined) return undefined;
    const cluster = new UpstreamCluster(
      config,
      this.#endpointsOf(config),
      this.#identity,
      this.#environment,
    );
    this.#active.set(name, cluster);
    return cluster;
  }

  #endpointsOf(config: Cluster): ClusterLoadAssignment | undefined {
    return this.#index.endpoints.get(config.edsClusterConfig?.serviceName ?? config.name);
  }
}
