/** Labels of a workload, or the labels that a selector asks for. */
export type Labels = ReadonlyMap<string, string>;

export const NO_LABELS: Labels = new Map();

/** Whether a workload has every label that is asked for; asking for nothing selects everything. */
export function selects(wanted: Labels, labels: Labels): boolean {
  for (const [key, value] of wanted) if (labels.get(key) !== value) return false;
  return true;
}

export function equalLabels(a: Labels, b: Labels): boolean {
  return a.size === b.size && selects(a, b);
}

/** The labels that Istio adds to an endpoint's or proxy's own. */
export const TOPOLOGY_LABELS = {
  region: 'topology.kubernetes.io/region',
  zone: 'topology.kubernetes.io/zone',
  subzone: 'topology.istio.io/subzone',
  cluster: 'topology.istio.io/cluster',
  network: 'topology.istio.io/network',
  hostname: 'kubernetes.io/hostname',
  locality: 'topology.istio.io/locality',
} as const;

/** Where a workload runs, as far as labels tell it. */
export interface Whereabouts {
  readonly clusterId: string;
  readonly locality: string;
  readonly node: string;
  readonly network: string;
}

/**
 * A workload's labels with its topology added, so that subsets and failover priorities may use it.
 *
 * @source istio: pilot/pkg/serviceregistry/util/label/label.go, AugmentLabels
 */
export function augmentLabels(labels: Labels, where: Whereabouts): Labels {
  const known = lastAugmented.get(labels);
  if (known !== undefined && isSamePlace(known.where, where)) return known.augmented;
  const augmented = withTopology(labels, where);
  lastAugmented.set(labels, { where, augmented });
  return augmented;
}

/** Pods of one template have their labels in common. */
const lastAugmented = new WeakMap<Labels, { where: Whereabouts; augmented: Labels }>();

function isSamePlace(a: Whereabouts, b: Whereabouts): boolean {
  return (
    a.clusterId === b.clusterId &&
    a.locality === b.locality &&
    a.node === b.node &&
    a.network === b.network
  );
}

function withTopology(labels: Labels, where: Whereabouts): Labels {
  const augmented = new Map(labels);
  const [region = '', zone = '', subzone = ''] = where.locality.split('/');
  if (region !== '') augmented.set(TOPOLOGY_LABELS.region, region);
  if (zone !== '') augmented.set(TOPOLOGY_LABELS.zone, zone);
  if (subzone !== '') augmented.set(TOPOLOGY_LABELS.subzone, subzone);
  if (where.clusterId !== '') augmented.set(TOPOLOGY_LABELS.cluster, where.clusterId);
  if (where.node !== '') augmented.set(TOPOLOGY_LABELS.hostname, where.node);
  if (where.network !== '' && !augmented.get(TOPOLOGY_LABELS.network)) {
    augmented.set(TOPOLOGY_LABELS.network, where.network);
  }
  return augmented;
}
