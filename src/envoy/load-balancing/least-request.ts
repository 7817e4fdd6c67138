import { pow } from '#kernel/math.ts';
import type { Random } from '#kernel/random.ts';
import type { Host } from '../upstream/host.ts';
import type { TurnPolicy } from './edf-load-balancer.ts';
import type { HostSource } from './host-source.ts';

export interface LeastRequestConfig {
  /** How many hosts are drawn for one choice; at least 2. */
  readonly choiceCount: number;
  readonly activeRequestBias: number;
  readonly selection: 'n-choices' | 'full-scan';
}

/**
 * The host with few active requests: among equals by `selection`, among unequal weights by turns, the
 * fewer active requests a host has, the sooner.
 *
 * @source envoy: load_balancing_policies/least_request/least_request_lb.cc
 */
export function leastRequest(config: LeastRequestConfig): TurnPolicy {
  const { choiceCount, activeRequestBias } = config;
  const isFullScan = config.selection === 'full-scan';
  return {
    refresh() {},
    pick({ hosts }: HostSource, random: Random): Host {
      return isFullScan === true
        ? pickLeastOfAll(hosts, random)
        : pickLeastRequest(hosts, choiceCount, random);
    },
    weightOf(host: Host): number {
      return leastRequestWeight(host, activeRequestBias);
    },
  };
}

/**
 * The host with fewer active requests among `choiceCount` random ones, drawn with replacement. For
 * hosts of equal weight.
 *
 * @source envoy: load_balancing_policies/least_request/least_request_lb.cc, unweightedHostPickNChoices
 */
export function pickLeastRequest(
  hosts: readonly Host[],
  choiceCount: number,
  random: Random,
): Host {
  let best = hosts[random.below(hosts.length)]!;
  for (let choice = 1; choice < choiceCount; choice++) {
    const rival = hosts[random.below(hosts.length)]!;
    if (rival.rqActive < best.rqActive) best = rival; // A tie keeps the earlier draw.
  }
  return best;
}

/**
 * The host with the fewest active requests of all; ties are broken by lot, one draw for each tie met.
 *
 * @source envoy: load_balancing_policies/least_request/least_request_lb.cc, unweightedHostPickFullScan
 */
export function pickLeastOfAll(hosts: readonly Host[], random: Random): Host {
  let best = hosts[0]!;
  let tiedCount = 1;
  for (let index = 1; index < hosts.length; index++) {
    const rival = hosts[index]!;
    if (rival.rqActive < best.rqActive) {
      best = rival;
      tiedCount = 1;
    } else if (rival.rqActive === best.rqActive) {
      tiedCount++;
      if (random.below(tiedCount) === 0) best = rival; // Reservoir sampling: all ties are alike.
    }
  }
  return best;
}

/**
 * A host's weight, divided by (active requests + 1) to the power of the bias.
 *
 * @source envoy: load_balancing_policies/least_request/least_request_lb.cc, hostWeight
 */
export function leastRequestWeight(host: Host, activeRequestBias: number): number {
  if (activeRequestBias === 0) return host.weight;
  const active = host.rqActive + 1;
  return activeRequestBias === 1
    ? host.weight / active
    : host.weight / pow(active, activeRequestBias);
}
