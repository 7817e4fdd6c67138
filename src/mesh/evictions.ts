/**
 * What Kubernetes does about the pods of a node that stays away: when they have tolerated that for long
 * enough they are evicted, and their ReplicaSets make others on the nodes that are left. Those of a
 * StatefulSet or a DaemonSet, and pods of nobody, wait for their node; so do pods whose template names it.
 *
 * @source kubernetes: pkg/controller/tainteviction/taint_eviction.go; plugin/pkg/admission/defaulttolerationseconds
 */

import type { ResourceStore } from '#config/resource-store.ts';
import type { Dispatcher, EventTarget } from '#kernel/dispatcher.ts';
import type { ClusterView } from './cluster/cluster-view.ts';
import { type PodFacts, podKey, workloadKey } from './cluster/pod-facts.ts';
import type { LostPlace } from './lost-place.ts';

/** What admission gives pods that say nothing. */
const DEFAULT_TOLERATION_SECONDS = 300;
const UNREACHABLE = 'node.kubernetes.io/unreachable';

/** What the mesh does for it. */
export interface EvictingMesh {
  /** Makes a pod of a workload anew on a node. */
  evict(pod: string, node: string, workload: string): void;
  readonly view: ClusterView;
}

export class Evictions {
  readonly #mesh: EvictingMesh;
  readonly #dispatcher: Dispatcher;
  readonly #lost = new Set<LostPlace>();

  constructor(mesh: EvictingMesh, dispatcher: Dispatcher) {
    this.#mesh = mesh;
    this.#dispatcher = dispatcher;
  }

  /** A place is gone with those pods. Answers those of them that are to come back with it. */
  placeLost(place: LostPlace, pods: readonly PodFacts[], given: ResourceStore): Set<string> {
    this.#lost.add(place);
    const missing = new Set(pods.map((pod) => podKey(pod)));
    for (const pod of pods) {
      const seconds = isMadeAnew(pod, given) ? toleratedSeconds(pod) : undefined;
      if (seconds === undefined) continue;
      const eviction = new Eviction(this, missing, pod);
      this.#dispatcher.schedule(place.detectNs + seconds * 1e9, eviction, 0);
    }
    if (place.restartNs !== undefined)
      this.#dispatcher.schedule(place.restartNs, new PlaceBack(this.#lost, place), 0);
    return missing;
  }

  /** A pod that is not back yet goes to the node with the fewest pods, if there is a node. */
  evict(pod: PodFacts, missing: Set<string>): void {
    const key = podKey(pod);
    const node = leastUsed(this.#nodesLeft());
    if (node === undefined || !missing.delete(key)) return;
    this.#mesh.evict(key, node, workloadKey(pod));
  }

  #nodesLeft(): Map<string, number> {
    const { store, pods } = this.#mesh.view;
    const podCounts = new Map<string, number>();
    for (const { metadata } of store.of('Node')) {
      const zone = metadata.labels.get('topology.kubernetes.io/zone');
      const isLost = [...this.#lost].some(
        ({ kind, name }) => name === (kind === 'node' ? metadata.name : zone),
      );
      if (!isLost) podCounts.set(metadata.name, 0);
    }
    for (const { node } of pods) {
      const count = podCounts.get(node);
      if (count !== undefined) podCounts.set(node, count + 1);
    }
    return podCounts;
  }
}

/** The time of a pod is over. */
class Eviction implements EventTarget {
  readonly #evictions: Evictions;
  readonly #missing: Set<string>;
  readonly #pod: PodFacts;

  constructor(evictions: Evictions, missing: Set<string>, pod: PodFacts) {
    this.#evictions = evictions;
    this.#missing = missing;
    this.#pod = pod;
  }

  onEvent(): void {
    this.#evictions.evict(this.#pod, this.#missing);
  }
}

/** A place can take pods again. */
class PlaceBack implements EventTarget {
  readonly #lost: Set<LostPlace>;
  readonly #place: LostPlace;

  constructor(lost: Set<LostPlace>, place: LostPlace) {
    this.#lost = lost;
    this.#place = place;
  }

  onEvent(): void {
    this.#lost.delete(this.#place);
  }
}

/** Of a pod that no manifest gives the template names the node: every other one would be bound to it, too. */
function isMadeAnew({ namespace, name, resource }: PodFacts, given: ResourceStore): boolean {
  const owner = resource.metadata.ownerReferences[0]?.kind;
  return owner === 'ReplicaSet' && given.find('Pod', namespace, name) !== undefined;
}

/** Undefined = for ever. */
function toleratedSeconds({ resource }: PodFacts): number | undefined {
  const tolerated = resource.spec.tolerations.filter(
    ({ key, effect }) =>
      (key === '' || key === UNREACHABLE) && (effect === '' || effect === 'NoExecute'),
  );
  if (tolerated.length === 0) return DEFAULT_TOLERATION_SECONDS;
  const limits = tolerated.flatMap(({ tolerationSeconds }) => tolerationSeconds ?? []);
  return limits.length === 0 ? undefined : Math.max(0, Math.min(...limits));
}

function leastUsed(podCounts: ReadonlyMap<string, number>): string | undefined {
  let least: string | undefined;
  for (const [node, count] of podCounts)
    if (least === undefined || count < podCounts.get(least)!) least = node;
  return least;
}
