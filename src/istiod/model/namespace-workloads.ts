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
  readonly #byLabels: PodsByLabels;

  constructor(
    pods: readonly Pod[],
    entryResources: readonly ResourceOf<'WorkloadEntry'>[],
    instanceOf: (entry: ResourceOf<'WorkloadEntry'>) => WorkloadInstance,
  ) {
    this.pods = pods;
    this.#entryResources = entryResources;
    this.entries = entryResources.map(instanceOf);
    for (const pod of pods) this.#add(pod);
    this.#byLabels = new PodsByLabels(pods);
  }

  #add(pod: Pod): void {
    this.#byName.set(pod.metadata.name, pod);
    const ip = podIp(pod);
    if (ip !== '' && !this.#byAddress.has(ip)) this.#byAddress.set(ip, pod);
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
    return selector.size === 0 ? this.pods : this.#byLabels.selectedBy(selector);
  }
}

/** Pods of one template have the same labels: they are one entry. */
class PodsByLabels {
  readonly #pods: readonly Pod[];
  readonly #groups = new Map<Labels, Pod[]>();
  /** By `key=value`. */
  readonly #byLabel = new Map<string, Labels[]>();

  constructor(pods: readonly Pod[]) {
    this.#pods = pods;
    for (const pod of pods) append(this.#groups, pod.metadata.labels, pod);
    for (const labels of this.#groups.keys()) {
      for (const [key, value] of labels) append(this.#byLabel, `${key}=${value}`, labels);
    }
  }

  /** In the order of the namespace. */
  selectedBy(selector: Labels): readonly Pod[] {
    let fewest: readonly Labels[] | undefined;
    for (const [key, value] of selector) {
      const candidates = this.#byLabel.get(`${key}=${value}`) ?? [];
      if (fewest === undefined || candidates.length < fewest.length) fewest = candidates;
    }
    const chosen = (fewest ?? []).filter((labels) => selects(selector, labels));
    if (chosen.length < 2) return (chosen[0] && this.#groups.get(chosen[0])) ?? NONE;
    const all = new Set(chosen);
    return this.#pods.filter(({ metadata }) => all.has(metadata.labels));
  }
}

function areSame(a: readonly unknown[], b: readonly unknown[]): boolean {
  return a === b || (a.length === b.length && a.every((item, index) => item === b[index]));
}
