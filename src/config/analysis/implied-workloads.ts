import type { PodTemplate } from '../kubernetes/workload.ts';
import { loadText } from '../loader.ts';
import type { Pod, Resource, ResourceOf } from '../resource.ts';
import type { ResourceStore } from '../resource-store.ts';
import { selects } from './label-selector.ts';

type Workload = ResourceOf<'Deployment' | 'StatefulSet' | 'DaemonSet' | 'ReplicaSet'>;

const KINDS = ['Deployment', 'StatefulSet', 'DaemonSet', 'ReplicaSet'] as const;

/**
 * What a cluster would make of the given objects, as far as selectors need it: a pod for each workload
 * that has none, and Istio's own ingress gateway where a Gateway wants it.
 */
export function impliedObjects(store: ResourceStore): readonly Resource[] {
  const given = store.of('Pod');
  const pods = KINDS.flatMap((kind) => store.of(kind) as readonly Workload[])
    .filter((workload) => !hasPods(workload, given))
    .flatMap(impliedPod);
  const gateway = ingressGateway(store, [...given, ...pods]);
  return [...pods, ...gateway];
}

function hasPods({ metadata, spec }: Workload, pods: readonly Pod[]): boolean {
  const labels = spec.template?.metadata?.labels ?? new Map();
  return pods.some(
    (pod) => pod.metadata.namespace === metadata.namespace && selects(labels, pod.metadata.labels),
  );
}

function impliedPod(workload: Workload): readonly Pod[] {
  const { template } = workload.spec;
  if (template?.spec === undefined) return [];
  const { labels, annotations } = templateMetadata(template);
  const name = `${workload.metadata.name}-1`;
  return [
    {
      ...workload,
      kind: 'Pod',
      apiVersion: 'v1',
      metadata: { ...workload.metadata, name, labels, annotations, ownerReferences: [] },
      spec: template.spec,
      status: undefined,
    },
  ];
}

function templateMetadata({ metadata }: PodTemplate) {
  return {
    labels: metadata?.labels ?? new Map<string, string>(),
    annotations: metadata?.annotations ?? new Map<string, string>(),
  };
}

/** As istioctl assumes it for files. @source istio: pkg/config/analysis/local/defaults.go */
const INGRESS_GATEWAY = `
apiVersion: v1
kind: Pod
metadata:
  labels: {istio: ingressgateway}
  name: istio-ingressgateway-1
  namespace: istio-system
spec:
  containers:
  - {name: istio-proxy, image: auto}
---
apiVersion: v1
kind: Service
metadata:
  name: istio-ingressgateway
  namespace: istio-system
  labels: {istio: ingressgateway}
spec:
  selector: {istio: ingressgateway}
  ports:
`;
const GATEWAY_LABELS: ReadonlyMap<string, string> = new Map([['istio', 'ingressgateway']]);

/** Listens on whatever port a Gateway wants. */
function ingressGateway(store: ResourceStore, pods: readonly Pod[]): readonly Resource[] {
  const wanting = store
    .of('Gateway')
    .filter(({ spec }) => spec.selector.size > 0 && selects(spec.selector, GATEWAY_LABELS));
  const isThere = pods.some(({ metadata }) => selects(GATEWAY_LABELS, metadata.labels));
  if (wanting.length === 0 || isThere) return [];
  const numbers = wanting.flatMap(({ spec }) => spec.servers.map((it) => it.port?.number ?? 0));
  const ports = [...new Set([80, 443, ...numbers])].filter((port) => port > 0);
  const lines = ports.map((port) => `  - {name: tcp-${port}, port: ${port}, protocol: TCP}\n`);
  return loadText('implied', INGRESS_GATEWAY + lines.join('')).resources;
}
