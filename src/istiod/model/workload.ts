import type { Pod, Resource, WorkloadEntry } from '#config/resource.ts';
import {
  type IstioEndpoint,
  MUTUAL_TLS,
  NO_TLS,
  TLS_MODE_LABEL,
  type WorkloadFacts,
} from './endpoint.ts';
import { spiffeIdentity } from './kubernetes-service.ts';
import { augmentLabels, type Labels, TOPOLOGY_LABELS } from './labels.ts';
import { localityOfLabel } from './locality.ts';
import { isIpAddress } from './names.ts';
import { CLUSTER_ID } from './proxy.ts';

/** A workload outside any service: what a ServiceEntry's selector or a Service's may choose. */
export interface WorkloadInstance {
  readonly kind: 'Pod' | 'WorkloadEntry';
  readonly name: string;
  readonly namespace: string;
  /** The labels that selectors see: topology is added only to the endpoint's. */
  readonly facts: WorkloadFacts;
  readonly health: IstioEndpoint['health'];
  /** Ports by name. */
  readonly ports: ReadonlyMap<string, number>;
  /** A host name or a socket: nothing that a Kubernetes Service could have as endpoint. */
  readonly isForDnsOnly: boolean;
}

/** What nodes and the mesh add to a workload. */
export interface WorkloadSurroundings {
  readonly trustDomain: string;
  /** The labels of a node by its name. */
  readonly nodeLabels: (node: string) => Labels | undefined;
}

const NO_WORKLOAD: Pick<IstioEndpoint, 'hostName' | 'subDomain'> = { hostName: '', subDomain: '' };

/**
 * What a pod says of each of its endpoints.
 *
 * @source istio: pilot/pkg/serviceregistry/kube/controller/endpoint_builder.go, NewEndpointBuilder
 */
export function podFacts(pod: Pod, around: WorkloadSurroundings): WorkloadFacts {
  const { metadata, spec } = pod;
  const locality = podLocality(pod, around);
  const account = spec.serviceAccountName || spec.serviceAccount || 'default';
  const where = { clusterId: CLUSTER_ID, locality, node: spec.nodeName, network: '' };
  return {
    address: podIp(pod),
    labels: augmentLabels(metadata.labels, where),
    locality,
    weight: 1,
    tlsMode: metadata.labels.get(TLS_MODE_LABEL) ?? NO_TLS,
    serviceAccount: spiffeIdentity(around.trustDomain, metadata.namespace, account),
    namespace: metadata.namespace,
    workloadName: workloadNameOfPod(pod),
    nodeName: spec.nodeName,
    network: metadata.labels.get(TOPOLOGY_LABELS.network) ?? '',
    clusterId: CLUSTER_ID,
    hostName: spec.subdomain === '' ? '' : spec.hostname || metadata.name,
    subDomain: spec.subdomain,
    source: pod,
  };
}

/** The first address of a pod; empty before it has one. */
export function podIp(pod: Pod): string {
  return pod.status?.podIP || (pod.status?.podIPs[0]?.ip ?? '');
}

/** A ready pod as ServiceEntries may select it. @source istio: kube/controller/pod.go, notifyWorkloadHandlers */
export function podInstance(pod: Pod, around: WorkloadSurroundings): WorkloadInstance {
  const containerPorts = pod.spec.containers.flatMap(({ ports }) => ports);
  return {
    kind: 'Pod',
    name: pod.metadata.name,
    namespace: pod.metadata.namespace,
    facts: podFacts(pod, around),
    health: 'HEALTHY',
    ports: new Map(containerPorts.map(({ name, containerPort }) => [name, containerPort])),
    isForDnsOnly: false,
  };
}

const LEGACY_LOCALITY_LABEL = 'istio-locality';

function labelledLocality(labels: Labels): string {
  const value = labels.get(TOPOLOGY_LABELS.locality) ?? labels.get(LEGACY_LOCALITY_LABEL) ?? '';
  return localityOfLabel(value);
}

