import type { Dispatcher } from '#kernel/dispatcher.ts';
import type { Host } from './host.ts';
import {
  DEFAULT_OVERPROVISIONING_FACTOR,
  type HostLocality,
  type LoadAssignment,
  type PriorityAssignment,
} from './host-description.ts';
import { HealthFlag } from './host-health.ts';
import { type HostLifecycle, updateHostList } from './host-list-update.ts';
import { groupByLocality, type HostSetMembers, partitionHosts } from './host-set.ts';
import { HostUpdateMerge } from './host-update-merge.ts';
import { PrioritySet } from './priority-set.ts';

export interface HostMembershipOptions extends HostLifecycle {
  /** The proxy's own. */
  readonly ownLocality: HostLocality | undefined;
  /** `common_lb_config.update_merge_window`; 0 = every change is delivered at once. */
  readonly updateMergeWindowMs: number;
}

/** Hears of hosts that joined or left a cluster, after all priorities were updated. */
export interface MembershipObserver {
  onMembershipChange(added: readonly Host[], removed: readonly Host[]): void;
  /** Hosts stayed, but some host's health changed. */
  onHealthChange?(): void;
}

interface Priority {
  members: HostSetMembers;
  localityWeights: ReadonlyMap<string, number>;
}

const EMPTY: PriorityAssignment = { endpoints: [], localityWeights: new Map() };

/**
 * The hosts of one cluster of one proxy, whatever found them (EDS, a static list, DNS). Hosts are
 * known by address across updates and priorities. Changes of members and health go to the balancers'
 * `prioritySet` as the update merge window allows; hosts' own flags are always up to date.
 *
 * @source envoy: source/common/upstream/upstream_impl.cc, ClusterImplBase;
 *   source/extensions/clusters/eds/eds.cc, EdsClusterImpl
 */
export class HostMembership {
  /** What the balancers see. */
  readonly prioritySet = new PrioritySet();
  readonly #options: HostMembershipOptions;
  readonly #merge: HostUpdateMerge;
  readonly #observers: MembershipObserver[] = [];
  readonly #priorities: Priority[] = [];
  /** How often hosts of a priority came or went: `membership_change`. */
  changeCount = 0;
  #hosts: ReadonlyMap<string, Host> = new Map();
  #isInitialized = false;

