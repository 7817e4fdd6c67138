import type {
  LoadBalancerSettings,
  LocalityLoadBalancerSetting,
  ZoneAwareLoadBalancerSetting,
} from '#config/istio/destination-rule.ts';
import type { CommonLbConfig } from '#xds/cluster.ts';
import { type Labels, TOPOLOGY_LABELS } from '../model/labels.ts';
import type { LocalityParts } from '../model/locality.ts';
import type { MeshConfig } from '../model/mesh-config.ts';
import type { Service } from '../model/service.ts';
import { applyDistribution } from './distribute.ts';
import {
  applyFailoverPriorities,
  applyLocalityFailover,
  applyRegionalFailover,
} from './failover.ts';
import type { LocalityGroup } from './locality-group.ts';

/** Which locality rules are in force for a cluster. */
export type EffectiveLocalitySetting =
  | {
      readonly kind: 'locality';
      readonly setting: LocalityLoadBalancerSetting;
      /** Failover works even without outlier detection. */
      readonly isForced: boolean;
    }
  | { readonly kind: 'zone-aware'; readonly setting: ZoneAwareLoadBalancerSetting };

/** The client as locality rules see it. */
export interface ClientPlace {
  readonly locality: LocalityParts;
  readonly labels: Labels;
}

/**
 * The setting in force: the rule's, else the service's traffic distribution, else the mesh's; zone
 * awareness before locality. Undefined when the level that applies switches it off.
 *
 * @source istio: pilot/pkg/networking/core/loadbalancer/loadbalancer.go, GetEffectiveLbSetting
 */
export function effectiveLocalitySetting(
  mesh: MeshConfig,
  rule: LoadBalancerSettings | undefined,
  service: Service | undefined,
): EffectiveLocalitySetting | undefined {
  if (rule?.zoneAwareLbSetting !== undefined) return zoneAware(rule.zoneAwareLbSetting);
  if (rule?.localityLbSetting !== undefined) return locality(rule.localityLbSetting);
  const preferred = PREFERENCES.get(service?.trafficDistribution ?? 'Any');
  if (preferred !== undefined) {
    return { kind: 'locality', setting: preferring(preferred), isForced: true };
  }
  if (mesh.zoneAwareLbSetting !== undefined) return zoneAware(mesh.zoneAwareLbSetting);
  return mesh.localityLbSetting === undefined ? undefined : locality(mesh.localityLbSetting);
}

function zoneAware(setting: ZoneAwareLoadBalancerSetting): EffectiveLocalitySetting {
  return { kind: 'zone-aware', setting };
}

function locality(setting: LocalityLoadBalancerSetting): EffectiveLocalitySetting | undefined {
  return setting.enabled === false ? undefined : { kind: 'locality', setting, isForced: false };
}

function preferring(failoverPriority: readonly string[]): LocalityLoadBalancerSetting {
  return { enabled: true, distribute: [], failover: [], failoverPriority };
}

const SAME_ZONE = [TOPOLOGY_LABELS.network, TOPOLOGY_LABELS.region, TOPOLOGY_LABELS.zone];

/** What a service's traffic distribution prefers, as labels. */
const PREFERENCES: ReadonlyMap<string, readonly string[]> = new Map([
  ['PreferSameZone', SAME_ZONE],
  ['PreferSameNode', [...SAME_ZONE, TOPOLOGY_LABELS.subzone, TOPOLOGY_LABELS.hostname]],
]);

/** The labels by which a client's endpoints are put in order; empty when none are. */
export function failoverPriorityLabels(
  effective: EffectiveLocalitySetting | undefined,
): readonly string[] {
  if (effective === undefined) return [];
  if (effective.kind === 'locality' && isDistributing(effective.setting)) return [];
  if (effective.kind === 'zone-aware' && effective.setting.enabled === false) return [];
  return effective.setting.failoverPriority;
}

/**
 * Weights and priorities of localities, as this client is to see them.
 *
 * @source istio: pilot/pkg/networking/core/loadbalancer/loadbalancer.go, ApplyLocalityLoadBalancer,
 *   ApplyZoneAwareLoadBalancer
 */
export function applyLocalitySetting(
  effective: EffectiveLocalitySetting | undefined,
  groups: readonly LocalityGroup[],
  client: ClientPlace,
  hasOutlierDetection: boolean,
): readonly LocalityGroup[] {
  if (effective === undefined) return groups;
  const { failover, failoverPriority } = effective.setting;
  if (effective.kind === 'zone-aware') {
    if (effective.setting.enabled === false) return groups;
    const prior =
      failoverPriority.length === 0
        ? groups
        : applyFailoverPriorities(groups, client.labels, failoverPriority);
    return applyRegionalFailover(prior, client.locality, failover);
  }
  if (isDistributing(effective.setting)) {
    return applyDistribution(groups, client.locality, effective.setting.distribute);
  }
  // Without outlier detection Envoy would never leave a priority whose hosts all fail.
  if (!hasOutlierDetection && !effective.isForced) return groups;
  if (failoverPriority.length === 0)
    return applyLocalityFailover(groups, client.locality, failover);
  const prior = applyFailoverPriorities(groups, client.labels, failoverPriority);
  return failover.length === 0 ? prior : applyLocalityFailover(prior, client.locality, failover);
}

function isDistributing(setting: LocalityLoadBalancerSetting): boolean {
  return setting.distribute.length > 0;
}

/**
 * What a cluster must be told for the weights of its localities to count.
 *
 * @source istio: pilot/pkg/networking/core/loadbalancer/loadbalancer.go, ApplyToCluster
 */
export function localityLbConfig(
  effective: EffectiveLocalitySetting | undefined,
  hasOutlierDetection: boolean,
): Pick<CommonLbConfig, 'localityWeightedLbConfig' | 'zoneAwareLbConfig'> {
  if (effective === undefined) return {};
  if (effective.kind === 'zone-aware') {
    const { enabled, minClusterSize } = effective.setting;
    return {
      zoneAwareLbConfig: {
        ...(enabled === false ? { routingEnabled: {} } : {}),
        ...(minClusterSize === undefined ? {} : { minClusterSize: String(minClusterSize) }),
      },
    };
  }
  const { failover, failoverPriority } = effective.setting;
  const failsOver =
    (hasOutlierDetection || effective.isForced) &&
    (failover.length > 0 || failoverPriority.length > 0);
  return failsOver || isDistributing(effective.setting) ? { localityWeightedLbConfig: {} } : {};
}

/** Whether clients in different places get different weights or priorities. */
export function isLocalitySensitive(
  effective: EffectiveLocalitySetting | undefined,
  hasOutlierDetection: boolean,
): boolean {
  if (effective === undefined) return false;
  if (effective.kind === 'zone-aware') return effective.setting.enabled !== false;
  return isDistributing(effective.setting) || hasOutlierDetection || effective.isForced;
}
