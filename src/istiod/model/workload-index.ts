import type { Pod } from '#config/resource.ts';
import type { ResourceStore } from '#config/resource-store.ts';
import { append } from './append.ts';
import { isReady } from './kubernetes-endpoints.ts';
import { type Labels, selects } from './labels.ts';
import { namespacedName } from './names.ts';
import {
  entryInstance,
  podFacts,
  podInstance,
  podIp,
  type WorkloadFacts,
  type WorkloadInstance,
  type WorkloadSurroundings,
} from './workload.ts';
import { isHealthy } from './workload-entry-health.ts';

/**
 * Pods, nodes and WorkloadEntries, found by name, address and label. What a pod says of its endpoints
 * is worked out once, however many services select it.
 */
export class WorkloadIndex {
  readonly #pods = new Map<string, Pod>();
  readonly #podsByAddress = new Map<string, Pod[]>();
  readonly #podsByNamespace = new Map<string, Pod[]>();
  /** By namespace, then `key=value`: the pods that have the label. */
  readonly #podsByLabel = new Map<string, Map<string, Pod[]>>();
  readonly #entries = new Map<string, WorkloadInstance[]>();
  readonly #facts = new Map<Pod, WorkloadFacts>();
  readonly #surroundings: WorkloadSurroundings;

  constructor(store: ResourceStore, trustDomain: string) {
    const nodes = new Map(store.of('Node').map(({ metadata }) => [metadata.name, metadata.labels]));
    this.#surroundings = { trustDomain, nodeLabels: (node) => nodes.get(node) };
    for (const pod of store.of('Pod')) this.#addPod(pod);
    for (const entry of store.of('WorkloadEntry').filter(isHealthy)) {
      const { name, namespace, annotations, labels } = entry.metadata;
      const identity = { name, namespace, annotations, labels, source: entry };
      append(this.#entries, namespace, entryInstance(entry.spec, identity, trustDomain));
    }
  }

  #addPod(pod: Pod): void {
    const { namespace, name, labels } = pod.metadata;
    this.#pods.set(namespacedName(namespace, name), pod);
    append(this.#podsByNamespace, namespace, pod);
    const ip = podIp(pod);
    if (ip !== '') append(this.#podsByAddress, ip, pod);
    let byLabel = this.#podsByLabel.get(namespace);
    if (byLabel === undefined) {
      byLabel = new Map();
      this.#podsByLabel.set(namespace, byLabel);
    }
    for (const [key, value] of labels) append(byLabel, `${key}=${value}`, pod);
  }

  podNamed(namespace: string, name: string): Pod | undefined {
    return this.#pods.get(namespacedName(namespace, name));
  }

  podAt(namespace: string, ip: string): Pod | undefined {
    return this.#podsByAddress.get(ip)?.find((pod) => pod.metadata.namespace === namespace);
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
    if (selector.size === 0) return this.#podsByNamespace.get(namespace) ?? [];
    const byLabel = this.#podsByLabel.get(namespace);
    let fewest: readonly Pod[] | undefined;
    for (const [key, value] of selector) {
      const pods = byLabel?.get(`${key}=${value}`) ?? [];
      if (fewest === undefined || pods.length < fewest.length) fewest = pods;
    }
    return fewest!.filter((pod) => selects(selector, pod.metadata.labels));
  }

  /** The WorkloadEntries of a namespace. */
  entries(namespace: string): readonly WorkloadInstance[] {
    return this.#entries.get(namespace) ?? [];
  }

  /** What a ServiceEntry may select: ready pods, then WorkloadEntries. */
  instances(namespace: string, selector: Labels): readonly WorkloadInstance[] {
    const pods = this.podsSelectedBy(namespace, selector).filter(
      (pod) => podIp(pod) !== '' && isReady(pod),
    );
    return [...pods.map((pod) => podInstance(pod, this.#surroundings)), ...this.entries(namespace)];
  }
}
