import type { Metadata, TransportSocket } from '#xds/core.ts';
import { ipRange, parseCidr } from '#xds/ip-range.ts';
import type { FilterChain, FilterChainMatch, NetworkFilter } from '#xds/listener.ts';
import type { OriginNotes } from '../clusters/cluster-origins.ts';
import type { Origin } from '../origin.ts';

/**
 * A filter chain before it is written: what it matches, and what it does. Chains of several services
 * meet on one listener as these, so that two with the same match can be told.
 *
 * @source istio: pilot/pkg/networking/core/listener.go, filterChainOpts
 */
export interface FilterChainOptions {
  /** `*` among them = any SNI. */
  readonly sniHosts: readonly string[];
  readonly destinationCidrs: readonly string[];
  readonly applicationProtocols: readonly string[];
  readonly transportProtocol: '' | 'tls' | 'raw_buffer';
  readonly transportSocket: TransportSocket | undefined;
  readonly filters: readonly NetworkFilter[];
  /** Names the resource that the chain comes from. */
  readonly metadata: Metadata | undefined;
  readonly origin: Origin | undefined;
}

export const ANY_CONNECTION = {
  sniHosts: [],
  destinationCidrs: [],
  applicationProtocols: [],
  transportProtocol: '',
  transportSocket: undefined,
  metadata: undefined,
  origin: undefined,
} as const satisfies Partial<FilterChainOptions>;

/** @source istio: pilot/pkg/networking/core/listener.go, isMatchAll */
export function matchesEveryConnection(chain: FilterChainOptions): boolean {
  return (
    (chain.sniHosts.length === 0 || chain.sniHosts.includes('*')) &&
    chain.applicationProtocols.length === 0 &&
    chain.transportProtocol === '' &&
    chain.destinationCidrs.length === 0
  );
}

/** True when Envoy could not tell the two apart. @source istio: the same file, conflictsWith */
export function conflictsWith(a: FilterChainOptions, b: FilterChainOptions): boolean {
  return (
    a.transportProtocol === b.transportProtocol &&
    a.applicationProtocols.join() === b.applicationProtocols.join() &&
    equalSets(specificSnis(a), specificSnis(b)) &&
    equalSets(specificRanges(a), specificRanges(b))
  );
}

/** @source istio: the same file, toFilterChainMatch */
export function filterChainMatch(chain: FilterChainOptions): FilterChainMatch | undefined {
  if (matchesEveryConnection(chain)) return undefined;
  const serverNames = chain.sniHosts.includes('*') ? [] : chain.sniHosts.toSorted();
  const prefixRanges = chain.destinationCidrs
    .toSorted()
    .map(parseCidr)
    .filter((range) => range !== undefined && range.addressPrefix !== '0.0.0.0')
    .map((range) => range!);
  return {
    ...(prefixRanges.length === 0 ? {} : { prefixRanges }),
    ...(serverNames.length === 0 ? {} : { serverNames }),
    ...(chain.transportProtocol === '' ? {} : { transportProtocol: chain.transportProtocol }),
    ...(chain.applicationProtocols.length === 0
      ? {}
      : { applicationProtocols: chain.applicationProtocols }),
  };
}

/** The chain as Envoy reads it, its origin noted. */
export function writeFilterChain(chain: FilterChainOptions, notes: OriginNotes): FilterChain {
  const match = filterChainMatch(chain);
  const { filters, transportSocket, metadata, origin } = chain;
  const written: FilterChain = {
    ...(match === undefined ? {} : { filterChainMatch: match }),
    filters,
    ...(transportSocket === undefined ? {} : { transportSocket }),
    transportSocketConnectTimeout: TRANSPORT_SOCKET_CONNECT_TIMEOUT,
    ...(metadata === undefined ? {} : { metadata }),
  };
  if (origin !== undefined) notes.origins.set(written, origin);
  return written;
}

const TRANSPORT_SOCKET_CONNECT_TIMEOUT = '15s';

function specificSnis(chain: FilterChainOptions): ReadonlySet<string> {
  return new Set(chain.sniHosts.filter((host) => host !== '*'));
}

/** Ranges by the bits that count: `1.2.3.4/8` is `1.5.6.7/8`. */
function specificRanges(chain: FilterChainOptions): ReadonlySet<string> {
  const ranges = new Set<string>();
  for (const text of chain.destinationCidrs) {
    const cidr = parseCidr(text);
    const range = cidr && ipRange(cidr);
    if (cidr === undefined || range === undefined || cidr.addressPrefix === '0.0.0.0') continue;
    ranges.add(`${maskedBytes(range.bytes, range.prefixLength)}/${range.prefixLength}`);
  }
  return ranges;
}

function maskedBytes(bytes: Uint8Array, prefixLength: number): string {
  return bytes
    .map((byte, index) => {
      const bits = Math.min(8, Math.max(0, prefixLength - index * 8));
      return byte & (0xff << (8 - bits));
    })
    .join('.');
}

function equalSets(a: ReadonlySet<string>, b: ReadonlySet<string>): boolean {
  if (a.size !== b.size) return false;
  for (const value of a) if (!b.has(value)) return false;
  return true;
}
