import type { Endpoint } from '#config/kubernetes/endpoints.ts';
import type { ServicePort as KubernetesPort } from '#config/kubernetes/service.ts';
import type { Service as KubernetesService, Pod, Resource, ResourceOf } from '#config/resource.ts';
import {
  type EndpointHealth,
  endpointOf,
  type IstioEndpoint,
  NO_TLS,
  type WorkloadFacts,
} from './endpoint.ts';
import { augmentLabels, NO_LABELS, selects } from './labels.ts';
import { CLUSTER_ID } from './proxy.ts';
import { type Service, supportsDrainingEndpoints } from './service.ts';
import type { WorkloadInstance } from './workload.ts';

type EndpointSlice = ResourceOf<'EndpointSlice'>;
type Endpoints = ResourceOf<'Endpoints'>;

/** The workloads of the cluster, as endpoints refer to them. */
export interface WorkloadLookup {
  readonly podNamed: (namespace: string, name: string) => Pod | undefined;
  readonly podAt: (namespace: string, ip: string) => Pod | undefined;
  /** What a pod says of its endpoints, made once per pod. */
  readonly factsOf: (pod: Pod) => WorkloadFacts;
}

/**
 * The endpoints that EndpointSlices list for a service. An address that names a pod which is not
 * there is left out; of equal addresses and ports the first slice's counts.
 *
 * @source istio: pilot/pkg/serviceregistry/kube/controller/endpointslice.go, updateEndpointCacheForSlice
 */
export function endpointsOfSlices(
  slices: readonly EndpointSlice[],
  service: Service,
  lookup: WorkloadLookup,
): IstioEndpoint[] {
  const found = new Map<string, IstioEndpoint>();
  for (const slice of slices) {
    if (slice.spec.addressType === 'FQDN') continue;
    for (const endpoint of slice.spec.endpoints) {
      const health = sliceHealth(service, endpoint);
      for (const address of endpoint.addresses) {
        const facts = factsOfAddress(slice, address, endpoint.targetRef, lookup);
        if (facts === undefined) continue;
        for (const port of slice.spec.ports) {
          const key = `${address}/${port.name}`;
          if (found.has(key)) continue;
          const servicePortName = port.name;
          found.set(key, { ...facts, address, port: port.port ?? 0, servicePortName, health });
        }
      }
    }
  }
  return [...found.values()];
}

/** @source istio: endpointslice.go, endpointHealthStatus */
function sliceHealth(service: Service, { conditions }: Endpoint): EndpointHealth {
  const { ready, serving, terminating } = conditions ?? {};
  if (ready ?? true) return 'HEALTHY';
  if (!(terminating ?? true)) return 'UNHEALTHY';
  return supportsDrainingEndpoints(service) && (serving ?? true) ? 'DRAINING' : 'TERMINATING';
}

interface TargetRef {
  readonly kind: string;
  readonly name: string;
  readonly namespace: string;
}

/** @source istio: endpointslice.go, getPod */
function factsOfAddress(
  source: EndpointSlice | Endpoints,
  address: string,
  target: TargetRef | undefined,
  lookup: WorkloadLookup,
): WorkloadFacts | undefined {
  const { namespace } = source.metadata;
  if (target?.kind === 'Pod') {
    const pod = lookup.podNamed(target.namespace || namespace, target.name);
    return pod && lookup.factsOf(pod);
  }
  const pod = lookup.podAt(namespace, address);
  return pod === undefined ? unknownWorkload(source) : lookup.factsOf(pod);
}

/**
 * The name that an ExternalName Service stands for, as an endpoint to be resolved.
 *
 * @source istio: pilot/pkg/serviceregistry/kube/conversion.go, ExternalNameEndpoints (before 1.25)
 */
export function endpointsOfExternalName(
  resource: KubernetesService,
  service: Service,
): IstioEndpoint[] {
  const { labels } = resource.metadata;
  return service.ports.map(({ name, port }) => ({
    ...unknownWorkload(resource),
    labels,
    address: resource.spec.externalName,
    port,
    servicePortName: name,
    health: 'UNKNOWN',
  }));
}

/** An address that no pod has: nothing is known of it. */
function unknownWorkload(source: Resource): WorkloadFacts {
  const where = { clusterId: CLUSTER_ID, locality: '', node: '', network: '' };
  return {
    address: '',
    labels: augmentLabels(NO_LABELS, where),
    locality: '',
    weight: 1,
    tlsMode: NO_TLS,
    serviceAccount: '',
    namespace: '',
    workloadName: '',
    nodeName: '',
    network: '',
    clusterId: CLUSTER_ID,
    hostName: '',
    subDomain: '',
    source,
  };
}

