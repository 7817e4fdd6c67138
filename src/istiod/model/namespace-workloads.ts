import type { Pod, ResourceOf } from '#config/resource.ts';
import { append } from './append.ts';
import { type Labels, selects } from './labels.ts';
import { podIp, type WorkloadInstance } from './workload.ts';

const NONE: readonly Pod[] = [];

/**
 * The pods and WorkloadEntries of one namespace, found by name, address and label: the same object as
 * long as they are.
 *
 * @source istio: pilot/pkg/serviceregistry/kube/controller/pod.go, PodCache
 */
export class NamespaceWorkloads {
  readonly pods: readonly Pod[];
  readonly #entryResources: readonly ResourceOf<'WorkloadEntry'>[];
  readonly entries: readonly WorkloadInstance[];
  readonly #byName = new Map<string, Pod>();
  readonly #byAddress = new Map<string, Pod>();
  /** By `key=value`. */
  readonly #byLabel = new Map<string, Pod[]>();

  constructor(
    pods: readonly Pod[],
    entryResources: readonly ResourceOf<'WorkloadEntry'>[],
    instanceOf: (entry: ResourceOf<'WorkloadEntry'>) => WorkloadInstance,
  ) {
    this.pods = pods;
    this.#entryResources = entryResources;
    this.entries = entryResources.map(instanceOf);
    for (const pod of pods) this.#add(pod);
  }

  #add(pod: Pod): void {
    const { name, labels } = pod.metadata;
    this.#byName.set(name, pod);
    const ip = podIp(pod);
    if (ip !== '' && !this.#byAddress.has(ip)) this.#byAddress.set(ip, pod);
    for (const [key, value] of labels) append(this.#byLabel, `${key}=${value}`, pod);
  }

  /** Whether it is made of these. */
  isOf(pods: readonly Pod[], entries: readonly ResourceOf<'WorkloadEntry'>[]): boolean {
    return areSame(this.pods, pods) && areSame(this.#entryResources, entries);
  }

  podNamed(name: string): Pod | undefined {
    return this.#byName.get(name);
  }

  podAt(ip: string): Pod | undefined {
    return this.#byAddress.get(ip);
  }

  /** The pods that have all of some labels; with no label, all of them. */
  podsSelectedBy(selector: Labels): readonly Pod[] {
    if (selector.size === 0) return this.pods;
    let fewest: readonly Pod[] | undefined;
    for (const [key, value] of selector) {
      const pods = this.#byLabel.get(`${key}=${value}`) ?? NONE;
      if (fewest === undefined || pods.length < fewest.length) fewest = pods;
    }
    return fewest!.filter((pod) => selects(selector, pod.metadata.labels));
  }
}

function areSame(a: readonly unknown[], b: readonly unknown[]): boolean {
  return a === b || (a.length === b.length && a.every((item, index) => item === b[index]));
}
