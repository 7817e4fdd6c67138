import type { Host } from '../upstream/host.ts';
import type { HostSet } from '../upstream/host-set.ts';
import type { RetryPriority } from './load-balancer.ts';
import {
  normalizedTotalAvailability,
  type PriorityAvailability,
  type PriorityLoads,
} from './priority-load.ts';
import type { PriorityState } from './priority-state.ts';

/**
 * Loads without the priorities that a request has tried, worked out anew at every
 * `updateFrequency`-th attempt. When nothing is left, the exclusion starts over.
 *
 * @source envoy: source/extensions/retry/priority/previous_priorities/previous_priorities.cc
 */
export class PreviousPriorities implements RetryPriority {
  readonly #attempted: Host[] = [];
  readonly #excluded: boolean[] = [];
  #updateFrequency = 1;
  #loads: PriorityLoads | undefined;

  /** For the next request. */
  reset(updateFrequency: number): void {
    this.#updateFrequency = updateFrequency;
    this.#attempted.length = 0;
    this.#excluded.length = 0;
    this.#loads = undefined;
  }

  onHostAttempted(host: Host): void {
    this.#attempted.push(host);
  }

  determinePriorityLoad(hostSets: readonly HostSet[], state: PriorityState): PriorityLoads {
    const attemptCount = this.#attempted.length;
    if (attemptCount < this.#updateFrequency) return state.loads;
    if (attemptCount % this.#updateFrequency === 0) {
      for (const { priority } of this.#attempted) this.#excluded[priority] = true;
      this.#loads = this.#adjustedLoads(hostSets, state);
    }
    return this.#loads ?? state.loads;
  }

  #adjustedLoads(
    hostSets: readonly HostSet[],
    { availability }: PriorityState,
  ): PriorityLoads | undefined {
    let left = this.#withoutExcluded(hostSets, availability);
    if (normalizedTotalAvailability(left) === 0) {
      this.#excluded.length = 0;
      this.#attempted.length = 0;
      left = availability;
    }
    return normalizedTotalAvailability(left) === 0 ? undefined : distributeInRounds(left);
  }

  #withoutExcluded(
    hostSets: readonly HostSet[],
    { healthy, degraded }: PriorityAvailability,
  ): PriorityAvailability {
    const ifLeft = (of: readonly number[]) => (_: HostSet, priority: number) =>
      this.#excluded[priority] === true ? 0 : of[priority]!;
    return { healthy: hostSets.map(ifLeft(healthy)), degraded: hostSets.map(ifLeft(degraded)) };
  }
}

/** As `distributePriorityLoads`, but what rounding leaves is dealt from the first priority on again. */
function distributeInRounds(availability: PriorityAvailability): PriorityLoads {
  const total = normalizedTotalAvailability(availability);
  const loads = {
    healthy: availability.healthy.map(() => 0),
    degraded: availability.degraded.map(() => 0),
  };
  let left = 100;
  const deal = (to: number[], of: readonly number[]): void => {
    of.forEach((it, priority) => {
      const delta = Math.min(left, Math.floor((it * 100) / total));
      to[priority]! += delta;
      left -= delta;
    });
  };
  while (left > 0) {
    deal(loads.healthy, availability.healthy);
    deal(loads.degraded, availability.degraded);
  }
  return loads;
}
