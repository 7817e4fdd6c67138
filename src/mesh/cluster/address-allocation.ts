import { xxHash64 } from '#kernel/xxhash64.ts';

/** An IPv4 range by its first address and its size. */
export interface AddressRange {
  readonly first: number;
  readonly size: number;
}

/** 10.244.0.0/16 */
export const POD_RANGE: AddressRange = { first: 0x0af40000, size: 0x10000 };
/** 10.96.0.0/12 */
export const SERVICE_RANGE: AddressRange = { first: 0x0a600000, size: 0x100000 };
/** 198.18.0.0/15 */
export const OUTSIDE_RANGE: AddressRange = { first: 0xc6120000, size: 0x20000 };

/**
 * An address for each name, by the hash of the name: adding one moves nobody else's, but for the rare
 * two that collide, of which the later name takes the next free address. `taken` are addresses that
 * were given.
 */
export function allocateAddresses(
  names: Iterable<string>,
  range: AddressRange,
  taken: ReadonlySet<string>,
): ReadonlyMap<string, string> {
  // The first and the last few addresses of a range belong to the network itself.
  const usable = range.size - 16;
  const addressAt = (offset: number): string => addressText(range.first + 8 + offset);
  /** From an offset in use to one nearer to the next free one: a full range is not walked for every name. */
  const onward = new Map<number, number>();
  const found = new Map<string, string>();
  for (const name of [...new Set(names)].sort()) {
    const start = startOf(name) % usable;
    const offset = freeOffset(start, usable, onward, (it) => taken.has(addressAt(it)));
    if (offset !== undefined) onward.set(offset, (offset + 1) % usable);
    found.set(name, addressAt(offset ?? start)); // More names than addresses: they share.
  }
  return found;
}

/** The first offset from `start` on that is not in use; undefined when all are. */
function freeOffset(
  start: number,
  usable: number,
  onward: Map<number, number>,
  isTaken: (offset: number) => boolean,
): number | undefined {
  const passed: number[] = [];
  let offset = start;
  while (onward.has(offset) || isTaken(offset)) {
    if (passed.length >= usable || onward.size >= usable) return undefined;
    passed.push(offset);
    offset = onward.get(offset) ?? (offset + 1) % usable;
  }
  for (const before of passed) onward.set(before, offset);
  return offset;
}

const starts = new Map<string, number>();
const REMEMBERED_NAMES = 100_000;

/** Names are the same in every view of a cluster. */
function startOf(name: string): number {
  let start = starts.get(name);
  if (start === undefined) {
    start = xxHash64(name).low >>> 0;
    if (starts.size < REMEMBERED_NAMES) starts.set(name, start);
  }
  return start;
}

/** `10.244.0.7` of its 32 bits. */
export function addressText(address: number): string {
  return `${address >>> 24}.${(address >>> 16) & 255}.${(address >>> 8) & 255}.${address & 255}`;
}

/** Whether a dotted address lies in a range. */
export function isInRange(address: string, range: AddressRange): boolean {
  const parts = address.split('.').map(Number);
  if (parts.length !== 4 || parts.some((part) => !(part >= 0 && part <= 255))) return false;
  const value = parts.reduce((sum, part) => sum * 256 + part, 0);
  return value >= range.first && value < range.first + range.size;
}
