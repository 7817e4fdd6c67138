import type { HostSet, HostsPerLocality } from '../upstream/host-set.ts';
import { EdfScheduler } from './edf-scheduler.ts';

/**
 * Turns of the localities of one priority by weight, for healthy and for degraded hosts: a fixed
 * cycle, started at `seed`, until the priority's next update.
 *
 * @source envoy: load_balancing_policies/common/locality_wrr.cc
 */
export class LocalityWrr {
  readonly #healthy: LocalityScheduler | undefined;
  readonly #degraded: LocalityScheduler | undefined;

  constructor(hostSet: HostSet, seed: number) {
    this.#healthy = localityScheduler(hostSet, hostSet.healthyHostsPerLocality, seed);
    this.#degraded = localityScheduler(hostSet, hostSet.degradedHostsPerLocality, seed);
  }

  /** The locality whose healthy hosts are next; undefined when weights give nothing to choose by. */
  chooseHealthyLocality(): number | undefined {
    return this.#healthy?.choose();
  }

  chooseDegradedLocality(): number | undefined {
    return this.#degraded?.choose();
  }
}

class LocalityScheduler {
  readonly #scheduler: EdfScheduler;
  readonly #localities: readonly number[];

  constructor(localities: readonly number[], weights: readonly number[], seed: number) {
    this.#localities = localities;
    this.#scheduler = new EdfScheduler(
      localities.length,
      (entry) => weights[localities[entry]!]!,
      seed,
    );
  }

  choose(): number {
    return this.#localities[this.#scheduler.pick()]!;
  }
}

function localityScheduler(
  hostSet: HostSet,
  eligible: HostsPerLocality,
  seed: number,
): LocalityScheduler | undefined {
  const weights = effectiveLocalityWeights(hostSet, eligible);
  const localities = [...weights.keys()].filter((locality) => weights[locality]! > 0);
  return localities.length === 0 ? undefined : new LocalityScheduler(localities, weights, seed);
}

/**
 * Each locality's weight, scaled down when overprovisioning cannot make up for its missing hosts.
 *
 * @source envoy: load_balancing_policies/common/locality_wrr.cc, effectiveLocalityWeight
 */
export function effectiveLocalityWeights(hostSet: HostSet, eligible: HostsPerLocality): number[] {
  const { hostsPerLocality, excludedHostsPerLocality, localityWeights } = hostSet;
  return hostsPerLocality.groups.map((hosts, locality) => {
    const hostCount = hosts.length - excludedHostsPerLocality.groups[locality]!.length;
    if (hostCount === 0) return 0;
    const ratio = eligible.groups[locality]!.length / hostCount;
    const availability = Math.min(1, (hostSet.overprovisioningFactor / 100) * ratio);
    return (localityWeights?.[locality] ?? 0) * availability;
  });
}
