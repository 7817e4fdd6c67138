import { MAX_REPLICAS } from '#config/kubernetes/workload.ts';
import type { Pod, ResourceOf } from '#config/resource.ts';
import type { ResourceStore } from '#config/resource-store.ts';
import { podLocality } from '#istiod/model/workload.ts';
import { memoOf } from '#kernel/memo.ts';
import type { YamlValue } from '#source/yaml-value.ts';
import { allocateAddresses, POD_RANGE } from './address-allocation.ts';
import { type InjectionRule, injectedLabels, isInjected } from './injection.ts';
import { madeResource } from './made-resource.ts';
import { onItsNode } from './moved-pod.ts';
import { type Labels, type PodFacts, podKey, workloadKey } from './pod-facts.ts';
import { podShutdown } from './pod-shutdown.ts';
import { trafficCapture } from './traffic-capture.ts';
import { podWorkerCount } from './worker-count.ts';

/** What decides about pods beside the manifests. */
export interface PodOptions {
  readonly injection: InjectionRule;
  /** Workloads, as `namespace/name`, whose pods get no sidecar whatever the labels say. */
  readonly withoutSidecar: ReadonlySet<string>;
  /** Which pods the timeline has left a workload, by its `namespace/name`. */
  readonly replicas: ReadonlyMap<string, PodRange>;
  /** Pods, as `namespace/name`, that are gone or not ready for now. */
  readonly gone: ReadonlySet<string>;
  /** Those that run and are not ready. */
  readonly unready?: ReadonlySet<string>;
  /** The nodes of pods that were made anew elsewhere than manifests say. */
  readonly moved?: ReadonlyMap<string, string>;
}

/** Pods by their place: rollouts move on to later ones. */
export interface PodRange {
  readonly first: number;
  readonly count: number;
}

type Controller =
  | ResourceOf<'Deployment'>
  | ResourceOf<'ReplicaSet'>
  | ResourceOf<'StatefulSet'>
  | ResourceOf<'DaemonSet'>;

/** A pod before it has an address. */
interface Draft {
  readonly pod: Pod;
  readonly workload: string;
}

/** Every pod of the cluster, by namespace and name; given ones win over those that a workload implies. */
export function buildPods(store: ResourceStore, options: PodOptions): readonly PodFacts[] {
  const drafts = [...givenPods(store), ...impliedPods(store, options)]
    .filter(({ pod }) => !options.gone.has(podKey(pod.metadata)))
    .map((draft) => {
      const pod = onItsNode(draft.pod, options.moved);
      return pod === draft.pod ? draft : { ...draft, pod };
    });
  const given = new Set(drafts.map(({ pod }) => pod.status?.podIP ?? '').filter((ip) => ip !== ''));
  const nameless = drafts.filter(({ pod }) => (pod.status?.podIP ?? '') === '');
  const addresses = allocateAddresses(
    nameless.map(({ pod }) => podKey(pod.metadata)),
    POD_RANGE,
    given,
  );
  const context = new PodContext(store, options);
  return drafts
    .map((draft) => ({ draft, key: podKey(draft.pod.metadata) }))
    .sort((a, b) => (a.key < b.key ? -1 : 1))
    .map(({ draft, key }) => context.facts(draft, addresses.get(key)));
}

/** Those whose phase is over do not count. */
function givenPods(store: ResourceStore): readonly Draft[] {
  const owners = new Map<string, string>();
  for (const set of store.of('ReplicaSet')) {
    const owner = set.metadata.ownerReferences.find(({ kind }) => kind === 'Deployment');
    if (owner !== undefined) owners.set(podKey(set.metadata), owner.name);
  }
  const isOver = (pod: Pod) => pod.status?.phase === 'Succeeded' || pod.status?.phase === 'Failed';
  return store
    .of('Pod')
    .filter((pod) => !isOver(pod))
    .map((pod) => ({ pod, workload: workloadOfPod(pod, owners) }));
}

function workloadOfPod(pod: Pod, owners: ReadonlyMap<string, string>): string {
  const { metadata } = pod;
  const owner = metadata.ownerReferences[0];
  if (owner === undefined) return metadata.name;
  if (owner.kind !== 'ReplicaSet') return owner.name;
  const deployment = owners.get(`${metadata.namespace}/${owner.name}`);
  if (deployment !== undefined) return deployment;
  const hash = metadata.labels.get('pod-template-hash') ?? '';
  const suffix = `-${hash}`;
  return hash !== '' && owner.name.endsWith(suffix)
    ? owner.name.slice(0, -suffix.length)
    : owner.name;
}

