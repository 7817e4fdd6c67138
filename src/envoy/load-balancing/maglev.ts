import { compareText } from '#kernel/compare-text.ts';
import { modUint64, type Uint64, uint64Of, xorUint64 } from '#kernel/uint64.ts';
import { xxHash64 } from '#kernel/xxhash64.ts';
import { EMPTY_HASH_TABLE, entriesPerHost, type HashTable } from './hash-table.ts';

export const DEFAULT_MAGLEV_TABLE_SIZE = 65_537;

/**
 * A Maglev table: `tableSize` (a prime) slots, dealt to the hosts in proportion to their weights.
 *
 * @param keys one per host, see `hashKey`; their order does not matter
 * @param weights one per host
 * @source envoy: load_balancing_policies/maglev/maglev_lb.cc, MaglevTable
 */
export function buildMaglevTable(
  keys: readonly string[],
  weights: readonly number[],
  tableSize: number,
): HashTable {
  if (keys.length === 0) return EMPTY_HASH_TABLE;
  return new MaglevTable(fillSlots(keys, weights, tableSize), keys.length);
}

export class MaglevTable implements HashTable {
  /** The host of each slot. */
  readonly slots: Uint16Array | Uint32Array;
  readonly size: number;
  readonly minPerHost: number;
  readonly maxPerHost: number;

  constructor(slots: Uint16Array | Uint32Array, hostCount: number) {
    this.slots = slots;
    this.size = slots.length;
    const counts = entriesPerHost(slots, hostCount);
    this.minPerHost = Math.min(...counts);
    this.maxPerHost = Math.max(...counts);
  }

  lookUp(hash: Uint64, attempt: number): number {
    const shifted = attempt === 0 ? hash : xorUint64(hash, minus(attempt));
    return this.slots[modUint64(shifted, this.slots.length)]!;
  }
}

/** A host's preferred slots: `offset`, `offset + skip`, … modulo the size of the table. */
interface BuildEntry {
  readonly host: number;
  readonly weight: number;
  readonly skip: number;
  slot: number;
  target: number;
}

/** @source envoy: load_balancing_policies/maglev/maglev_lb.cc, OriginalMaglevTable::constructImplementationInternals */
function fillSlots(
  keys: readonly string[],
  weights: readonly number[],
  tableSize: number,
): Uint16Array | Uint32Array {
  const entries = buildEntries(keys, weights, tableSize);
  const heaviest = weights.reduce((most, weight) => Math.max(most, weight), 0);
  const slots = keys.length <= 65_536 ? new Uint16Array(tableSize) : new Uint32Array(tableSize);
  const taken = new Uint8Array(tableSize);
  let free = tableSize;
  for (let iteration = 1; free > 0; iteration++) {
    for (const entry of entries) {
      if (free === 0) break;
      // Lighter hosts sit out until their weights have added up to the heaviest's.
      if (iteration * entry.weight < entry.target) continue;
      entry.target += heaviest;
      while (taken[entry.slot] === 1) advance(entry, tableSize);
      slots[entry.slot] = entry.host;
      taken[entry.slot] = 1;
      advance(entry, tableSize);
      free--;
    }
  }
  return slots;
}

function buildEntries(
  keys: readonly string[],
  weights: readonly number[],
  tableSize: number,
): BuildEntry[] {
  const entries = keys.map((key, host) => ({
    host,
    weight: weights[host]!,
    slot: modUint64(xxHash64(key), tableSize),
    skip: modUint64(xxHash64(key, SKIP_SEED), tableSize - 1) + 1,
    target: 0,
  }));
  return entries.sort((a, b) => compareText(keys[a.host]!, keys[b.host]!) || a.host - b.host);
}

function advance(entry: BuildEntry, tableSize: number): void {
  const next = entry.slot + entry.skip;
  entry.slot = next >= tableSize ? next - tableSize : next;
}

/** 2⁶⁴ − `value`. */
function minus(value: number): Uint64 {
  return { high: 0xffffffff, low: -value >>> 0 };
}

const SKIP_SEED = uint64Of(1);
