import type { Labels } from '../model/labels.ts';
import { TOPOLOGY_LABELS } from '../model/labels.ts';
import { type LocalityParts, localityDistance } from '../model/locality.ts';
import { type LocalityGroup, weightSum } from './locality-group.ts';

/** Traffic of region `from` goes to region `to` before it goes anywhere else. */
export interface RegionFailover {
  readonly from?: string | undefined;
  readonly to?: string | undefined;
}

/** How many priorities a distance may give: the factor that keeps earlier priorities apart. */
const LOCALITY_PRIORITIES = 5;
const ZONE_AWARE_PRIORITIES = 3;

/**
 * Priorities by distance: 0 same subzone, 1 same zone, 2 same region, 3 elsewhere; where a failover
 * rule names the client's region, other regions than its target come behind that.
 *
 * @source istio: pilot/pkg/networking/core/loadbalancer/loadbalancer.go, applyLocalityFailover
 */
export function applyLocalityFailover(
  groups: readonly LocalityGroup[],
  client: LocalityParts,
  failover: readonly RegionFailover[],
): LocalityGroup[] {
  const rule = failover.find((candidate) => (candidate.from ?? '') === client.region);
  return compacted(
    groups.map((group) => {
      const distance = localityDistance(client, group.parts);
      const isOffTarget =
        distance === 3 && rule !== undefined && group.parts.region !== (rule.to ?? '');
      return {
        ...group,
        priority: group.priority * LOCALITY_PRIORITIES + (isOffTarget ? 4 : distance),
      };
    }),
  );
}

/**
 * Priorities by region alone: Envoy balances the zones of a region itself.
 *
 * @source istio: pilot/pkg/networking/core/loadbalancer/loadbalancer.go, applyZoneAwareRegionalFailover
 */
export function applyRegionalFailover(
  groups: readonly LocalityGroup[],
  client: LocalityParts,
  failover: readonly RegionFailover[],
): LocalityGroup[] {
  const rule = failover.find((candidate) => (candidate.from ?? '') === client.region);
  const distance = (region: string): number => {
    if (region === client.region) return 0;
    return rule !== undefined && region === (rule.to ?? '') ? 1 : 2;
  };
  return compacted(
    groups.map((group) => ({
      ...group,
      priority: group.priority * ZONE_AWARE_PRIORITIES + distance(group.parts.region),
    })),
  );
}

/**
 * Priorities by labels, in their order: an endpoint that shares all with the client comes first, each
 * label lost from the front costs more. A locality whose endpoints differ is split.
 *
 * @source istio: pilot/pkg/networking/core/loadbalancer/loadbalancer.go, applyFailoverPriorities
 */
export function applyFailoverPriorities(
  groups: readonly LocalityGroup[],
  clientLabels: Labels,
  failoverPriority: readonly string[],
): LocalityGroup[] {
  if (clientLabels.size === 0) return [...groups];
  const wanted = failoverPriority.map((entry) => wantedLabel(entry, clientLabels));
  return compacted(groups.flatMap((group) => splitByPriority(group, wanted)));
}

interface WantedLabel {
  readonly name: string;
  readonly value: string;
}

/** `label` means the client's own value, `label=value` that value. */
function wantedLabel(entry: string, clientLabels: Labels): WantedLabel {
  const [name = '', value, ...more] = entry.split('=');
  const isGiven = value !== undefined && more.length === 0;
  return { name, value: isGiven ? value : (clientLabels.get(name) ?? '') };
}

function splitByPriority(group: LocalityGroup, wanted: readonly WantedLabel[]): LocalityGroup[] {
  const byPriority = new Map<number, number[]>();
  group.istioEndpoints.forEach((endpoint, index) => {
    const priority = labelPriority(endpoint.labels, wanted);
    const known = byPriority.get(priority);
    if (known === undefined) byPriority.set(priority, [index]);
    else known.push(index);
  });
  return [...byPriority.keys()]
    .sort((a, b) => a - b)
    .map((priority) => {
      const indexes = byPriority.get(priority)!;
      const istioEndpoints = indexes.map((index) => group.istioEndpoints[index]!);
      return {
        ...group,
        istioEndpoints,
        lbEndpoints: indexes.map((index) => group.lbEndpoints[index]!),
        weight: weightSum(istioEndpoints),
        priority,
      };
    });
}

/** The count of labels from the first that differs; another network costs them all but ends nothing. */
function labelPriority(labels: Labels, wanted: readonly WantedLabel[]): number {
  let otherNetwork = 0;
  for (const [index, { name, value }] of wanted.entries()) {
    if ((labels.get(name) ?? '') === value) continue;
    if (index > 0 || name !== TOPOLOGY_LABELS.network) {
      return wanted.length - index + otherNetwork;
    }
    otherNetwork = wanted.length;
  }
  return otherNetwork;
}

/** The same order of priorities, 0 to N without gaps: Envoy wants it so. */
function compacted(groups: readonly LocalityGroup[]): LocalityGroup[] {
  const used = [...new Set(groups.map((group) => group.priority))].sort((a, b) => a - b);
  const rank = new Map(used.map((priority, index) => [priority, index]));
  return groups.map((group) => ({ ...group, priority: rank.get(group.priority)! }));
}
