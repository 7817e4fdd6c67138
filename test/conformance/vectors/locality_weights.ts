import { effectiveLocalityWeights, LocalityWrr } from '#envoy/load-balancing/locality-wrr.ts';
import { hostSetOf, hostsOf } from '#envoy/upstream/host-builder.ts';
import { HealthFlag } from '#envoy/upstream/host-health.ts';
import type { VectorAdapter } from './adapter.ts';

interface Vector {
  readonly localities: readonly {
    readonly weight: number;
    readonly healthy: number;
    readonly hosts: number;
    readonly excluded: number;
  }[];
  readonly seed: number;
  readonly overprovisioning_factor: number;
}

export const run: VectorAdapter = (vector: Vector) => {
  const hosts = vector.localities.flatMap((locality, index) =>
    hostsOf(
      Array.from({ length: locality.hosts }, (_, host) => ({
        address: `${index}/${host}`,
        zone: zone(index),
        healthFlags: flags(host, locality),
      })),
    ),
  );
  const weights = vector.localities.map(({ weight }, index) => [zone(index), weight]);
  const hostSet = hostSetOf({
    hosts,
    overprovisioningFactor: vector.overprovisioning_factor,
    localityWeights: Object.fromEntries(weights),
  });
  const first = new LocalityWrr(hostSet, vector.seed);
  const hundred = new LocalityWrr(hostSet, vector.seed);
  const counts = vector.localities.map(() => 0);
  for (let pick = 0; pick < 100; pick++) {
    const locality = hundred.chooseHealthyLocality();
    if (locality !== undefined) counts[locality]! += 1;
  }
  return {
    expect: {
      effective_weights: effectiveLocalityWeights(hostSet, hostSet.healthyHostsPerLocality),
      first_picks: Array.from({ length: 12 }, () => first.chooseHealthyLocality()).filter(
        (locality) => locality !== undefined,
      ),
      counts_of_100: counts.some((count) => count > 0) ? counts : null,
    },
  };
};

/** In the order in which localities are sorted. */
function zone(index: number): string {
  return `z${String(index).padStart(3, '0')}`;
}

function flags(host: number, { healthy, excluded }: { healthy: number; excluded: number }): number {
  if (host < healthy) return 0;
  return host < healthy + excluded ? HealthFlag.edsStatusDraining : HealthFlag.failedEdsHealth;
}
