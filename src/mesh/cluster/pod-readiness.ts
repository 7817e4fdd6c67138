import type { Pod } from '#config/resource.ts';

const SECOND_NS = 1e9;
const DEFAULT_PERIOD_S = 10;

/**
 * How long a pod's probes keep it from being ready, from its start: the longest initial delay of its
 * containers, and the further successes that a readiness probe asks for. A pod that is not ready is probed
 * out of turn, so the period itself costs nothing.
 *
 * @source kubernetes: pkg/kubelet/prober/worker.go, doProbe; pkg/kubelet/prober/prober_manager.go, UpdatePodStatus
 */
export function probedReadyNs({ spec }: Pod): number {
  let ns = 0;
  for (const { name, readinessProbe, startupProbe } of spec.containers) {
    if (name === 'istio-proxy') continue;
    const delay = Math.max(
      readinessProbe?.initialDelaySeconds ?? 0,
      startupProbe?.initialDelaySeconds ?? 0,
    );
    const period = readinessProbe?.periodSeconds || DEFAULT_PERIOD_S;
    const further = Math.max(0, (readinessProbe?.successThreshold || 1) - 1);
    ns = Math.max(ns, (delay + further * period) * SECOND_NS);
  }
  return ns;
}
