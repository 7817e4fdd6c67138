import { assert } from '#kernel/assert.ts';
import type { Host } from '../upstream/host.ts';
import type { HostSet } from '../upstream/host-set.ts';

/** How much of 100 each priority gets, for its healthy and for its degraded hosts. */
export interface PriorityLoads {
  readonly healthy: number[];
  readonly degraded: number[];
}

/** How able each priority is to serve, in percent, by its healthy and by its degraded hosts. */
export interface PriorityAvailability {
  readonly healthy: readonly number[];
  readonly degraded: readonly number[];
}

/**
 * The share of healthy (or degraded) hosts of a priority, overprovisioned and capped at 100; integer.
 *
 * @source envoy: load_balancing_policies/common/load_balancer_impl.cc, recalculatePerPriorityState
 */
export function availabilityOf(hostSet: HostSet, eligible: readonly Host[]): number {
  const hostCount = hostSet.hosts.length - hostSet.excludedHosts.length;
  if (hostCount <= 0) return 0;
  const isWeighted = hostSet.weightedPriorityHealth;
  const part = isWeighted ? weightSum(eligible) : eligible.length;
  const whole = isWeighted
    ? weightSum(hostSet.hosts) - weightSum(hostSet.excludedHosts)
    : hostCount;
  return Math.min(100, Math.floor((hostSet.overprovisioningFactor * part) / whole));
}

/** The sum of all availabilities, capped at 100. */
export function normalizedTotalAvailability({ healthy, degraded }: PriorityAvailability): number {
  return Math.min(100, sum(healthy) + sum(degraded));
}

/**
 * Distributes 100 over the priorities into `loads`: as much as each can bear from the first on, by
 * its healthy hosts, then by degraded ones; what rounding leaves goes to the first that can bear
 * anything. Loads stay as they are when nobody can.
 *
 * @source envoy: load_balancing_policies/common/load_balancer_impl.cc, recalculatePerPriorityState,
 *   distributeLoad
 */
export function distributePriorityLoads(
  loads: PriorityLoads,
  availability: PriorityAvailability,
): void {
  const total = normalizedTotalAvailability(availability);
  if (total === 0) return;
  let left = distributeLoad(loads.healthy, availability.healthy, 100, total);
  left = distributeLoad(loads.degraded, availability.degraded, left, total);
  if (left === 0) return;
  const firstHealthy = availability.healthy.findIndex((it) => it > 0);
  if (firstHealthy >= 0) loads.healthy[firstHealthy]! += left;
  else loads.degraded[availability.degraded.findIndex((it) => it > 0)]! += left;
}

/** Fills `loads` and answers what is left. */
function distributeLoad(
  loads: number[],
  availability: readonly number[],
  totalLoad: number,
  totalAvailability: number,
): number {
  let left = totalLoad;
  availability.forEach((it, priority) => {
    const load = Math.min(left, Math.floor((it * 100) / totalAvailability));
    loads[priority] = load;
    left -= load;
  });
  return left;
}

/**
 * The priority that a random number or hash falls on: p for p's healthy hosts, ~p (−1 − p) for its
 * degraded ones.
 *
 * @param percent the number modulo 100
 * @source envoy: load_balancing_policies/common/load_balancer_impl.cc, choosePriority
 */
export function choosePriority(loads: PriorityLoads, percent: number): number {
  const { healthy, degraded } = loads;
  let accumulated = 0;
  for (let priority = 0; priority < healthy.length; priority++) {
    accumulated += healthy[priority]!;
    if (percent < accumulated) return priority;
  }
  for (let priority = 0; priority < degraded.length; priority++) {
    accumulated += degraded[priority]!;
    if (percent < accumulated) return ~priority;
  }
  assert(false, 'the loads of all priorities add up to 100');
}

/** The priority of a choice of `choosePriority`. */
export function priorityOf(choice: number): number {
  return choice < 0 ? ~choice : choice;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

function weightSum(hosts: readonly Host[]): number {
  return hosts.reduce((total, host) => total + host.weight, 0);
}