/** @source istio: pilot/pkg/serviceregistry/kube/controller/controller.go, getPodLocality */
export function podLocality(pod: Pod, around: WorkloadSurroundings): string {
  const labelled = labelledLocality(pod.metadata.labels);
  return labelled === '' ? nodeLocality(around.nodeLabels(pod.spec.nodeName)) : labelled;
}

function nodeLocality(labels: Labels | undefined): string {
  if (labels === undefined) return '';
  const region =
    labels.get(TOPOLOGY_LABELS.region) ?? labels.get('failure-domain.beta.kubernetes.io/region');
  const zone =
    labels.get(TOPOLOGY_LABELS.zone) ?? labels.get('failure-domain.beta.kubernetes.io/zone');
  const parts = [region ?? '', zone ?? '', labels.get(TOPOLOGY_LABELS.subzone) ?? ''];
  return parts.every((part) => part === '') ? '' : parts.join('/');
}

const WORKLOAD_NAME_LABEL = 'service.istio.io/workload-name';

/** The Deployment behind a pod, where its name tells, else its controller, else itself. @source istio: pkg/kube/util.go, GetWorkloadMetaFromPod */
export function workloadNameOfPod(pod: Pod): string {
  const { metadata } = pod;
  const labelled = metadata.labels.get(WORKLOAD_NAME_LABEL);
  if (labelled) return labelled;
  const controller = metadata.ownerReferences.find((owner) => owner.controller === true);
  if (metadata.generateName === '' || controller === undefined) return metadata.name;
  const hash = metadata.labels.get('pod-template-hash') ?? '';
  const isDeployed =
    controller.kind === 'ReplicaSet' && hash !== '' && controller.name.endsWith(`-${hash}`);
  return isDeployed ? controller.name.slice(0, -hash.length - 1) : controller.name;
}

/** An entry that stands for a workload: a WorkloadEntry, or an endpoint of a ServiceEntry. */
export interface EntryIdentity {
  readonly name: string;
  readonly namespace: string;
  readonly annotations: ReadonlyMap<string, string>;
  /** Of the resource's metadata; they win over those of the entry. */
  readonly labels: Labels;
  readonly source: Resource;
}

/**
 * A workload that an entry describes.
 *
 * @source istio: pilot/pkg/serviceregistry/serviceentry/conversion.go, convertWorkloadEntryToWorkloadInstance
 */
export function entryInstance(
  entry: WorkloadEntry['spec'],
  identity: EntryIdentity,
  trustDomain: string,
): WorkloadInstance {
  const labels: Labels =
    identity.labels.size === 0 ? entry.labels : new Map([...entry.labels, ...identity.labels]);
  const { namespace, name } = identity;
  const locality = entry.locality === '' ? labelledLocality(labels) : entry.locality;
  const where = { clusterId: CLUSTER_ID, locality, node: '', network: entry.network };
  const isSocket = entry.address.startsWith(UNIX_PREFIX);
  return {
    kind: 'WorkloadEntry',
    name,
    namespace,
    facts: {
      ...NO_WORKLOAD,
      address: entry.address,
      labels: augmentLabels(labels, where),
      locality,
      weight: entry.weight === 0 ? 1 : entry.weight,
      tlsMode: labels.get(TLS_MODE_LABEL) ?? (entry.serviceAccount === '' ? NO_TLS : MUTUAL_TLS),
      serviceAccount:
        entry.serviceAccount === ''
          ? ''
          : spiffeIdentity(trustDomain, namespace, entry.serviceAccount),
      namespace,
      workloadName:
        identity.annotations.get('istio.io/autoRegistrationGroup') ??
        identity.labels.get(WORKLOAD_NAME_LABEL) ??
        name,
      nodeName: '',
      network: entry.network,
      clusterId: CLUSTER_ID,
      source: identity.source,
    },
    health: 'UNKNOWN',
    ports: entry.ports,
    isForDnsOnly: isSocket || (entry.address !== '' && !isIpAddress(entry.address)),
  };
}

export const UNIX_PREFIX = 'unix://';
