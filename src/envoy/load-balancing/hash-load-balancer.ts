import type { Random } from '#kernel/random.ts';
import { modUint64, type Uint64 } from '#kernel/uint64.ts';
import type { Host } from '../upstream/host.ts';
import type { PrioritySet, PriorityUpdateListener } from '../upstream/priority-set.ts';
import { BoundedLoad } from './bounded-load.ts';
import { EMPTY_HASH_TABLE, type HashTable, type HashTables } from './hash-table.ts';
import { type HashHosts, hashKey, normalizedHosts } from './hash-weights.ts';
import type { LoadBalancer, LoadBalancerContext, LoadBalancerStats } from './load-balancer.ts';
import { buildMaglevTable } from './maglev.ts';
import { choosePriority, priorityOf } from './priority-load.ts';
import { PriorityState } from './priority-state.ts';
import { buildRing, type RingHashConfig } from './ring-hash.ts';

export type HashTableConfig =
  | ({ readonly kind: 'ring' } & RingHashConfig)
  | { readonly kind: 'maglev'; readonly tableSize: number };

export interface HashLoadBalancerOptions {
  readonly prioritySet: PrioritySet;
  readonly panicThresholdPercent: number;
  readonly table: HashTableConfig;
  /** In percent; 0 = loads are not bounded. */
  readonly hashBalanceFactor: number;
  readonly useHostnameForHashing: boolean;
  readonly isLocalityWeighted: boolean;
  readonly random: Random;
  readonly stats: LoadBalancerStats;
  readonly tables: HashTables;
  /** The cluster's active requests, which bounded loads share out. */
  readonly cluster: { readonly upstreamRqActive: number };
}

interface PriorityTable {
  readonly hosts: HashHosts;
  readonly table: HashTable;
}

/**
 * Ring hash and Maglev: a request's hash decides its priority and its host. Tables hold the healthy
 * hosts of a priority, all of them in panic, and are made anew at each update.
 *
 * @source envoy: load_balancing_policies/common/thread_aware_lb_impl.cc
 */
export class HashLoadBalancer implements LoadBalancer, PriorityUpdateListener {
  readonly #options: HashLoadBalancerOptions;
  readonly #state: PriorityState;
  readonly #boundedLoad: BoundedLoad | undefined;
  #priorities: readonly PriorityTable[] = [];

  constructor(options: HashLoadBalancerOptions) {
    this.#options = options;
    this.#state = new PriorityState(options.panicThresholdPercent);
    const { hashBalanceFactor, cluster } = options;
    this.#boundedLoad =
      hashBalanceFactor === 0 ? undefined : new BoundedLoad(hashBalanceFactor, cluster);
    this.onPriorityUpdate();
    options.prioritySet.addListener(this);
  }

  chooseHost(context: LoadBalancerContext | undefined): Host | undefined {
    const hash = context?.hash ?? this.#options.random.uint64();
    const priority = this.#choosePriority(hash);
    if (this.#state.panic[priority] === true) this.#options.stats.lbHealthyPanic++;
    const { hosts, table } = this.#priorities[priority]!;
    const retryCount = context?.hostSelectionRetryCount ?? 0;
    for (let attempt = 0; ; attempt++) {
      let index = table.lookUp(hash, attempt);
      if (index < 0) return undefined;
      if (this.#boundedLoad !== undefined) index = this.#boundedLoad.pick(index, hash, hosts);
      const host = hosts.hosts[index]!;
      if (attempt === retryCount || context?.shouldSelectAnotherHost(host) !== true) return host;
    }
  }

  #choosePriority(hash: Uint64): number {
    const { loads } = this.#state;
    if (loads.healthy[0] === 100) return 0;
    return priorityOf(choosePriority(loads, modUint64(hash, 100)));
  }

  onPriorityUpdate(): void {
    const { hostSets } = this.#options.prioritySet;
    this.#state.refresh(hostSets);
    const { isLocalityWeighted } = this.#options;
    this.#priorities = hostSets.map((hostSet, priority) => {
      const isInPanic = this.#state.panic[priority]!;
      const hosts = normalizedHosts(hostSet, isInPanic, isLocalityWeighted);
      return { hosts, table: this.#tableOf(hosts) };
    });
  }

  stop(): void {
    this.#options.prioritySet.removeListener(this);
  }

  #tableOf({ hosts, weights }: HashHosts): HashTable {
    if (hosts.length === 0) return EMPTY_HASH_TABLE;
    const { table, tables, useHostnameForHashing } = this.#options;
    const keys = hosts.map((host) => hashKey(host, useHostnameForHashing));
    const content = JSON.stringify([table, keys, weights]);
    const made = tables.shared(content, () => build(keys, weights, table));
    this.#setGauges(made);
    return made;
  }

  #setGauges({ size, minPerHost, maxPerHost }: HashTable): void {
    const { table, stats } = this.#options;
    if (table.kind === 'ring') {
      stats.ringHashLb = { size, minHashesPerHost: minPerHost, maxHashesPerHost: maxPerHost };
    } else {
      stats.maglevLb = { minEntriesPerHost: minPerHost, maxEntriesPerHost: maxPerHost };
    }
  }
}

function build(
  keys: readonly string[],
  weights: readonly number[],
  config: HashTableConfig,
): HashTable {
  return config.kind === 'ring'
    ? buildRing(keys, weights, config)
    : buildMaglevTable(keys, weights, config.tableSize);
}
