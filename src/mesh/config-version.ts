import type { ProxySnapshot } from '#envoy/proxy-environment.ts';
import type { ProxyConfig } from '#istiod/generate.ts';
import { type ProxyModel, proxyClass } from '#istiod/model/proxy.ts';
import type { ClusterView } from './cluster/cluster-view.ts';
import type { ContentPool } from './content-pool.ts';

/** The control plane at one state of the cluster: configuration for whoever asks. */
export type Generate = (proxy: ProxyModel) => ProxyConfig;

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
      const config = this.#generate(proxy);
      snapshot = {
        clusters: this.#pool.sharedList(config.clusters, config),
        endpoints: this.#pool.sharedList(config.endpoints.values(), config),
        listeners: this.#pool.sharedList(config.listeners, config),
        routes: this.#pool.sharedList(config.routes, config),
      };
      this.#byClass.set(key, snapshot);
      this.#pool.snapshots.push(snapshot);
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