/** Pods of workloads of which none is given. */
function impliedPods(store: ResourceStore, options: PodOptions): readonly Draft[] {
  const represented = new Set(
    givenPods(store).map(({ pod, workload }) => `${pod.metadata.namespace}/${workload}`),
  );
  const controllers: readonly Controller[] = [
    ...store.of('Deployment'),
    ...store.of('StatefulSet'),
    ...store.of('DaemonSet'),
    ...store.of('ReplicaSet').filter(({ metadata }) => metadata.ownerReferences.length === 0),
  ];
  return controllers.flatMap((controller) => {
    const key = podKey(controller.metadata);
    const wanted = options.replicas.get(key);
    if (represented.has(key) && wanted === undefined) return [];
    const have = represented.has(key) ? countOf(store, key) : 0;
    return podsOf(controller, have, wanted ?? { first: 0, count: replicasOf(controller) });
  });
}

function countOf(store: ResourceStore, key: string): number {
  return givenPods(store).filter(
    ({ pod, workload }) => `${pod.metadata.namespace}/${workload}` === key,
  ).length;
}

function replicasOf(controller: Controller): number {
  if (controller.kind === 'DaemonSet') return 1;
  const { replicas = 1 } = controller.spec;
  return replicas > MAX_REPLICAS ? 0 : replicas; // Admission refuses more.
}

/** Given pods take the first places. */
function podsOf(controller: Controller, have: number, range: PodRange): readonly Draft[] {
  const first = controller.kind === 'StatefulSet' ? 0 : 1;
  const drafts: Draft[] = [];
  for (let index = Math.max(have, range.first); index < range.first + range.count; index++) {
    const draft = madePod(controller, `${controller.metadata.name}-${first + index}`);
    if (draft !== undefined) drafts.push(draft);
  }
  return drafts;
}

/**
 * A controller's pods differ by their names alone, and the same ones are asked for at every view of the
 * cluster: one of them is read, the others are copies. From files to the first request of 10,000
 * pods: three quarters of the time (bench/load-run.mjs 1000 10 20).
 */
const podsMade = memoOf((_controller: Controller) => new Map<string, Draft>());

function madePod(controller: Controller, name: string): Draft | undefined {
  const made = podsMade(controller);
  let draft = made.get(name);
  if (draft !== undefined) return draft;
  const [first] = made.values();
  const pod = first === undefined ? readPod(controller, name) : renamed(first.pod, name);
  draft = pod && { pod, workload: controller.metadata.name };
  if (draft !== undefined) made.set(name, draft);
  return draft;
}

function renamed(pod: Pod, name: string): Pod {
  const metadata = pod.raw.get('metadata');
  const written = new Map(metadata instanceof Map ? metadata : []).set('name', name);
  const raw = new Map(pod.raw).set('metadata', written);
  return { ...pod, metadata: { ...pod.metadata, name }, raw };
}

function readPod(controller: Controller, name: string): Pod | undefined {
  const { metadata, kind, raw } = controller;
  const spec = raw.get('spec');
  const template =
    spec instanceof Map ? (spec.get('template') as YamlValue | undefined) : undefined;
  const podSpec = template instanceof Map ? template.get('spec') : undefined;
  const written = controller.spec.template?.metadata;
  const resource = madeResource(
    {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: {
        name,
        namespace: metadata.namespace,
        generateName: `${metadata.name}-`,
        labels: new Map(written?.labels),
        annotations: new Map(written?.annotations),
        ownerReferences: [{ apiVersion: 'apps/v1', kind, name: metadata.name, controller: true }],
      },
      spec: podSpec ?? {},
    },
    () => controller.placeOf([]),
  );
  // A pod template is read by the same table as a pod.
  return resource as Pod | undefined;
}

/** By pod: the facts of the newest view that had it, and what they follow from beside the pod itself. */
const factsKnown = new WeakMap<
  Pod,
  { readonly facts: PodFacts; readonly nodeLabels: Labels | undefined }
>();

type TemplateFacts = Omit<PodFacts, 'name' | 'namespace' | 'ip' | 'isReady' | 'resource'>;

/** What was made of some pod's spec, and the rest that it was made of. */
interface Template {
  readonly labels: Labels;
  readonly annotations: Labels;
  readonly facts: TemplateFacts;
}

/** What all pods share: nodes, namespaces, gateways. */
class PodContext {
  readonly #options: PodOptions;
  readonly #nodes: ReadonlyMap<string, Labels>;
  readonly #namespaces: ReadonlyMap<string, Labels>;
  readonly #gatewaySelectors: readonly Labels[];
  readonly #templates = new Map<Pod['spec'], Template>();

