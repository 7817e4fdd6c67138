import { type IpRange, ipBytes, ipRange, rangeContains } from '#xds/ip-range.ts';
import type { FilterChain, FilterChainMatch } from '#xds/listener.ts';

/** What a listener knows of a connection once its listener filters have run. */
export interface ConnectionTraits {
  /** The address the connection was meant for (its original destination where that was restored). */
  readonly destinationAddress: string;
  readonly destinationPort: number;
  /** SNI, lower case; empty without TLS or without the TLS inspector. */
  readonly serverName: string;
  /** `tls` when the TLS inspector saw a ClientHello, else `raw_buffer`. */
  readonly transportProtocol: string;
  /** ALPN of the ClientHello, or what the HTTP inspector detected; in the client's order. */
  readonly applicationProtocols: readonly string[];
  /** The peer's address; empty = unknown, which no source range contains. */
  readonly sourceAddress: string;
  readonly sourcePort: number;
}

/**
 * Chooses a listener's filter chain. Each criterion narrows the chains to those with the most specific
 * value that fits, in a fixed order, and never goes back: a chain for the exact SNI that then fails on
 * ALPN hides a chain without SNI.
 *
 * @source envoy: source/common/listener_manager/filter_chain_manager_impl.cc, findFilterChain
 */
export class FilterChainMatcher {
  readonly #chains: readonly CompiledChain[];
  readonly #defaultChain: FilterChain | undefined;

  constructor(chains: readonly FilterChain[], defaultChain: FilterChain | undefined) {
    this.#chains = chains.map(compileChain);
    this.#defaultChain = defaultChain;
  }

  /** The chain that takes the connection; undefined = Envoy closes it (`filter_chain_not_found`). */
  find(connection: ConnectionTraits): FilterChain | undefined {
    return this.#matching(connection)[0]?.chain ?? this.#defaultChain;
  }

  /** Whether several chains match alike. Envoy refuses a listener that has such chains. */
  isAmbiguous(connection: ConnectionTraits): boolean {
    return this.#matching(connection).length > 1;
  }

  #matching(connection: ConnectionTraits): readonly CompiledChain[] {
    let chains = this.#chains;
    for (const narrow of CRITERIA) chains = narrow(chains, connection);
    return chains;
  }
}

interface CompiledChain {
  readonly chain: FilterChain;
  readonly destinationPort: number;
  readonly destinationRanges: readonly IpRange[];
  readonly serverNames: readonly string[];
  readonly transportProtocol: string;
  readonly applicationProtocols: readonly string[];
  readonly directSourceRanges: readonly IpRange[];
  readonly sourceType: NonNullable<FilterChainMatch['sourceType']>;
  readonly sourceRanges: readonly IpRange[];
  readonly sourcePorts: readonly number[];
}

type Narrow = (chains: readonly CompiledChain[], connection: ConnectionTraits) => CompiledChain[];

/** In Envoy's order. */
const CRITERIA: readonly Narrow[] = [
  (chains, { destinationPort }) =>
    exactElseUnset(chains, destinationPort, (chain) => chain.destinationPort, 0),
  (chains, { destinationAddress }) =>
    longestRange(chains, destinationAddress, (chain) => chain.destinationRanges),
  (chains, { serverName }) => mostSpecificServerName(chains, serverName),
  (chains, { transportProtocol }) =>
    exactElseUnset(chains, transportProtocol, (chain) => chain.transportProtocol, ''),
  (chains, { applicationProtocols }) => firstApplicationProtocol(chains, applicationProtocols),
  (chains, { sourceAddress }) =>
    longestRange(chains, sourceAddress, (chain) => chain.directSourceRanges),
  bySourceType,
  (chains, { sourceAddress }) => longestRange(chains, sourceAddress, (chain) => chain.sourceRanges),
  (chains, { sourcePort }) => containingElseEmpty(chains, sourcePort, (chain) => chain.sourcePorts),
];

function exactElseUnset<Value>(
  chains: readonly CompiledChain[],
  value: Value,
  criterionOf: (chain: CompiledChain) => Value,
  unset: Value,
): CompiledChain[] {
  const exact = chains.filter((chain) => criterionOf(chain) === value && value !== unset);
  return exact.length > 0 ? exact : chains.filter((chain) => criterionOf(chain) === unset);
}

