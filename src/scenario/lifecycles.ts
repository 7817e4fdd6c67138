import type { PodFacts } from '#mesh/cluster/pod-facts.ts';
import { workloadKey } from '#mesh/cluster/pod-facts.ts';
import { type Lifecycle, NO_LIFECYCLE } from '#mesh/pod-termination.ts';
import type { Experiment } from './experiment.ts';

/** How pods begin and end as the scenario has it: the workload's own keys over those of `*`. */
export function lifecyclesOf({ scenario, workloadKeys }: Experiment): (pod: PodFacts) => Lifecycle {
  const base = scenario.workloads.get('*')?.value.lifecycle ?? NO_LIFECYCLE;
  const own = new Map<string, Lifecycle>();
  for (const [name, key] of workloadKeys) {
    const wanted = scenario.workloads.get(name)?.value.lifecycle;
    if (wanted !== undefined) own.set(key, over(base, wanted));
  }
  return (pod) => own.get(workloadKey(pod)) ?? base;
}

function over(base: Lifecycle, top: Lifecycle): Lifecycle {
  return {
    readyNs: top.readyNs ?? base.readyNs,
    preStopNs: top.preStopNs ?? base.preStopNs,
    sidecarPreStopNs: top.sidecarPreStopNs ?? base.sidecarPreStopNs,
    graceNs: top.graceNs ?? base.graceNs,
    drainNs: top.drainNs ?? base.drainNs,
    isSidecarNative: top.isSidecarNative ?? base.isSidecarNative,
    onTerm: top.onTerm ?? base.onTerm,
  };
}
