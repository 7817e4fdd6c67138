import type { HostSet } from '../upstream/host-set.ts';
import { panicPerPriority } from './panic.ts';
import {
  availabilityOf,
  distributePriorityLoads,
  type PriorityAvailability,
  type PriorityLoads,
} from './priority-load.ts';

/**
 * What a balancer knows of its priorities: availability, loads, panic. Recomputed at each update of
 * a host set; loads of before matter when nobody is available and panic is off.
 *
 * @source envoy: load_balancing_policies/common/load_balancer_impl.cc, LoadBalancerBase
 */
export class PriorityState {
  readonly loads: PriorityLoads = { healthy: [], degraded: [] };
  availability: PriorityAvailability = { healthy: [], degraded: [] };
  panic: readonly boolean[] = [];
  readonly #panicThresholdPercent: number;

  constructor(panicThresholdPercent: number) {
    this.#panicThresholdPercent = panicThresholdPercent;
  }

  refresh(hostSets: readonly HostSet[]): void {
    const { loads } = this;
    while (loads.healthy.length < hostSets.length) {
      loads.healthy.push(0);
      loads.degraded.push(0);
    }
    this.availability = {
      healthy: hostSets.map((it) => availabilityOf(it, it.healthyHosts)),
      degraded: hostSets.map((it) => availabilityOf(it, it.degradedHosts)),
    };
    distributePriorityLoads(loads, this.availability);
    this.panic = panicPerPriority(hostSets, this.availability, this.#panicThresholdPercent, loads);
  }
}
