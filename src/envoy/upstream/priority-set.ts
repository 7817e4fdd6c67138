import { assert } from '#kernel/assert.ts';
import { DEFAULT_OVERPROVISIONING_FACTOR } from './host-description.ts';
import { type HostSet, partitionHosts } from './host-set.ts';

/** Hears of every new host set, after it took its place. */
export interface PriorityUpdateListener {
  onPriorityUpdate(priority: number): void;
}

/**
 * The host sets of a cluster as its load balancers see them, by priority; never empty. Health seen
 * here may be older than the hosts' own flags (`update-merge-window.ts`).
 *
 * @source envoy: source/common/upstream/upstream_impl.cc, PrioritySetImpl
 */
export class PrioritySet {
  readonly #hostSets: HostSet[] = [emptyHostSet(0)];
  readonly #listeners: PriorityUpdateListener[] = [];

  get hostSets(): readonly HostSet[] {
    return this.#hostSets;
  }

  addListener(listener: PriorityUpdateListener): void {
    this.#listeners.push(listener);
  }

  removeListener(listener: PriorityUpdateListener): void {
    const index = this.#listeners.indexOf(listener);
    if (index >= 0) this.#listeners.splice(index, 1);
  }

  /** Puts `hostSet` at its priority; priorities below it that nobody named yet are empty. */
  update(hostSet: HostSet): void {
    assert(hostSet.priority >= 0, 'a priority is not negative');
    for (let priority = this.#hostSets.length; priority < hostSet.priority; priority++) {
      this.#hostSets.push(emptyHostSet(priority));
    }
    this.#hostSets[hostSet.priority] = hostSet;
    for (const listener of this.#listeners) listener.onPriorityUpdate(hostSet.priority);
  }
}

export function emptyHostSet(priority: number): HostSet {
  return partitionHosts({
    priority,
    hosts: [],
    hostsPerLocality: { groups: [], hasLocalLocality: false },
    localityWeights: undefined,
    overprovisioningFactor: DEFAULT_OVERPROVISIONING_FACTOR,
    weightedPriorityHealth: false,
  });
}
