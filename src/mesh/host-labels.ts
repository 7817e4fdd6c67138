import { UNKNOWN_WORKLOAD, type WorkloadLabels } from '#telemetry/labels.ts';
import { canonicalName, canonicalRevision } from './cluster/injection.ts';
import type { PodFacts } from './cluster/pod-facts.ts';

/** Istio's default; it stands in principals alone. */
export const TRUST_DOMAIN = 'cluster.local';

/**
 * What telemetry says of a pod.
 *
 * @source istio: pilot/pkg/bootstrap and extensions/common, the node metadata that the stats filter exchanges
 */
export function workloadLabels(pod: PodFacts, trustDomain: string): WorkloadLabels {
  return {
    workload: pod.workload,
    namespace: pod.namespace,
    pod: pod.name,
    app: pod.labels.get('app') ?? '',
    version: pod.labels.get('version') ?? '',
    canonicalService: canonicalName(pod.labels, pod.workload),
    canonicalRevision: canonicalRevision(pod.labels),
    principal: `spiffe://${trustDomain}/ns/${pod.namespace}/sa/${pod.serviceAccount}`,
    cluster: 'Kubernetes',
  };
}

/** A host outside the mesh. */
export function outsideLabels(name: string): WorkloadLabels {
  return { ...UNKNOWN_WORKLOAD, workload: name };
}
