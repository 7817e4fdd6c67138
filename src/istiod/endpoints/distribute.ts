import { type LocalityParts, localityMatches } from '../model/locality.ts';
import type { LocalityGroup } from './locality-group.ts';

/** Traffic from `from` goes to the localities of `to` by these weights, and nowhere else. */
export interface Distribution {
  readonly from?: string | undefined;
  readonly to?: ReadonlyMap<string, number> | undefined;
}

/**
 * Locality weights by the first rule that the client falls under; localities that it doesn't list
 * lose their endpoints. Without such a rule nothing changes.
 *
 * @source istio: pilot/pkg/networking/core/loadbalancer/loadbalancer.go, applyLocalityWeights
 */
export function applyDistribution(
  groups: readonly LocalityGroup[],
  client: LocalityParts,
  rules: readonly Distribution[],
): LocalityGroup[] {
  const rule = rules.find((candidate) => localityMatches(client, candidate.from ?? ''));
  if (rule === undefined) return [...groups];
  const weights = new Map<LocalityGroup, number>();
  for (const [destination, percent] of rule.to ?? []) {
    const covered = groups.filter(
      (group) => !weights.has(group) && localityMatches(group.parts, destination),
    );
    const total = covered.reduce((sum, group) => sum + group.weight, 0);
    for (const group of covered) weights.set(group, share(group.weight, percent, total));
  }
  return groups.map((group) => {
    const weight = weights.get(group);
    if (weight === undefined) return { ...group, istioEndpoints: [], lbEndpoints: [] };
    return weight === 0 ? group : { ...group, weight };
  });
}

/** A wildcard's percentage is shared by weight, rounded up. */
function share(weight: number, percent: number, total: number): number {
  return total === 0 ? 0 : Math.ceil((weight * percent) / total);
}
