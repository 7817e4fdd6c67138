import { compareText } from '#source/compare-text.ts';
import type { LbEndpoint, LocalityLbEndpoints } from '#xds/endpoint.ts';
import type { IstioEndpoint } from '../model/endpoint.ts';
import { type LocalityParts, splitLocality, xdsLocality } from '../model/locality.ts';

/** Endpoints of one locality, and later of one priority, of one cluster, as one client sees them. */
export interface LocalityGroup {
  /** `region/zone/subzone`. */
  readonly locality: string;
  readonly parts: LocalityParts;
  /** What the endpoints were made from, index by index. */
  readonly istioEndpoints: readonly IstioEndpoint[];
  readonly lbEndpoints: readonly LbEndpoint[];
  readonly weight: number;
  readonly priority: number;
}

const MAX_UINT32 = 0xffff_ffff;

/**
 * Endpoints by locality, localities sorted; a locality weighs what its endpoints weigh.
 *
 * @source istio: pilot/pkg/xds/endpoints/endpoint_builder.go, generate
 */
export function groupByLocality(
  istioEndpoints: readonly IstioEndpoint[],
  lbEndpointOf: (endpoint: IstioEndpoint) => LbEndpoint,
): LocalityGroup[] {
  const byLocality = new Map<string, IstioEndpoint[]>();
  for (const endpoint of istioEndpoints) {
    const known = byLocality.get(endpoint.locality);
    if (known === undefined) byLocality.set(endpoint.locality, [endpoint]);
    else known.push(endpoint);
  }
  return [...byLocality.keys()].sort(compareText).map((locality) => {
    const endpoints = byLocality.get(locality)!;
    return {
      locality,
      parts: splitLocality(locality),
      istioEndpoints: endpoints,
      lbEndpoints: endpoints.map(lbEndpointOf),
      weight: weightSum(endpoints),
      priority: 0,
    };
  });
}

export function weightSum(endpoints: readonly IstioEndpoint[]): number {
  const sum = endpoints.reduce((total, endpoint) => total + endpoint.weight, 0);
  return Math.min(sum, MAX_UINT32);
}

/** The group as it is sent. */
export function xdsGroup(group: LocalityGroup): LocalityLbEndpoints {
  return {
    locality: xdsLocality(group.locality),
    ...(group.lbEndpoints.length === 0 ? {} : { lbEndpoints: group.lbEndpoints }),
    loadBalancingWeight: group.weight,
    ...(group.priority === 0 ? {} : { priority: group.priority }),
  };
}
