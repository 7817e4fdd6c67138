import { compareText } from '#kernel/compare-text.ts';
import type { Host } from './host.ts';
import type { HostLocality } from './host-description.ts';
import { isExcluded } from './host-health.ts';

/** Hosts grouped by locality, the proxy's own first when it has hosts there. */
export interface HostsPerLocality {
  readonly groups: readonly (readonly Host[])[];
  readonly hasLocalLocality: boolean;
}

/**
 * The hosts of one priority as they were at one update: a value that is never changed, so that
 * balancers and whoever else may hold on to it. Lists that are equal share one array.
 *
 * @source envoy: source/common/upstream/upstream_impl.cc, HostSetImpl
 */
export interface HostSet {
  readonly priority: number;
  readonly hosts: readonly Host[];
  readonly healthyHosts: readonly Host[];
  readonly degradedHosts: readonly Host[];
  readonly excludedHosts: readonly Host[];
  readonly hostsPerLocality: HostsPerLocality;
  readonly healthyHostsPerLocality: HostsPerLocality;
  readonly degradedHostsPerLocality: HostsPerLocality;
  readonly excludedHostsPerLocality: HostsPerLocality;
  /** One per group of `hostsPerLocality`; undefined when nobody gave any. */
  readonly localityWeights: readonly number[] | undefined;
  /** In percent. */
  readonly overprovisioningFactor: number;
  readonly weightedPriorityHealth: boolean;
}

/** What a host set is made of, apart from the health of its hosts. */
export type HostSetMembers = Pick<
  HostSet,
  | 'priority'
  | 'hosts'
  | 'hostsPerLocality'
  | 'localityWeights'
  | 'overprovisioningFactor'
  | 'weightedPriorityHealth'
>;

const NO_HOSTS: readonly Host[] = [];

const isHealthy = (host: Host): boolean => host.health === 'healthy';
const isDegraded = (host: Host): boolean => host.health === 'degraded';
const isLeftOut = (host: Host): boolean => isExcluded(host.healthFlags);

/**
 * The host set with its lists filled by the hosts' health of this moment.
 *
 * @source envoy: source/common/upstream/upstream_impl.cc, HostSetImpl::partitionHosts
 */
export function partitionHosts(members: HostSetMembers): HostSet {
  const { hosts, hostsPerLocality } = members;
  return {
    ...members,
    healthyHosts: select(hosts, isHealthy),
    degradedHosts: select(hosts, isDegraded),
    excludedHosts: select(hosts, isLeftOut),
    healthyHostsPerLocality: selectPerLocality(hostsPerLocality, isHealthy),
    degradedHostsPerLocality: selectPerLocality(hostsPerLocality, isDegraded),
    excludedHostsPerLocality: selectPerLocality(hostsPerLocality, isLeftOut),
  };
}

/** The part of a host set whose hosts fulfil a predicate; localities keep their places. */
export function filterHostSet(
  hostSet: HostSet,
  predicate: (host: Host) => boolean,
  localityWeights: readonly number[] | undefined,
): HostSet {
  return {
    ...hostSet,
    hosts: select(hostSet.hosts, predicate),
    healthyHosts: select(hostSet.healthyHosts, predicate),
    degradedHosts: select(hostSet.degradedHosts, predicate),
    excludedHosts: select(hostSet.excludedHosts, predicate),
    hostsPerLocality: selectPerLocality(hostSet.hostsPerLocality, predicate),
    healthyHostsPerLocality: selectPerLocality(hostSet.healthyHostsPerLocality, predicate),
    degradedHostsPerLocality: selectPerLocality(hostSet.degradedHostsPerLocality, predicate),
    excludedHostsPerLocality: selectPerLocality(hostSet.excludedHostsPerLocality, predicate),
    localityWeights,
  };
}

/**
 * Hosts by locality: the own locality first when it has hosts, the others in the order of (region,
 * zone, sub-zone). Weights follow the groups; a locality without one has 0.
 *
 * @source envoy: source/common/upstream/upstream_impl.cc, PriorityStateManager::updateClusterPrioritySet
 */
export function groupByLocality(
  hosts: readonly Host[],
  ownLocality: HostLocality | undefined,
  weights: ReadonlyMap<string, number>,
): Pick<HostSet, 'hostsPerLocality' | 'localityWeights'> {
  const groups = new Map<string, Host[]>();
  for (const host of hosts) {
    const { key } = host.description.locality;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [host]);
    else group.push(host);
  }
  const own = ownLocality?.key;
  const hasLocalLocality = own !== undefined && groups.has(own);
  const keys = [...groups.keys()].filter((key) => key !== own).sort(compareText);
  if (hasLocalLocality) keys.unshift(own);
  return {
    hostsPerLocality: { groups: keys.map((key) => groups.get(key)!), hasLocalLocality },
    localityWeights: keys.map((key) => weights.get(key) ?? 0),
  };
}

/** `hosts` itself when all fulfil the predicate: most lists of a healthy cluster are one array. */
function select(hosts: readonly Host[], predicate: (host: Host) => boolean): readonly Host[] {
  const chosen = hosts.filter(predicate);
  if (chosen.length === hosts.length) return hosts;
  return chosen.length === 0 ? NO_HOSTS : chosen;
}

function selectPerLocality(
  all: HostsPerLocality,
  predicate: (host: Host) => boolean,
): HostsPerLocality {
  const groups = all.groups.map((group) => select(group, predicate));
  const isSame = groups.every((group, index) => group === all.groups[index]);
  return isSame ? all : { groups, hasLocalLocality: all.hasLocalLocality };
}