function containingElseEmpty<Value>(
  chains: readonly CompiledChain[],
  value: Value,
  valuesOf: (chain: CompiledChain) => readonly Value[],
): CompiledChain[] {
  const containing = chains.filter((chain) => valuesOf(chain).includes(value));
  return containing.length > 0
    ? containing
    : chains.filter((chain) => valuesOf(chain).length === 0);
}

/** The chains of the longest range that contains the address, else those without a range. */
function longestRange(
  chains: readonly CompiledChain[],
  address: string,
  rangesOf: (chain: CompiledChain) => readonly IpRange[],
): CompiledChain[] {
  if (chains.every((chain) => rangesOf(chain).length === 0)) return [...chains];
  const bytes = ipBytes(address);
  const lengthOf = (chain: CompiledChain) => longestPrefix(rangesOf(chain), bytes);
  const longest = chains.reduce((best, chain) => Math.max(best, lengthOf(chain)), -1);
  return chains.filter((chain) =>
    longest < 0 ? rangesOf(chain).length === 0 : lengthOf(chain) === longest,
  );
}

function longestPrefix(ranges: readonly IpRange[], address: Uint8Array | undefined): number {
  let longest = -1;
  if (address === undefined) return longest;
  for (const range of ranges) {
    if (range.prefixLength > longest && rangeContains(range, address)) longest = range.prefixLength;
  }
  return longest;
}

/** Exact name, then the wildcard of each parent domain from the longest, then no name. */
function mostSpecificServerName(
  chains: readonly CompiledChain[],
  serverName: string,
): CompiledChain[] {
  for (const candidate of serverNameCandidates(serverName)) {
    const named = chains.filter((chain) => chain.serverNames.includes(candidate));
    if (named.length > 0) return named;
  }
  return chains.filter((chain) => chain.serverNames.length === 0);
}

function serverNameCandidates(serverName: string): string[] {
  if (serverName === '') return [];
  const candidates = [serverName];
  let dot = serverName.indexOf('.', 1);
  while (dot >= 0 && dot < serverName.length - 1) {
    candidates.push(`*${serverName.slice(dot)}`);
    dot = serverName.indexOf('.', dot + 1);
  }
  return candidates;
}

function firstApplicationProtocol(
  chains: readonly CompiledChain[],
  protocols: readonly string[],
): CompiledChain[] {
  for (const protocol of protocols) {
    const speaking = chains.filter((chain) => chain.applicationProtocols.includes(protocol));
    if (speaking.length > 0) return speaking;
  }
  return chains.filter((chain) => chain.applicationProtocols.length === 0);
}

function bySourceType(
  chains: readonly CompiledChain[],
  { sourceAddress, destinationAddress }: ConnectionTraits,
): CompiledChain[] {
  if (chains.every((chain) => chain.sourceType === 'ANY')) return [...chains];
  const isLocal = sourceAddress === destinationAddress || isLoopback(sourceAddress);
  const type = isLocal ? 'SAME_IP_OR_LOOPBACK' : 'EXTERNAL';
  return exactElseUnset(chains, type, (chain) => chain.sourceType, 'ANY');
}

function isLoopback(address: string): boolean {
  return address.startsWith('127.') || address === '::1';
}

function compileChain(chain: FilterChain): CompiledChain {
  const match = chain.filterChainMatch ?? {};
  return {
    chain,
    destinationPort: match.destinationPort ?? 0,
    destinationRanges: compileRanges(match.prefixRanges),
    serverNames: (match.serverNames ?? []).map((name) => name.toLowerCase()),
    transportProtocol: match.transportProtocol ?? '',
    applicationProtocols: match.applicationProtocols ?? [],
    directSourceRanges: compileRanges(match.directSourcePrefixRanges),
    sourceType: match.sourceType ?? 'ANY',
    sourceRanges: compileRanges(match.sourcePrefixRanges),
    sourcePorts: match.sourcePorts ?? [],
  };
}

function compileRanges(ranges: FilterChainMatch['prefixRanges']): readonly IpRange[] {
  return (ranges ?? []).map(ipRange).filter((range) => range !== undefined);
}
