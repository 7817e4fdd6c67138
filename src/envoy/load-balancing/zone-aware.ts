import type { Random } from '#kernel/random.ts';
import type { Host } from '../upstream/host.ts';
import type { HostSet, HostsPerLocality } from '../upstream/host-set.ts';
import type { LoadBalancerStats } from './load-balancer.ts';

/** `zone_aware_lb_config`. */
export interface ZoneAwareConfig {
  /** How much of the traffic is routed by zone, an integer percentage. */
  readonly routingEnabledPercent: number;
  readonly minClusterSize: number;
  readonly failTrafficOnPanic: boolean;
  readonly forceLocalityDirectRouting: boolean;
  /** What a locality's share is measured by. */
  readonly basis: 'host-count' | 'host-weight';
}

export const DEFAULT_ZONE_AWARE: ZoneAwareConfig = {
  routingEnabledPercent: 100,
  minClusterSize: 6,
  failTrafficOnPanic: false,
  forceLocalityDirectRouting: false,
  basis: 'host-count',
};

/**
 * How priority 0 is routed by zone: not at all, always to the own locality, or a part to the own one
 * and the rest by what capacity the others have left. `residualCapacity` accumulates over localities.
 */
export type ZoneRouting =
  | { readonly kind: 'none' }
  | { readonly kind: 'direct' }
  | {
      readonly kind: 'residual';
      /** Of 10 000. */
      readonly localPercentToRoute: number;
      readonly residualCapacity: readonly number[];
    };

export const NO_ZONE_ROUTING: ZoneRouting = { kind: 'none' };

/** Shares of a locality in hundredths of a percent, among the local and among the upstream hosts. */
export interface LocalityPercentages {
  readonly local: number;
  readonly upstream: number;
}

/**
 * The routing that follows from where the proxies' own cluster and the upstream cluster have hosts.
 *
 * @source envoy: load_balancing_policies/common/load_balancer_impl.cc,
 *   regenerateLocalityRoutingStructures, earlyExitNonLocalityRouting
 */
export function zoneRouting(
  local: HostSet,
  upstream: HostSet,
  config: ZoneAwareConfig,
  stats: LoadBalancerStats,
): ZoneRouting {
  stats.lbRecalculateZoneStructures++;
  return isZoneRoutingOff(local, upstream, config, stats)
    ? NO_ZONE_ROUTING
    : routingByShares(
        localityPercentages(
          local.healthyHostsPerLocality,
          upstream.healthyHostsPerLocality,
          config.basis,
        ),
        upstream.healthyHostsPerLocality.hasLocalLocality,
        config.forceLocalityDirectRouting,
      );
}

function isZoneRoutingOff(
  local: HostSet,
  upstream: HostSet,
  config: ZoneAwareConfig,
  stats: LoadBalancerStats,
): boolean {
  if (upstream.healthyHostsPerLocality.groups.length < 2) return true;
  const { groups, hasLocalLocality } = local.hostsPerLocality;
  if (groups.length < 2 && !config.forceLocalityDirectRouting) return true;
  if (!hasLocalLocality || groups[0]!.length === 0) {
    stats.lbLocalClusterNotOk++;
    return true;
  }
  if (upstream.healthyHosts.length < config.minClusterSize) {
    stats.lbZoneClusterTooSmall++;
    return true;
  }
  return false;
}

/** @source envoy: load_balancing_policies/common/load_balancer_impl.cc, regenerateLocalityRoutingStructures */
export function routingByShares(
  percentages: readonly LocalityPercentages[],
  hasLocalLocality: boolean,
  forceLocalityDirectRouting: boolean,
): ZoneRouting {
  const own = percentages[0]!;
  if (hasLocalLocality) {
    const bearsAll = own.upstream > 0 && own.upstream >= own.local;
    if (bearsAll || forceLocalityDirectRouting) return { kind: 'direct' };
  }
  const routesLocally = hasLocalLocality && own.local > 0;
  let capacity = 0;
  return {
    kind: 'residual',
    localPercentToRoute: routesLocally ? Math.floor((own.upstream * 10_000) / own.local) : 0,
    residualCapacity: percentages.map(({ local, upstream }, locality) => {
      const isOwn = locality === 0 && hasLocalLocality;
      if (!isOwn) capacity += Math.max(0, upstream - local);
      return capacity;
    }),
  };
}

/** @source envoy: load_balancing_policies/common/load_balancer_impl.cc, calculateLocalityPercentages */
export function localityPercentages(
  local: HostsPerLocality,
  upstream: HostsPerLocality,
  basis: ZoneAwareConfig['basis'],
): LocalityPercentages[] {
  const sizeOf = basis === 'host-weight' ? weightSum : (hosts: readonly Host[]) => hosts.length;
  const localSizes = new Map<string, number>();
  for (const hosts of local.groups) {
    if (hosts.length > 0) localSizes.set(keyOf(hosts), sizeOf(hosts));
  }
  const localTotal = [...localSizes.values()].reduce((total, size) => total + size, 0);
  const upstreamTotal = upstream.groups.reduce((total, hosts) => total + sizeOf(hosts), 0);
  return upstream.groups.map((hosts) => {
    if (hosts.length === 0) return { local: 0, upstream: 0 };
    return {
      local: share(localSizes.get(keyOf(hosts)) ?? 0, localTotal),
      upstream: share(sizeOf(hosts), upstreamTotal),
    };
  });
}

/**
 * The locality of one choice.
 *
 * @source envoy: load_balancing_policies/common/load_balancer_impl.cc, tryChooseLocalLocalityHosts
 */
export function chooseZone(
  routing: Exclude<ZoneRouting, { kind: 'none' }>,
  random: Random,
  stats: LoadBalancerStats,
): number {
  if (routing.kind === 'direct') {
    stats.lbZoneRoutingAllDirectly++;
    return 0;
  }
  const { localPercentToRoute, residualCapacity } = routing;
  if (random.below(10_000) < localPercentToRoute) {
    stats.lbZoneRoutingSampled++;
    return 0;
  }
  stats.lbZoneRoutingCrossZone++;
  const total = residualCapacity[residualCapacity.length - 1]!;
  if (total === 0) {
    stats.lbZoneNoCapacityLeft++;
    return random.below(residualCapacity.length);
  }
  const threshold = random.below(total);
  return residualCapacity.findIndex((capacity) => threshold < capacity);
}

function share(part: number, whole: number): number {
  return whole > 0 ? Math.floor((10_000 * part) / whole) : 0;
}

function keyOf(hosts: readonly Host[]): string {
  return hosts[0]!.description.locality.key;
}

function weightSum(hosts: readonly Host[]): number {
  return hosts.reduce((total, host) => total + host.weight, 0);
}
