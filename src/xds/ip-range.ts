import type { CidrRange } from './core.ts';

/**
 * IP addresses and ranges as Envoy's configuration writes them. An address is its bytes, big-endian:
 * 4 for IPv4, 16 for IPv6; an IPv4-mapped IPv6 address stays IPv6.
 *
 * @source envoy: source/common/network/cidr_range.cc
 */
export interface IpRange {
  readonly bytes: Uint8Array;
  readonly prefixLength: number;
}

/** The bytes of an address in text form, or undefined when it is none. */
export function ipBytes(text: string): Uint8Array | undefined {
  return text.includes(':') ? ipv6Bytes(text) : ipv4Bytes(text);
}

/** True for an IPv4 or IPv6 address, without port and prefix length. */
export function isIpAddress(text: string): boolean {
  return ipBytes(text) !== undefined;
}

/** Reads a range of the configuration; an absent prefix length is 0, one too long is the address itself. */
export function ipRange(range: CidrRange): IpRange | undefined {
  const bytes = ipBytes(range.addressPrefix);
  if (bytes === undefined) return undefined;
  return { bytes, prefixLength: Math.min(range.prefixLen ?? 0, bytes.length * 8) };
}

/** `10.0.0.0/8` or a bare address (all of its bits) as the configuration's range. */
export function parseCidr(text: string): CidrRange | undefined {
  const slash = text.indexOf('/');
  const addressPrefix = slash < 0 ? text : text.slice(0, slash);
  const bytes = ipBytes(addressPrefix);
  if (bytes === undefined) return undefined;
  if (slash < 0) return { addressPrefix, prefixLen: bytes.length * 8 };
  const prefixLen = decimal(text.slice(slash + 1), bytes.length * 8);
  return prefixLen === undefined ? undefined : { addressPrefix, prefixLen };
}

/** True when the address lies in the range; addresses of the other family never do. */
export function rangeContains(range: IpRange, address: Uint8Array): boolean {
  if (range.bytes.length !== address.length) return false;
  const wholeBytes = range.prefixLength >> 3;
  for (let index = 0; index < wholeBytes; index++) {
    if (range.bytes[index] !== address[index]) return false;
  }
  const bits = range.prefixLength & 7;
  if (bits === 0) return true;
  const mask = (0xff << (8 - bits)) & 0xff;
  return ((range.bytes[wholeBytes]! ^ address[wholeBytes]!) & mask) === 0;
}

function ipv4Bytes(text: string): Uint8Array | undefined {
  const parts = text.split('.');
  if (parts.length !== 4) return undefined;
  const bytes = new Uint8Array(4);
  for (let index = 0; index < 4; index++) {
    const value = decimal(parts[index]!, 255);
    if (value === undefined) return undefined;
    bytes[index] = value;
  }
  return bytes;
}

function ipv6Bytes(text: string): Uint8Array | undefined {
  const halves = text.split('::');
  if (halves.length > 2) return undefined;
  const head = ipv6Groups(halves[0]!);
  const tail = halves.length === 2 ? ipv6Groups(halves[1]!) : [];
  if (head === undefined || tail === undefined) return undefined;
  const missing = 16 - head.length - tail.length;
  if (halves.length === 2 ? missing < 2 : missing !== 0) return undefined;
  const bytes = new Uint8Array(16);
  bytes.set(head, 0);
  bytes.set(tail, 16 - tail.length);
  return bytes;
}

/** The bytes of colon-separated groups; the last may be a dotted IPv4 address. */
function ipv6Groups(text: string): number[] | undefined {
  if (text === '') return [];
  const bytes: number[] = [];
  const groups = text.split(':');
  for (const [index, group] of groups.entries()) {
    if (index === groups.length - 1 && group.includes('.')) {
      const dotted = ipv4Bytes(group);
      if (dotted === undefined) return undefined;
      bytes.push(...dotted);
      continue;
    }
    if (!/^[0-9a-fA-F]{1,4}$/.test(group)) return undefined;
    const value = Number.parseInt(group, 16);
    bytes.push(value >> 8, value & 0xff);
  }
  return bytes.length > 16 ? undefined : bytes;
}

function decimal(text: string, maximum: number): number | undefined {
  if (!/^(0|[1-9][0-9]{0,2})$/.test(text)) return undefined;
  const value = Number(text);
  return value > maximum ? undefined : value;
}
