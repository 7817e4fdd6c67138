import type { Resource, ResourceOf } from '#config/resource.ts';
import type { ResourceStore } from '#config/resource-store.ts';
import { allocateAddresses, SERVICE_RANGE } from './address-allocation.ts';
import { type ImpliedGateway, impliedGateways } from './implied-gateways.ts';
import { buildPods, type PodOptions } from './pod-builder.ts';
import { type PodFacts, podKey, type WorkloadFacts, workloadKey } from './pod-facts.ts';

/** The cluster at a moment: every pod, and the objects as istiod would find them. */
export interface ClusterView {
  readonly pods: readonly PodFacts[];
  /** By `namespace/name`, in that order. */
  readonly workloads: ReadonlyMap<string, WorkloadFacts>;
  /** What was given, with cluster IPs, pods and implied gateways filled in. */
  readonly store: ResourceStore;
  readonly impliedGateways: readonly ImpliedGateway[];
}

/** Works out the cluster that some objects stand for (scenario.md §1). */
export function clusterView(given: ResourceStore, options: PodOptions): ClusterView {
  const podsGiven = buildPods(given, options);
  const gateways = impliedGateways(given, podsGiven);
  const hasImplied = gateways.length > 0;
  const store = hasImplied ? given.with(gateways.flatMap(({ resources }) => resources)) : given;
  const pods = hasImplied ? buildPods(store, options) : podsGiven;
  const made: Resource[] = [...servicesWithAddresses(store), ...pods.map((pod) => pod.resource)];
  const present = new Set(pods.map((pod) => podKey(pod)));
  const vanished = store.of('Pod').filter((pod) => !present.has(podKey(pod.metadata)));
  return {
    pods,
    workloads: workloadsOf(store, pods),
    store: store.without(vanished).with(made),
    impliedGateways: gateways,
  };
}

function servicesWithAddresses(store: ResourceStore): readonly Resource[] {
  const needsAddress = ({ spec }: ResourceOf<'Service'>) =>
    spec.clusterIP === '' && spec.clusterIPs.length === 0 && spec.type !== 'ExternalName';
  const services = store.of('Service');
  const given = new Set(services.map(({ spec }) => spec.clusterIP).filter((ip) => ip !== ''));
  const waiting = services.filter(needsAddress);
  const addresses = allocateAddresses(
    waiting.map((service) => podKey(service.metadata)),
    SERVICE_RANGE,
    given,
  );
  return waiting.map((service) => {
    const clusterIP = addresses.get(podKey(service.metadata)) ?? '';
    return { ...service, spec: { ...service.spec, clusterIP, clusterIPs: [clusterIP] } };
  });
}

function workloadsOf(
  store: ResourceStore,
  pods: readonly PodFacts[],
): ReadonlyMap<string, WorkloadFacts> {
  const kinds = new Map<string, string>();
  const controllers = [
    ...store.of('Deployment'),
    ...store.of('StatefulSet'),
    ...store.of('DaemonSet'),
    ...store.of('ReplicaSet').filter(({ metadata }) => metadata.ownerReferences.length === 0),
  ];
  // A workload scaled to nothing is still one.
  for (const { kind, metadata } of controllers) kinds.set(podKey(metadata), kind);
  for (const pod of pods) {
    if (!kinds.has(workloadKey(pod))) kinds.set(workloadKey(pod), 'Pod');
  }
  const byWorkload = new Map<string, PodFacts[]>();
  for (const pod of pods) {
    const list = byWorkload.get(workloadKey(pod));
    if (list === undefined) byWorkload.set(workloadKey(pod), [pod]);
    else list.push(pod);
  }
  const workloads = new Map<string, WorkloadFacts>();
  for (const [key, kind] of [...kinds].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const slash = key.indexOf('/');
    workloads.set(key, {
      namespace: key.slice(0, slash),
      name: key.slice(slash + 1),
      kind,
      pods: byWorkload.get(key) ?? [],
    });
  }
  return workloads;
}
