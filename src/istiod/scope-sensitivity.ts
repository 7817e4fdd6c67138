import type { TrafficPolicy } from '#config/istio/destination-rule.ts';
import { memoOf } from '#source/memo.ts';
import type { ConsolidatedDestinationRule } from './model/destination-rule-merge.ts';
import type { MeshConfig } from './model/mesh-config.ts';
import type { ProxyModel } from './model/proxy.ts';
import type { Service } from './model/service.ts';

/** What of a proxy, beside its kind and scope, its outbound configuration depends on. */
export interface ScopeSensitivity {
  /** A rule names the workloads that it is for, or endpoints are put in order by labels. */
  readonly toLabels: boolean;
  readonly toLocality: boolean;
  readonly toNode: boolean;
}

/**
 * How far the proxies of a scope differ on their way out. Cautious: what might matter counts, so that
 * proxies that are taken for equal are.
 */
export function scopeSensitivity(
  { services, rules }: ServicesWithRules,
  mesh: MeshConfig,
): ScopeSensitivity {
  const all = rules.flat().map(sensitivityOf);
  const prefersPlaces = services.some(({ trafficDistribution }) => trafficDistribution !== 'Any');
  return {
    toLabels: prefersPlaces || hasLabelPriority(mesh) || all.some(({ toLabels }) => toLabels),
    toLocality:
      prefersPlaces ||
      mesh.zoneAwareLbSetting !== undefined ||
      (mesh.localityLbSetting?.distribute.length ?? 0) > 0 ||
      mesh.defaultTrafficPolicy?.outlierDetection !== undefined ||
      all.some(({ toLocality }) => toLocality),
    toNode: services.some(({ isNodeLocal }) => isNodeLocal),
  };
}

/** The services of a scope, and of each the rules for it. */
interface ServicesWithRules {
  readonly services: readonly Service[];
  readonly rules: readonly (readonly ConsolidatedDestinationRule[])[];
}

type RuleSensitivity = Pick<ScopeSensitivity, 'toLabels' | 'toLocality'>;

const sensitivityOf = memoOf((rule: ConsolidatedDestinationRule): RuleSensitivity => {
  const policies = policiesOf(rule);
  return {
    toLabels:
      rule.workloadSelector !== undefined ||
      policies.some(({ loadBalancer }) => hasLabelPriority(loadBalancer)),
    toLocality: policies.some(
      ({ loadBalancer, outlierDetection }) =>
        outlierDetection !== undefined ||
        loadBalancer?.localityLbSetting !== undefined ||
        loadBalancer?.zoneAwareLbSetting !== undefined,
    ),
  };
});

type PolicyBlocks = Pick<TrafficPolicy, 'loadBalancer' | 'outlierDetection'>;

function policiesOf({ policy, subsets }: ConsolidatedDestinationRule): readonly PolicyBlocks[] {
  return [policy, ...subsets.map((subset) => subset.policy)].flatMap((placed) =>
    placed === undefined ? [] : [placed.policy, ...placed.policy.portLevelSettings],
  );
}

interface LocalitySettings {
  readonly localityLbSetting?: { readonly failoverPriority: readonly string[] } | undefined;
  readonly zoneAwareLbSetting?: { readonly failoverPriority: readonly string[] } | undefined;
}

function hasLabelPriority(settings: LocalitySettings | undefined): boolean {
  const { localityLbSetting, zoneAwareLbSetting } = settings ?? {};
  return [localityLbSetting, zoneAwareLbSetting].some(
    (setting) => (setting?.failoverPriority.length ?? 0) > 0,
  );
}

/** Proxies of one scope with the same key get the same outbound configuration. */
export function outboundKey(proxy: ProxyModel, sensitivity: ScopeSensitivity): string {
  const { toLabels, toLocality, toNode } = sensitivity;
  const labels = toLabels ? [...proxy.labels].sort(([a], [b]) => (a < b ? -1 : 1)) : [];
  return JSON.stringify([
    proxy.kind,
    toLocality ? proxy.locality : '',
    toNode ? proxy.node : '',
    labels,
    addressFamilies(proxy),
  ]);
}

/** Names are resolved to addresses that the proxy can reach. */
function addressFamilies({ ips }: ProxyModel): string {
  return [ips.some((ip) => !ip.includes(':')), ips.some((ip) => ip.includes(':'))].join();
}
