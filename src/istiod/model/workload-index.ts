import type { Pod, Resource, ResourceOf } from '#config/resource.ts';
import type { ResourceStore } from '#config/resource-store.ts';
import { append } from './append.ts';
import type { WorkloadFacts } from './endpoint.ts';
import { isReady } from './kubernetes-endpoints.ts';
import type { Labels } from './labels.ts';
import { NamespaceWorkloads } from './namespace-workloads.ts';
import {
  entryInstance,
  podFacts,
  podInstance,
  podIp,
  type WorkloadInstance,
  type WorkloadSurroundings,
} from './workload.ts';
import { isHealthy } from './workload-entry-health.ts';

/**
 * Pods, nodes and WorkloadEntries, found by name, address and label. What a pod says of its endpoints
 * is worked out once, however many services select it. Of the index before, namespaces are taken over
 * in which nothing has changed.
 *
 * @source istio: pilot/pkg/serviceregistry/kube/controller/pod.go, PodCache
 */
export class WorkloadIndex {
  readonly #namespaces: ReadonlyMap<string, NamespaceWorkloads>;
  readonly #nodes: readonly ResourceOf<'Node'>[];
  readonly #facts: WeakMap<Pod, WorkloadFacts>;
  readonly #surroundings: WorkloadSurroundings;

  constructor(store: ResourceStore, trustDomain: string, previous?: WorkloadIndex) {
    this.#nodes = store.of('Node');
    const hasSameNodes = previous !== undefined && previous.#nodes === this.#nodes;
    const before = hasSameNodes ? previous : undefined;
    this.#facts = before === undefined ? new WeakMap() : before.#facts;
    const nodes = new Map(this.#nodes.map(({ metadata }) => [metadata.name, metadata.labels]));
    this.#surroundings = { trustDomain, nodeLabels: (node) => nodes.get(node) };
    const pods = byNamespace(store.of('Pod'));
    const entries = byNamespace(store.of('WorkloadEntry').filter(isHealthy));
    const namespaces = new Map<string, NamespaceWorkloads>();
    for (const namespace of new Set([...pods.keys(), ...entries.keys()])) {
      const own = pods.get(namespace) ?? [];
      const ownEntries = entries.get(namespace) ?? [];
      const known = before?.of(namespace);
      const workloads = known?.isOf(own, ownEntries)
        ? known
        : new NamespaceWorkloads(own, ownEntries, (entry) => instanceOf(entry, trustDomain));
      namespaces.set(namespace, workloads);
    }
    this.#namespaces = namespaces;
  }

  /** What is in a namespace: the same object as in the index before if nothing has changed. */
  of(namespace: string): NamespaceWorkloads | undefined {
    return this.#namespaces.get(namespace);
  }

  podNamed(namespace: string, name: string): Pod | undefined {
    return this.of(namespace)?.podNamed(name);
  }

  podAt(namespace: string, ip: string): Pod | undefined {
    return this.of(namespace)?.podAt(ip);
  }

  factsOf(pod: Pod): WorkloadFacts {
    let facts = this.#facts.get(pod);
    if (facts === undefined) {
      facts = podFacts(pod, this.#surroundings);
      this.#facts.set(pod, facts);
    }
    return facts;
  }

  /** The pods of a namespace that have all of some labels; with no label, all of them. */
  podsSelectedBy(namespace: string, selector: Labels): readonly Pod[] {
    return this.of(namespace)?.podsSelectedBy(selector) ?? [];
  }

  /** The WorkloadEntries of a namespace. */
  entries(namespace: string): readonly WorkloadInstance[] {
    return this.of(namespace)?.entries ?? [];
  }

  /** What a ServiceEntry may select: ready pods, then WorkloadEntries. */
  instances(namespace: string, selector: Labels): readonly WorkloadInstance[] {
    const pods = this.podsSelectedBy(namespace, selector).filter(
      (pod) => podIp(pod) !== '' && isReady(pod),
    );
    return [...pods.map((pod) => podInstance(pod, this.#surroundings)), ...this.entries(namespace)];
  }
}

function instanceOf(entry: ResourceOf<'WorkloadEntry'>, trustDomain: string): WorkloadInstance {
  const { name, namespace, annotations, labels } = entry.metadata;
  const identity = { name, namespace, annotations, labels, source: entry };
  return entryInstance(entry.spec, identity, trustDomain);
}

function byNamespace<Kind extends Resource>(
  resources: readonly Kind[],
): ReadonlyMap<string, readonly Kind[]> {
  const found = new Map<string, Kind[]>();
  for (const resource of resources) append(found, resource.metadata.namespace, resource);
  return found;
}
