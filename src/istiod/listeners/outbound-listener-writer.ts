import type { FilterChain, Listener } from '#xds/listener.ts';
import type { OriginNotes } from '../clusters/cluster-origins.ts';
import { PASSTHROUGH_CHAIN } from '../special-names.ts';
import { SNI_DYNAMIC_DNS_FILTER } from './dynamic-forward-proxy.ts';
import {
  type FilterChainOptions,
  matchesEveryConnection,
  writeFilterChain,
} from './filter-chain-options.ts';
import { listenerAddress } from './listener-address.ts';
import { HTTP_INSPECTOR, TLS_INSPECTOR } from './listener-filters.ts';
import { listenerName, type OutboundListenerEntry } from './outbound-listener-entry.ts';
import { plainTcpProxy, type TcpProxySettings } from './tcp-proxy.ts';

/** What listeners of a sidecar have in common once their chains are known. */
export interface OutboundListenerSettings {
  readonly notes: OriginNotes;
  readonly protocolDetectionTimeout: string;
  readonly unknownTrafficCluster: string;
  readonly tcp: TcpProxySettings;
}

/**
 * The listener for what has met on it, with the inspectors that its chains need.
 *
 * @source istio: pilot/pkg/networking/core/listener.go, buildListenerFromEntry
 */
export function writeOutboundListener(
  entry: OutboundListenerEntry,
  context: OutboundListenerSettings,
): Listener {
  const { bind, port, chains } = entry;
  const needsHttp = chains.some((chain) => chain.applicationProtocols.length > 0);
  const needsTls = chains.some(readsSni);
  const listenerFilters = [
    ...(needsTls ? [TLS_INSPECTOR] : []),
    ...(needsHttp ? [HTTP_INSPECTOR] : []),
  ];
  const listener: Listener = {
    name: listenerName(bind, port),
    address: listenerAddress(bind, port),
    trafficDirection: 'OUTBOUND',
    ...(entry.bindsToPort ? { maxConnectionsToAcceptPerSocketEvent: 1 } : { bindToPort: false }),
    ...filterChains(chains, context),
    ...(listenerFilters.length === 0 ? {} : { listenerFilters }),
    listenerFiltersTimeout: needsHttp ? context.protocolDetectionTimeout : '0s',
    continueOnListenerFiltersTimeout: true,
  };
  context.notes.origins.set(listener, entry.origin);
  return listener;
}

function readsSni({ sniHosts, filters }: FilterChainOptions): boolean {
  return sniHosts.length > 0 || filters.some(({ name }) => name === SNI_DYNAMIC_DNS_FILTER);
}

/**
 * A chain that matches everything is the default one, so that a connection never gets lost between two
 * criteria; without one, unknown traffic passes as it would without a listener.
 */
function filterChains(
  chains: readonly FilterChainOptions[],
  context: OutboundListenerSettings,
): Pick<Listener, 'filterChains' | 'defaultFilterChain'> {
  const matching = chains
    .filter((chain) => !matchesEveryConnection(chain))
    .map((chain) => writeFilterChain(chain, context.notes));
  const matchAll = chains.findLast(matchesEveryConnection);
  if (matchAll === undefined) {
    return { filterChains: matching, defaultFilterChain: passthroughChain(context) };
  }
  const defaultFilterChain = writeFilterChain(matchAll, context.notes);
  return matching.length === 0
    ? { filterChains: [defaultFilterChain] }
    : { filterChains: matching, defaultFilterChain };
}

function passthroughChain({ unknownTrafficCluster, tcp }: OutboundListenerSettings): FilterChain {
  return {
    name: PASSTHROUGH_CHAIN,
    filterChainMatch: {},
    filters: [plainTcpProxy(unknownTrafficCluster, tcp)],
  };
}
