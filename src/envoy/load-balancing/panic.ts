import type { HostSet } from '../upstream/host-set.ts';
import {
  normalizedTotalAvailability,
  type PriorityAvailability,
  type PriorityLoads,
} from './priority-load.ts';

/**
 * Whether so few hosts of a priority are healthy or degraded that it should serve from all. Raw
 * percentages: neither overprovisioned nor weighted. Exactly the threshold is no panic.
 *
 * @param thresholdPercent an integer
 * @source envoy: load_balancing_policies/common/load_balancer_impl.cc, isHostSetInPanic
 */
export function isHostSetInPanic(hostSet: HostSet, thresholdPercent: number): boolean {
  const hostCount = hostSet.hosts.length - hostSet.excludedHosts.length;
  const healthyPercent = hostCount === 0 ? 0 : (100 * hostSet.healthyHosts.length) / hostCount;
  const degradedPercent = hostCount === 0 ? 0 : (100 * hostSet.degradedHosts.length) / hostCount;
  return healthyPercent + degradedPercent < Math.min(100, thresholdPercent);
}

/**
 * Which priorities are in panic; none as long as all of them together can bear the whole load. With
 * every priority in panic, `loads` becomes the shares of hosts, whatever their health.
 *
 * @source envoy: load_balancing_policies/common/load_balancer_impl.cc, recalculatePerPriorityPanic
 */
export function panicPerPriority(
  hostSets: readonly HostSet[],
  availability: PriorityAvailability,
  thresholdPercent: number,
  loads: PriorityLoads,
): boolean[] {
  const total = normalizedTotalAvailability(availability);
  if (thresholdPercent === 0 && total === 0) {
    // Nobody will be found; the loads must add up to 100 all the same.
    loads.healthy[0] = 100;
    return hostSets.map(() => false);
  }
  const panic = hostSets.map((it) => total !== 100 && isHostSetInPanic(it, thresholdPercent));
  if (panic.every((isInPanic) => isInPanic)) distributeByHostCount(hostSets, loads);
  return panic;
}

/** @source envoy: load_balancing_policies/common/load_balancer_impl.cc, recalculateLoadInTotalPanic */
function distributeByHostCount(hostSets: readonly HostSet[], loads: PriorityLoads): void {
  const hostCount = hostSets.reduce((total, { hosts }) => total + hosts.length, 0);
  if (hostCount === 0) {
    loads.healthy[0] = 100;
    return;
  }
  let left = 100;
  hostSets.forEach(({ hosts }, priority) => {
    const load = Math.floor((100 * hosts.length) / hostCount);
    loads.healthy[priority] = load;
    loads.degraded[priority] = 0;
    left -= load;
  });
  loads.healthy[hostSets.findIndex(({ hosts }) => hosts.length > 0)]! += left;
}
