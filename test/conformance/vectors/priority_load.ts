import { PriorityState } from '#envoy/load-balancing/priority-state.ts';
import { hostSetOf, hostsOf } from '#envoy/upstream/host-builder.ts';
import { HealthFlag } from '#envoy/upstream/host-health.ts';
import type { HostSet } from '#envoy/upstream/host-set.ts';
import type { VectorAdapter } from './adapter.ts';

/** Counts of hosts, or the state and weight of each. */
export interface PrioritySpec {
  readonly hosts: number;
  readonly healthy: number;
  readonly degraded: number;
  readonly excluded: number;
  readonly states?: readonly ('healthy' | 'degraded' | 'unhealthy')[];
  readonly weights?: readonly number[];
  readonly overprovisioning_factor?: number;
}

interface Vector {
  readonly panic_threshold: number;
  readonly priorities: readonly PrioritySpec[];
}

const FLAGS = {
  healthy: 0,
  degraded: HealthFlag.degradedEdsHealth,
  unhealthy: HealthFlag.failedEdsHealth,
  excluded: HealthFlag.edsStatusDraining,
};

export const run: VectorAdapter = ({ panic_threshold, priorities }: Vector) => {
  const state = new PriorityState(panic_threshold);
  state.refresh(priorities.map(hostSet));
  const { healthy, degraded } = state.availability;
  return {
    expect: {
      availability: healthy.map((it, priority) => [it, degraded[priority]]),
      healthy_load: state.loads.healthy,
      degraded_load: state.loads.degraded,
      panic: state.panic,
    },
  };
};

export function hostSet(spec: PrioritySpec, priority: number): HostSet {
  const hosts = hostsOf(
    healthFlags(spec).map((flags, index) => ({
      address: `${priority}/${index}`,
      healthFlags: flags,
      weight: spec.weights?.[index] ?? 1,
    })),
  );
  return hostSetOf({
    hosts,
    priority,
    overprovisioningFactor: spec.overprovisioning_factor ?? 140,
    weightedPriorityHealth: spec.weights !== undefined,
  });
}

function healthFlags(spec: PrioritySpec): number[] {
  if (spec.states !== undefined) return spec.states.map((state) => FLAGS[state]);
  const { hosts, healthy, degraded, excluded } = spec;
  return [
    ...new Array<number>(healthy).fill(FLAGS.healthy),
    ...new Array<number>(degraded).fill(FLAGS.degraded),
    ...new Array<number>(excluded).fill(FLAGS.excluded),
    ...new Array<number>(Math.max(0, hosts - healthy - degraded - excluded)).fill(FLAGS.unhealthy),
  ];
}
