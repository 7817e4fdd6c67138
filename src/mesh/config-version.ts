import type { ConfigPart, ProxySnapshot } from '#envoy/proxy-environment.ts';
import type { GeneratedParts } from '#istiod/generated-parts.ts';
import type { ProxyModel } from '#istiod/model/proxy.ts';
import type { ClusterView } from './cluster/cluster-view.ts';
import type { ContentPool } from './content-pool.ts';

/** The control plane at one state of the cluster: configuration for whoever asks. */
export type Generate = (proxy: ProxyModel) => GeneratedParts;

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

  /** Parts that proxies have in common, or had before, are the same objects. */
  snapshotFor(proxy: ProxyModel): ProxySnapshot {
    const { parts, provenance } = this.#generate(proxy);
    return { parts: parts.map((part) => this.#pool.sharedPart(part, provenance)) };
  }
}

/** Whether two snapshots hold the same shared objects. */
export function isSameSnapshot(a: ProxySnapshot, b: ProxySnapshot): boolean {
  return (
    a.parts.length === b.parts.length &&
    a.parts.every((part, index) => isSamePart(part, b.parts[index]!))
  );
}

function isSamePart(a: ConfigPart, b: ConfigPart): boolean {
  return (
    a === b ||
    (isSameList(a.clusters, b.clusters) &&
      isSameList(a.endpoints, b.endpoints) &&
      isSameList(a.listeners, b.listeners) &&
      isSameList(a.routes, b.routes))
  );
}

function isSameList(a: readonly object[], b: readonly object[]): boolean {
  return a === b || (a.length === b.length && a.every((item, index) => item === b[index]));
}
