import { LoadBalancerStats } from '#envoy/load-balancing/load-balancer.ts';
import {
  chooseZone,
  localityPercentages,
  routingByShares,
} from '#envoy/load-balancing/zone-aware.ts';
import { hostsOf } from '#envoy/upstream/host-builder.ts';
import type { HostsPerLocality } from '#envoy/upstream/host-set.ts';
import { ScriptedRandom } from '#kernel/random.ts';
import type { VectorAdapter } from './adapter.ts';

type Zones = readonly (readonly [string, number])[];

interface Vector {
  readonly local: Zones;
  readonly upstream: Zones;
  readonly has_local_locality: boolean;
  readonly force_locality_direct_routing: boolean;
  readonly expect: { readonly picks: readonly { readonly draws: readonly string[] }[] };
}

export const run: VectorAdapter = (vector: Vector) => {
  const percentages = localityPercentages(
    hostsByZone(vector.local, false),
    hostsByZone(vector.upstream, vector.has_local_locality),
    'host-count',
  );
  const routing = routingByShares(
    percentages,
    vector.has_local_locality,
    vector.force_locality_direct_routing,
  );
  const isResidual = routing.kind === 'residual';
  return {
    expect: {
      mode: routing.kind,
      percentages: percentages.map(({ local, upstream }) => [local, upstream]),
      local_percent_to_route: isResidual ? routing.localPercentToRoute : null,
      residual_capacity: isResidual ? routing.residualCapacity : null,
      picks: vector.expect.picks.map(({ draws }) => {
        if (routing.kind === 'none') return { draws, locality: null };
        const random = new ScriptedRandom(draws);
        return { draws, locality: chooseZone(routing, random, new LoadBalancerStats()) };
      }),
    },
  };
};

/** The groups in the order of the list, the first being the own zone if there is one. */
function hostsByZone(zones: Zones, hasLocalLocality: boolean): HostsPerLocality {
  const groups = zones.map(([zone, count]) =>
    hostsOf(Array.from({ length: count }, (_, host) => ({ address: `${zone}/${host}`, zone }))),
  );
  return { groups, hasLocalLocality };
}