  constructor(dispatcher: Dispatcher, options: HostMembershipOptions) {
    this.#options = options;
    this.#merge = new HostUpdateMerge(dispatcher, options.updateMergeWindowMs, (priority) =>
      this.#deliver(priority),
    );
  }

  /** All hosts of all priorities by address, in order of priority and list. */
  get hosts(): ReadonlyMap<string, Host> {
    return this.#hosts;
  }

  addObserver(observer: MembershipObserver): void {
    this.#observers.push(observer);
  }

  /** Takes up a whole new load assignment; priorities that it does not name become empty. */
  update(assignment: LoadAssignment): void {
    const index = { hosts: this.#hosts, newAddresses: assignment.addresses };
    const added: Host[] = [];
    const removed: Host[] = [];
    const count = Math.max(assignment.priorities.length, this.#priorities.length);
    for (let priority = 0; priority < count; priority++) {
      const current = this.#priorityAt(priority);
      const next = assignment.priorities[priority] ?? EMPTY;
      const change = updateHostList(
        priority,
        current.members.hosts,
        next.endpoints,
        index,
        this.#options,
      );
      if (!change.isChanged && isSameFrame(current, next, assignment)) continue;
      this.#replace(priority, change.hosts, next, assignment);
      for (const host of change.added) added.push(host);
      for (const host of change.removed) removed.push(host);
      const isMembershipChange = change.added.length + change.removed.length > 0;
      if (isMembershipChange) this.changeCount++;
      this.#announce(priority, isMembershipChange);
    }
    this.#reindex(added, removed);
    if (!this.#awaitsFirstChecks()) this.#isInitialized = true;
  }

  /**
   * The first round of active health checks is over. Until then no balancer had any use for the
   * cluster: what changed left no trace in the merge window.
   *
   * @source envoy: source/common/upstream/upstream_impl.cc, ClusterImplBase::onInitDone, finishInitialization
   */
  onFirstChecksOver(): void {
    this.onHealthChange(); // A host that was failed already may have come to be left out.
    this.#isInitialized = true;
  }

  /** Some host's health flags changed: all priorities are rebuilt, as Envoy does. */
  onHealthChange(): void {
    const gone: Host[] = [];
    for (const { members } of this.#priorities) {
      const stay = members.hosts.filter((host) => !isRemovedOnFailure(host));
      const isMembershipChange = stay.length < members.hosts.length;
      if (isMembershipChange) this.changeCount++;
      if (isMembershipChange) this.#replaceHosts(members.priority, stay);
      this.#announce(members.priority, isMembershipChange);
      if (isMembershipChange) gone.push(...members.hosts.filter(isRemovedOnFailure));
    }
    this.#reindex([], gone);
    for (const observer of this.#observers) observer.onHealthChange?.();
  }

  /** For a cluster that goes away. */
  stop(): void {
    this.#merge.stop();
  }

  #awaitsFirstChecks(): boolean {
    return !this.#isInitialized && this.#options.hasActiveHealthChecks && this.#hosts.size > 0;
  }

  #announce(priority: number, isMembershipChange: boolean): void {
    // The first hosts reach the balancers past the merge window and leave no trace in it.
    if (this.#isInitialized) this.#merge.schedule(priority, isMembershipChange);
    else this.#deliver(priority);
  }

  #deliver(priority: number): void {
    this.prioritySet.update(partitionHosts(this.#priorities[priority]!.members));
  }

  #priorityAt(priority: number): Priority {
    while (this.#priorities.length <= priority) {
      const index = this.#priorities.length;
      this.#priorities.push({
        members: {
          priority: index,
          hosts: [],
          hostsPerLocality: { groups: [], hasLocalLocality: false },
          localityWeights: undefined,
          overprovisioningFactor: DEFAULT_OVERPROVISIONING_FACTOR,
          weightedPriorityHealth: false,
        },
        localityWeights: EMPTY.localityWeights,
      });
    }
    return this.#priorities[priority]!;
  }

  #replace(
    priority: number,
    hosts: readonly Host[],
    { localityWeights }: PriorityAssignment,
    { overprovisioningFactor, weightedPriorityHealth }: LoadAssignment,
  ): void {
    const it = this.#priorities[priority]!;
    it.localityWeights = localityWeights;
    it.members = { ...it.members, overprovisioningFactor, weightedPriorityHealth };
    this.#replaceHosts(priority, hosts);
  }

  #replaceHosts(priority: number, hosts: readonly Host[]): void {
    const it = this.#priorities[priority]!;
    it.members = {
      ...it.members,
      hosts,
      ...groupByLocality(hosts, this.#options.ownLocality, it.localityWeights),
    };
  }

  /** Tells the observers who joined and who left; a host that changed its priority did neither. */
  #reindex(added: readonly Host[], removed: readonly Host[]): void {
    if (added.length === 0 && removed.length === 0) return;
    const before = this.#hosts;
    const hosts = new Map<string, Host>();
    for (const { members } of this.#priorities) {
      for (const host of members.hosts) hosts.set(host.address, host);
    }
    this.#hosts = hosts;
    const joined = added.filter((host) => before.get(host.address) !== host);
    const left = removed.filter((host) => hosts.get(host.address) !== host);
    if (joined.length === 0 && left.length === 0) return;
    for (const observer of this.#observers) observer.onMembershipChange(joined, left);
  }
}

function isSameFrame(
  current: Priority,
  next: PriorityAssignment,
  assignment: LoadAssignment,
): boolean {
  return (
    current.members.overprovisioningFactor === assignment.overprovisioningFactor &&
    current.members.weightedPriorityHealth === assignment.weightedPriorityHealth &&
    current.localityWeights.size === next.localityWeights.size &&
    [...next.localityWeights].every(([key, weight]) => current.localityWeights.get(key) === weight)
  );
}

/** A host that configuration forgot and only its health checks kept. */
function isRemovedOnFailure(host: Host): boolean {
  return host.hasFlag(HealthFlag.pendingDynamicRemoval) && host.hasFlag(HealthFlag.failedActiveHc);
}
