import type { Uint64 } from '#kernel/uint64.ts';

/**
 * From hashes to hosts, which are indices into the list that the table was made of.
 *
 * @source envoy: source/extensions/load_balancing_policies/common/thread_aware_lb_impl.h, HashingLoadBalancer
 */
export interface HashTable {
  readonly size: number;
  /** The fewest and the most entries that belong to one host. */
  readonly minPerHost: number;
  readonly maxPerHost: number;
  /** The index for `hash`; −1 in an empty table. Re-selection number `attempt` shifts the choice. */
  lookUp(hash: Uint64, attempt: number): number;
}

export const EMPTY_HASH_TABLE: HashTable = {
  size: 0,
  minPerHost: 0,
  maxPerHost: 0,
  lookUp: () => -1,
};

/** How many entries of a table belong to each of `hostCount` hosts. */
export function entriesPerHost(owners: Iterable<number>, hostCount: number): number[] {
  const counts = new Array<number>(hostCount).fill(0);
  for (const host of owners) counts[host]! += 1;
  return counts;
}

/**
 * Keeps one hash table for each content: proxies that know the same hosts share it. The caller says
 * by `content` what makes a table; the least recently made are forgotten first.
 */
export class HashTables {
  readonly #tables = new Map<string, HashTable>();

  /** The table of this content, made by `make` when there is none yet. */
  shared(content: string, make: () => HashTable): HashTable {
    let table = this.#tables.get(content);
    if (table === undefined) {
      table = make();
      this.#tables.set(content, table);
      if (this.#tables.size > TABLE_LIMIT) this.#tables.delete(this.#tables.keys().next().value!);
    }
    return table;
  }
}

/** A table of 65 537 slots is 128 kB: memory stays below 200 MB however often membership changes. */
const TABLE_LIMIT = 1024;
