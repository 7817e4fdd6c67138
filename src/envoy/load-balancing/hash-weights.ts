import type { Host } from '../upstream/host.ts';
import type { HostSet } from '../upstream/host-set.ts';

/** The hosts of a hash table with their shares; all shares add up to 1. */
export interface HashHosts {
  readonly hosts: readonly Host[];
  readonly weights: readonly number[];
}

/**
 * The hosts that a hash table is made of: healthy ones, or all in panic. With locality weights each
 * locality has its share, whatever the health of its hosts.
 *
 * @source envoy: load_balancing_policies/common/thread_aware_lb_impl.cc, normalizeWeights
 */
export function normalizedHosts(
  hostSet: HostSet,
  isInPanic: boolean,
  isLocalityWeighted: boolean,
): HashHosts {
  const hosts: Host[] = [];
  const weights: number[] = [];
  const add = (some: readonly Host[], localityShare: number): void => {
    const sum = some.reduce((total, host) => total + host.weight, 0);
    for (const host of some) {
      hosts.push(host);
      weights.push((host.weight * localityShare) / sum);
    }
  };
  const { localityWeights } = hostSet;
  if (!isLocalityWeighted || localityWeights === undefined || localityWeights.length === 0) {
    add(isInPanic ? hostSet.hosts : hostSet.healthyHosts, 1);
    return { hosts, weights };
  }
  const { groups } = isInPanic ? hostSet.hostsPerLocality : hostSet.healthyHostsPerLocality;
  const sum = localityWeights.reduce((total, weight) => total + weight, 0);
  localityWeights.forEach((weight, locality) => {
    if (weight > 0) add(groups[locality]!, weight / sum);
  });
  return { hosts, weights };
}

/**
 * What stands for a host in a hash table: `hash_key` of its `envoy.lb` metadata, else its address (or
 * hostname).
 *
 * @source envoy: load_balancing_policies/common/thread_aware_lb_impl.h, hashKey
 */
export function hashKey(host: Host, useHostname: boolean): string {
  const { metadata, hostname, address } = host.description;
  const key = metadata.get('envoy.lb')?.['hash_key'];
  if (typeof key === 'string' && key !== '') return key;
  return useHostname ? hostname : address;
}
