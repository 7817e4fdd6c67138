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
  readonly basis: ViewBasis;
}

/** What a view was made from, as it was then. */
interface ViewBasis {
  readonly given: ResourceStore;
  readonly options: PodOptions;
}

/** The kinds that pods, addresses and implied gateways follow from; others are only handed on. */
const KINDS_THAT_DECIDE = [
  'Pod',
  'Deployment',
  'ReplicaSet',
  'StatefulSet',
  'DaemonSet',
  'Node',
  'Namespace',
  'Gateway',
  'Service',
] as const;

/**
 * Works out the cluster that some objects stand for (scenario.md §1). What an `earlier` view has worked out
 * is taken over when nothing that decides about it has changed: applying one VirtualService among 10,000
 * pods costs no walk over the pods (bench/load-run.mjs, pushMs).
 */
export function clusterView(
  given: ResourceStore,
  options: PodOptions,
  earlier?: ClusterView,
): ClusterView {
  const basis = { given, options: copyOf(options) };
  if (earlier === undefined) return firstView(basis);
  if (!isSameBasis(earlier.basis, basis)) return newView(basis);
  return { ...earlier, store: earlier.store.changedLike(earlier.basis.given, given), basis };
}

/** By what is given: a scenario is checked, and then run, any number of times. */
const firstViews = new WeakMap<ResourceStore, ClusterView>();

function firstView(basis: ViewBasis): ClusterView {
  const known = firstViews.get(basis.given);
  if (known !== undefined && isSameBasis(known.basis, basis)) return known;
  const view = newView(basis);
  firstViews.set(basis.given, view);
  return view;
}

function copyOf(options: PodOptions): PodOptions {
  const { injection, withoutSidecar, replicas, gone, unready, moved } = options;
  const copies = {
    replicas: new Map(replicas),
    gone: new Set(gone),
    unready: new Set(unready),
    moved: new Map(moved),
  };
  return { injection, withoutSidecar, ...copies };
}

function isSameBasis(a: ViewBasis, b: ViewBasis): boolean {
  return (
    KINDS_THAT_DECIDE.every((kind) => a.given.of(kind) === b.given.of(kind)) &&
    a.options.injection === b.options.injection &&
    areSame(a.options.withoutSidecar, b.options.withoutSidecar) &&
    areSame(a.options.gone, b.options.gone) &&
    areSame(a.options.unready ?? NONE, b.options.unready ?? NONE) &&
    areSameEntries(a.options.moved ?? NOWHERE, b.options.moved ?? NOWHERE) &&
    a.options.replicas.size === b.options.replicas.size &&
    [...a.options.replicas].every(([workload, range]) => {
      const other = b.options.replicas.get(workload);
      return other?.first === range.first && other.count === range.count;
    })
  );
}

const NONE: ReadonlySet<string> = new Set();
const NOWHERE: ReadonlyMap<string, string> = new Map();

function areSameEntries(a: ReadonlyMap<string, string>, b: ReadonlyMap<string, string>): boolean {
  return a.size === b.size && [...a].every(([key, value]) => b.get(key) === value);
}

function areSame(a: ReadonlySet<string>, b: ReadonlySet<string>): boolean {
  return a === b || (a.size === b.size && [...a].every((item) => b.has(item)));
}

function newView(basis: ViewBasis): ClusterView {
  const { given, options } = basis;
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
    basis,
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
  return waiting.map((service) =>
    withAddress(service, addresses.get(podKey(service.metadata)) ?? ''),
  );
}

type Service = ResourceOf<'Service'>;

const addressed = new WeakMap<Service, Service>();

/** The same object for the same address: what follows from the Service is not worked out again. */
function withAddress(service: Service, clusterIP: string): Service {
  const known = addressed.get(service);
  if (known?.spec.clusterIP === clusterIP) return known;
  const made = { ...service, spec: { ...service.spec, clusterIP, clusterIPs: [clusterIP] } };
  addressed.set(service, made);
  return made;
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
