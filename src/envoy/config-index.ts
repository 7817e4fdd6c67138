import { memoOf } from '#kernel/memo.ts';
import type { Cluster } from '#xds/cluster.ts';
import type { ClusterLoadAssignment } from '#xds/endpoint.ts';
import type { RouteConfiguration } from '#xds/route.ts';
import type { ConfigPart, ProxySnapshot } from './proxy-environment.ts';
import { actsUnused } from './upstream/host-discovery.ts';

/** A part of a configuration by names. */
interface PartIndex {
  readonly clusters: ReadonlyMap<string, Cluster>;
  readonly endpoints: ReadonlyMap<string, ClusterLoadAssignment>;
  readonly routes: ReadonlyMap<string, RouteConfiguration>;
  /** Clusters that do something before anybody asks for them. */
  readonly actingUnused: readonly string[];
}

/** Each part is indexed once for all the proxies that share it. */
const indexOf = memoOf(
  (part: ConfigPart): PartIndex => ({
    clusters: new Map(part.clusters.map((it) => [it.name, it])),
    endpoints: new Map(part.endpoints.map((it) => [it.clusterName, it])),
    routes: new Map(part.routes.map((it) => [it.name, it])),
    actingUnused: part.clusters.filter(actsUnused).map(({ name }) => name),
  }),
);

/**
 * A proxy's configuration by names.
 *
 * @source envoy: source/common/upstream/cluster_manager_impl.cc, active_clusters_
 */
export class ConfigIndex {
  static readonly EMPTY = new ConfigIndex({ parts: [] });

  readonly #parts: readonly PartIndex[];

  constructor({ parts }: ProxySnapshot) {
    this.#parts = parts.map(indexOf);
  }

  cluster(name: string): Cluster | undefined {
    for (const { clusters } of this.#parts) {
      const found = clusters.get(name);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  endpoints(clusterName: string): ClusterLoadAssignment | undefined {
    for (const { endpoints } of this.#parts) {
      const found = endpoints.get(clusterName);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  routes(name: string): RouteConfiguration | undefined {
    for (const { routes } of this.#parts) {
      const found = routes.get(name);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  /** The names of clusters that do something before anybody asks for them. */
  forEachActingUnused(act: (name: string) => void): void {
    for (const { actingUnused } of this.#parts) actingUnused.forEach(act);
  }
}
