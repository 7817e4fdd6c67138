import { murmurHash2 } from '#kernel/murmur-hash2.ts';
import { compareUint64, type Uint64 } from '#kernel/uint64.ts';
import { xxHash64 } from '#kernel/xxhash64.ts';
import { EMPTY_HASH_TABLE, entriesPerHost, type HashTable } from './hash-table.ts';

export interface RingHashConfig {
  readonly minimumRingSize: number;
  readonly maximumRingSize: number;
  readonly hashFunction: 'XX_HASH' | 'MURMUR_HASH_2';
}

/**
 * A ring of hashes, each host on it in proportion to its weight.
 *
 * @param keys one per host, see `hashKey`
 * @param weights one per host, adding up to 1
 * @source envoy: load_balancing_policies/ring_hash/ring_hash_lb.cc, RingHashLoadBalancer::Ring
 */
export function buildRing(
  keys: readonly string[],
  weights: readonly number[],
  config: RingHashConfig,
): HashTable {
  return keys.length === 0
    ? EMPTY_HASH_TABLE
    : new HashRing(ringEntries(keys, weights, config), keys.length);
}

interface RingEntry {
  readonly hash: Uint64;
  readonly host: number;
}

/** The entries of the ring, by hash. */
export class HashRing implements HashTable {
  readonly highs: Uint32Array;
  readonly lows: Uint32Array;
  readonly hosts: Uint32Array;
  readonly size: number;
  readonly minPerHost: number;
  readonly maxPerHost: number;

  constructor(entries: readonly RingEntry[], hostCount: number) {
    const sorted = [...entries].sort((a, b) => compareUint64(a.hash, b.hash) || a.host - b.host);
    this.highs = Uint32Array.from(sorted, ({ hash }) => hash.high);
    this.lows = Uint32Array.from(sorted, ({ hash }) => hash.low);
    this.hosts = Uint32Array.from(sorted, ({ host }) => host);
    this.size = sorted.length;
    const counts = entriesPerHost(this.hosts, hostCount);
    this.minPerHost = Math.min(...counts);
    this.maxPerHost = Math.max(...counts);
  }

  /** The host of the first entry at or after the hash, past the last one of the first. */
  lookUp({ high, low }: Uint64, attempt: number): number {
    const size = this.hosts.length;
    let from = 0;
    let to = size;
    while (from < to) {
      const middle = (from + to) >>> 1;
      const entryHigh = this.highs[middle]!;
      const isBelow = entryHigh < high || (entryHigh === high && this.lows[middle]! < low);
      if (isBelow) from = middle + 1;
      else to = middle;
    }
    return this.hosts[(from + attempt) % size]!;
  }
}

/** @source envoy: load_balancing_policies/ring_hash/ring_hash_lb.cc, RingHashLoadBalancer::Ring::Ring */
function ringEntries(
  keys: readonly string[],
  weights: readonly number[],
  config: RingHashConfig,
): RingEntry[] {
  const hashOf = config.hashFunction === 'MURMUR_HASH_2' ? murmurHash2 : xxHash64;
  // So many entries that the lightest host has a whole number of them, within the bounds.
  const lightest = weights.reduce((least, weight) => Math.min(least, weight), 1);
  const scale = Math.min(
    Math.ceil(lightest * config.minimumRingSize) / lightest,
    config.maximumRingSize,
  );
  const entries: RingEntry[] = [];
  let current = 0;
  let target = 0;
  keys.forEach((key, host) => {
    target += scale * weights[host]!;
    for (let replica = 0; current < target; replica++, current++) {
      entries.push({ hash: hashOf(`${key}_${replica}`), host });
    }
  });
  return entries;
}
