import { normalizedHosts } from '#envoy/load-balancing/hash-weights.ts';
import { hostsOf } from '#envoy/upstream/host-builder.ts';
import { partitionHosts } from '#envoy/upstream/host-set.ts';

export interface WeightSpec {
  readonly keys: readonly string[];
  readonly weights: readonly number[];
  readonly hosts_per_locality?: readonly (readonly number[])[];
  readonly locality_weights?: readonly number[];
}

/** The hosts of a hash table, as indices of `keys`, and their normalised weights. */
export function hashWeights(spec: WeightSpec): { indices: number[]; weights: readonly number[] } {
  const all = hostsOf(spec.weights.map((weight) => ({ weight })));
  const groups = spec.hosts_per_locality?.map((group) => group.map((index) => all[index]!));
  const hostSet = partitionHosts({
    priority: 0,
    hosts: all,
    hostsPerLocality: { groups: groups ?? [all], hasLocalLocality: false },
    localityWeights: spec.locality_weights,
    overprovisioningFactor: 140,
    weightedPriorityHealth: false,
  });
  const isLocalityWeighted = spec.locality_weights !== undefined;
  const { hosts, weights } = normalizedHosts(hostSet, false, isLocalityWeighted);
  return { indices: hosts.map((host) => all.indexOf(host)), weights };
}
