import type { LoadBalancerSettings } from '#config/istio/destination-rule.ts';
import type { Cluster, SlowStartConfig } from '#xds/cluster.ts';
import { xdsDuration } from '../xds-values.ts';

/** The balancing part of a cluster. */
export type LoadBalancerParts = Pick<
  Cluster,
  'lbPolicy' | 'leastRequestLbConfig' | 'roundRobinLbConfig' | 'ringHashLbConfig' | 'maglevLbConfig'
>;

/**
 * The algorithm: LEAST_REQUEST unless told otherwise; a consistent hash overrides a simple one.
 *
 * @source istio: pilot/pkg/networking/core/cluster_traffic_policy.go, applyLoadBalancer
 */
export function loadBalancerParts(settings: LoadBalancerSettings | undefined): LoadBalancerParts {
  return hashParts(settings) ?? simpleParts(settings);
}

/** Whether the rule sends traffic to the address that the application asked for. */
export function isPassthrough(settings: LoadBalancerSettings | undefined): boolean {
  return settings?.simple === 'PASSTHROUGH';
}

function simpleParts(settings: LoadBalancerSettings | undefined): LoadBalancerParts {
  const slowStartConfig = slowStart(settings);
  switch (settings?.simple) {
    case 'RANDOM':
      return { lbPolicy: 'RANDOM' };
    case 'ROUND_ROBIN':
      return slowStartConfig === undefined ? {} : { roundRobinLbConfig: { slowStartConfig } };
    default:
      return {
        lbPolicy: 'LEAST_REQUEST',
        ...(slowStartConfig === undefined ? {} : { leastRequestLbConfig: { slowStartConfig } }),
      };
  }
}

/** @source istio: pilot/pkg/networking/core/cluster_traffic_policy.go, setWarmup, setSlowStartConfig */
function slowStart(settings: LoadBalancerSettings | undefined): SlowStartConfig | undefined {
  if (settings?.warmup !== undefined) return warmup(settings.warmup);
  if (settings?.warmupDurationSecs === undefined) return undefined;
  return { slowStartWindow: xdsDuration(settings.warmupDurationSecs) };
}

function warmup(settings: NonNullable<LoadBalancerSettings['warmup']>): SlowStartConfig {
  return {
    ...(settings.duration === undefined ? {} : { slowStartWindow: xdsDuration(settings.duration) }),
    // Envoy wants a runtime key; istiod writes one that nobody can set.
    aggression: { defaultValue: settings.aggression ?? 1, runtimeKey: '(' },
    minWeightPercent: { value: settings.minimumPercent ?? 10 },
  };
}

/** @source istio: pilot/pkg/networking/core/cluster_traffic_policy.go, ApplyRingHashLoadBalancer */
function hashParts(settings: LoadBalancerSettings | undefined): LoadBalancerParts | undefined {
  const hash = settings?.consistentHash;
  if (hash === undefined) return undefined;
  if (hash.maglev !== undefined) {
    const { tableSize } = hash.maglev;
    return {
      lbPolicy: 'MAGLEV',
      ...(tableSize ? { maglevLbConfig: { tableSize: String(tableSize) } } : {}),
    };
  }
  const size =
    hash.ringHash === undefined ? hash.minimumRingSize || 1024 : hash.ringHash.minimumRingSize;
  return {
    lbPolicy: 'RING_HASH',
    ...(size ? { ringHashLbConfig: { minimumRingSize: String(size) } } : {}),
  };
}