/** The endpoints of an Endpoints object, the older way to list them by hand. */
export function endpointsOfObject(object: Endpoints, lookup: WorkloadLookup): IstioEndpoint[] {
  return object.spec.subsets.flatMap(({ addresses, notReadyAddresses, ports }) =>
    [
      ...addresses.map((address) => ({ ...address, health: 'HEALTHY' as const })),
      ...notReadyAddresses.map((address) => ({ ...address, health: 'UNHEALTHY' as const })),
    ].flatMap(({ ip, targetRef, health }) => {
      const facts = factsOfAddress(object, ip, targetRef, lookup);
      if (facts === undefined) return [];
      return ports.map((port) => ({
        ...facts,
        address: ip,
        port: port.port ?? 0,
        servicePortName: port.name,
        health,
      }));
    }),
  );
}

/**
 * The endpoints that Kubernetes would list for a service with a selector: every pod that it selects,
 * on the port that the service's target port means for that pod.
 *
 * @source kubernetes: staging/src/k8s.io/endpointslice/reconciler.go
 */
export function endpointsOfPods(
  resource: KubernetesService,
  pods: readonly Pod[],
  factsOf: WorkloadLookup['factsOf'],
): IstioEndpoint[] {
  const { selector, ports, publishNotReadyAddresses } = resource.spec;
  if (selector.size === 0) return [];
  return pods.flatMap((pod) => {
    if (!selects(selector, pod.metadata.labels) || !isRunning(pod)) return [];
    const facts = factsOf(pod);
    if (facts.address === '') return [];
    const health = podHealth(pod, publishNotReadyAddresses);
    return ports.flatMap((port) => {
      const target = targetPort(pod, port);
      if (target === undefined) return [];
      return [endpointOf(facts, target, port.name, health)];
    });
  });
}

function isRunning({ status }: Pod): boolean {
  return status?.phase !== 'Succeeded' && status?.phase !== 'Failed';
}

function podHealth(pod: Pod, publishesNotReady: boolean): EndpointHealth {
  if (publishesNotReady) return 'HEALTHY';
  if (pod.metadata.deletionTimestamp !== undefined) return 'TERMINATING';
  return isReady(pod) ? 'HEALTHY' : 'UNHEALTHY';
}

/** The pod's Ready condition; a manifest that says nothing of conditions is taken for ready. */
export function isReady({ status }: Pod): boolean {
  const condition = status?.conditions.find(({ type }) => type === 'Ready');
  return condition === undefined || condition.status === 'True';
}

/**
 * The container port that a service's target port means for a pod.
 *
 * @source istio: pilot/pkg/serviceregistry/kube/controller/util.go, FindPort
 */
export function targetPort(pod: Pod, port: KubernetesPort): number | undefined {
  const target = port.targetPort ?? port.port;
  if (typeof target === 'number') return target;
  const protocol = port.protocol || 'TCP';
  const sidecars = pod.spec.initContainers.filter(
    ({ restartPolicy }) => restartPolicy === 'Always',
  );
  for (const container of [...pod.spec.containers, ...sidecars]) {
    for (const candidate of container.ports) {
      const isSame = (candidate.protocol || 'TCP') === protocol;
      if (candidate.name === target && isSame) return candidate.containerPort;
    }
  }
  return undefined;
}

/**
 * Endpoints of WorkloadEntries that a Kubernetes Service selects.
 *
 * @source istio: pilot/pkg/serviceregistry/kube/controller/controller.go, serviceInstancesFromWorkloadInstances
 */
export function endpointsOfEntries(
  resource: KubernetesService,
  service: Service,
  entries: readonly WorkloadInstance[],
): IstioEndpoint[] {
  if (service.resolution !== 'ClientSideLB' || service.selector === undefined) return [];
  const selected = entries.filter(
    (entry) => !entry.isForDnsOnly && selects(service.selector!, entry.facts.labels),
  );
  return resource.spec.ports.flatMap((port) =>
    selected.flatMap((entry) => {
      const target = entryTargetPort(entry, port);
      if (target === undefined) return [];
      return [endpointOf(entry.facts, target, port.name, entry.health)];
    }),
  );
}

/**
 * A named target port must be among the entry's; a number may be remapped under the service port's
 * own name. @source istio: kube/controller/controller.go, serviceInstanceFromWorkloadInstance
 */
function entryTargetPort(entry: WorkloadInstance, port: KubernetesPort): number | undefined {
  const target = port.targetPort ?? port.port;
  if (typeof target === 'string') return entry.ports.get(target) || undefined;
  return entry.ports.get(port.name) || target || port.port;
}
