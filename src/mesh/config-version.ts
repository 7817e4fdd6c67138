import type { ProxySnapshot } from '#envoy/proxy-environment.ts';
import { type ProxyModel, proxyClass } from '#istiod/model/proxy.ts';
import type { Origins } from '#istiod/origin.ts';
import type { Cluster } from '#xds/cluster.ts';
import type { ClusterLoadAssignment } from '#xds/endpoint.ts';
import type { Listener } from '#xds/listener.ts';
import type { RouteConfiguration } from '#xds/route.ts';
import type { ClusterView } from './cluster/cluster-view.ts';
import type { ContentPool } from './content-pool.ts';

/** What istiod makes for one proxy. */
export interface GeneratedConfig {
  readonly clusters: readonly Cluster[];
  readonly endpoints: readonly ClusterLoadAssignment[];
  readonly listeners: readonly Listener[];
  readonly routes: readonly RouteConfiguration[];
  readonly origins: Origins;
}

/** The control plane at one state of the cluster: configuration for whoever asks. */
export type Generate = (proxy: ProxyModel) => GeneratedConfig;

/** One state of the cluster as the control plane hands it out. */
export class ConfigVersion {
  readonly number: number;
  /** When it leaves istiod. */
  readonly leavesNs: number;
  /** What it changes, in words. */
  readonly change: string;
  readonly view: ClusterView;
  readonly #generate: Generate;
  readonly #pool: ContentPool;
  readonly #byClass = new Map<string, ProxySnapshot>();

  constructor(
    number: number,
    leavesNs: number,
    change: string,
    view: ClusterView,
    generate: Generate,
    pool: ContentPool,
  ) {
    this.number = number;
    this.leavesNs = leavesNs;
    this.change = change;
    this.view = view;
    this.#generate = generate;
    this.#pool = pool;
  }

  /** Generated once per class of proxies; sidecars' inbound side depends on their own addresses. */
  snapshotFor(proxy: ProxyModel): ProxySnapshot {
    const key = `${proxyClass(proxy)} ${proxy.ips.join(',')}`;
    let snapshot = this.#byClass.get(key);
    if (snapshot === undefined) {
      const { clusters, endpoints, listeners, routes, origins } = this.#generate(proxy);
      snapshot = {
        clusters: this.#pool.sharedList(clusters, origins),
        endpoints: this.#pool.sharedList(endpoints, origins),
        listeners: this.#pool.sharedList(listeners, origins),
        routes: this.#pool.sharedList(routes, origins),
      };
      this.#byClass.set(key, snapshot);
    }
    return snapshot;
  }
}

/** Whether two snapshots hold the same shared objects. */
export function isSameSnapshot(a: ProxySnapshot, b: ProxySnapshot): boolean {
  return (
    isSameList(a.clusters, b.clusters) &&
    isSameList(a.endpoints, b.endpoints) &&
    isSameList(a.listeners, b.listeners) &&
    isSameList(a.routes, b.routes)
  );
}

function isSameList(a: readonly object[], b: readonly object[]): boolean {
  return a.length === b.length && a.every((item, index) => item === b[index]);
}