  constructor(store: ResourceStore, options: PodOptions) {
    this.#options = options;
    this.#nodes = new Map(
      store.of('Node').map((node) => [node.metadata.name, node.metadata.labels]),
    );
    this.#namespaces = new Map(
      store
        .of('Namespace')
        .map((namespace) => [namespace.metadata.name, namespace.metadata.labels]),
    );
    this.#gatewaySelectors = store
      .of('Gateway')
      .map((gateway) => gateway.spec.selector)
      .filter((selector) => selector.size > 0);
  }

  /** Those of an earlier view if nothing is different. */
  facts({ pod, workload }: Draft, allocated: string | undefined): PodFacts {
    const proxy = this.#proxyOf(pod, workload);
    const ip = allocated ?? pod.status?.podIP ?? '';
    const nodeLabels = this.#nodes.get(pod.spec.nodeName);
    const isReady = readiness(pod) && !this.#options.unready?.has(podKey(pod.metadata));
    const known = factsKnown.get(pod);
    if (
      known?.facts.proxy === proxy &&
      known.facts.ip === ip &&
      known.facts.isReady === isReady &&
      known.nodeLabels === nodeLabels
    )
      return known.facts;
    const facts = this.#factsOf(pod, workload, proxy, ip, isReady);
    factsKnown.set(pod, { facts, nodeLabels });
    return facts;
  }

  #factsOf(
    pod: Pod,
    workload: string,
    proxy: PodFacts['proxy'],
    ip: string,
    isReady: boolean,
  ): PodFacts {
    const { name, namespace } = pod.metadata;
    const template = this.#templateOf(pod, workload, proxy);
    const resource = asIstiodSees(pod, template.labels, ip, isReady);
    return { name, namespace, ip, isReady, resource, ...template };
  }

  /** What the pods of one template have in common. */
  #templateOf(pod: Pod, workload: string, proxy: PodFacts['proxy']): TemplateFacts {
    const { labels, annotations } = pod.metadata;
    const known = this.#templates.get(pod.spec);
    const isSame =
      known?.facts.proxy === proxy &&
      known.facts.workload === workload &&
      known.labels === labels &&
      known.annotations === annotations;
    if (isSame) return known.facts;
    const facts: TemplateFacts = {
      workload,
      proxy,
      labels: proxy === 'none' ? labels : injectedLabels(labels, workload, proxy),
      node: pod.spec.nodeName,
      locality: podLocality(pod, { trustDomain: '', nodeLabels: (node) => this.#nodes.get(node) }),
      serviceAccount: pod.spec.serviceAccountName || pod.spec.serviceAccount || 'default',
      ports: containerPorts(pod),
      workerCount: podWorkerCount(pod),
      shutdown: podShutdown(pod),
      capture: trafficCapture(pod),
    };
    this.#templates.set(pod.spec, { labels, annotations, facts });
    return facts;
  }

  #proxyOf(pod: Pod, workload: string): PodFacts['proxy'] {
    const { namespace, labels, annotations } = pod.metadata;
    const isSelected = this.#gatewaySelectors.some((selector) => isSubset(selector, labels));
    if (isSelected || annotations.get('inject.istio.io/templates') === 'gateway') return 'gateway';
    if (this.#options.withoutSidecar.has(workloadKey({ namespace, workload }))) return 'none';
    const subject = {
      namespace,
      labels,
      annotations,
      namespaceLabels: this.#namespaces.get(namespace) ?? new Map<string, string>(),
      isHostNetwork: pod.spec.hostNetwork,
    };
    return isInjected(subject, this.#options.injection) ? 'sidecar' : 'none';
  }
}

function isSubset(part: Labels, whole: Labels): boolean {
  for (const [name, value] of part) if (whole.get(name) !== value) return false;
  return true;
}

/** A pod without a status is taken for a running one. */
function readiness(pod: Pod): boolean {
  const condition = pod.status?.conditions.find(({ type }) => type === 'Ready');
  return condition === undefined || condition.status === 'True';
}

function containerPorts(pod: Pod): ReadonlyMap<string, number> {
  const ports = new Map<string, number>();
  for (const container of pod.spec.containers) {
    for (const port of container.ports) {
      if (port.name !== '' && !ports.has(port.name)) ports.set(port.name, port.containerPort);
    }
  }
  return ports;
}

function asIstiodSees(pod: Pod, labels: Labels, ip: string, isReady: boolean): Pod {
  const conditions = [
    ...(pod.status?.conditions ?? []).filter(({ type }) => type !== 'Ready'),
    { type: 'Ready', status: isReady ? 'True' : 'False' },
  ];
  return {
    ...pod,
    metadata: { ...pod.metadata, labels },
    status: {
      phase: pod.status?.phase || 'Running',
      podIP: ip,
      podIPs: pod.status?.podIPs.length ? pod.status.podIPs : [{ ip }],
      hostIP: pod.status?.hostIP ?? '',
      conditions,
      containerStatuses: pod.status?.containerStatuses ?? [],
    },
  };
}
