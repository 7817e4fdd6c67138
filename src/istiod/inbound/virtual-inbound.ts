import type { AccessLog, FilterChain, Listener, ListenerFilter } from '#xds/listener.ts';
import { listenerAddress } from '../listeners/listener-address.ts';
import {
  exceptPorts,
  HTTP_INSPECTOR,
  ORIGINAL_DESTINATION,
  ORIGINAL_SOURCE,
  onlyPorts,
  TLS_INSPECTOR,
} from '../listeners/listener-filters.ts';
import { plainTcpProxy } from '../listeners/tcp-proxy.ts';
import {
  BLACK_HOLE_CLUSTER,
  VIRTUAL_INBOUND_BLACK_HOLE_CHAIN,
  VIRTUAL_INBOUND_LISTENER,
} from '../special-names.ts';
import { METADATA_EXCHANGE } from './inbound-filter-chains.ts';

export interface InboundListenerOptions {
  readonly name: string;
  readonly bind: string;
  readonly port: number;
  /** A listener of its own, not one that connections are redirected to. */
  readonly bindsToPort: boolean;
  readonly isTransparent: boolean;
  readonly protocolDetectionTimeout: string;
  readonly accessLog: readonly AccessLog[];
}

/**
 * An inbound listener over these chains, with the inspectors that their matches need.
 *
 * @source istio: pilot/pkg/networking/core/listener_inbound.go, buildInboundListener
 */
export function inboundListener(
  options: InboundListenerOptions,
  filterChains: readonly FilterChain[],
): Listener {
  return {
    name: options.name,
    address: listenerAddress(options.bind, options.port),
    trafficDirection: 'INBOUND',
    ...(options.isTransparent && !options.bindsToPort ? { transparent: true } : {}),
    filterChains,
    listenerFilters: listenerFilters(options, filterChains),
    listenerFiltersTimeout: options.protocolDetectionTimeout,
    continueOnListenerFiltersTimeout: true,
    ...(options.accessLog.length === 0 ? {} : { accessLog: options.accessLog }),
    maxConnectionsToAcceptPerSocketEvent: 1,
  };
}

/** The listener that iptables redirects all inbound connections to. */
export function virtualInboundOptions(
  options: Omit<InboundListenerOptions, 'name' | 'bindsToPort'>,
): InboundListenerOptions {
  return { ...options, name: VIRTUAL_INBOUND_LISTENER, bindsToPort: false };
}

/** Ends connections to the listener's own port, which would come back for ever. */
export function inboundBlackHoleChain(listenPort: number): FilterChain {
  const settings = { idleTimeout: undefined, accessLog: [] };
  return {
    name: VIRTUAL_INBOUND_BLACK_HOLE_CHAIN,
    filterChainMatch: { destinationPort: listenPort },
    filters: [METADATA_EXCHANGE, plainTcpProxy(BLACK_HOLE_CLUSTER, settings)],
  };
}

/** @source istio: the same file, populateListenerFilters */
function listenerFilters(
  { bindsToPort, isTransparent }: InboundListenerOptions,
  chains: readonly FilterChain[],
): ListenerFilter[] {
  const needs = inspectorNeeds(chains);
  const ports = [...needs.keys()];
  const needsTls = ports.some((port) => needs.get(port)!.tls);
  const needsHttp = ports.some((port) => needs.get(port)!.http);
  return [
    ...(bindsToPort ? [] : [ORIGINAL_DESTINATION]),
    ...(!bindsToPort && isTransparent ? [ORIGINAL_SOURCE] : []),
    ...(needsTls ? [tlsInspector(needs)] : []),
    ...(needsHttp
      ? [
          exceptPorts(
            HTTP_INSPECTOR,
            ports.filter((p) => !needs.get(p)!.http),
          ),
        ]
      : []),
  ];
}

interface Needs {
  readonly tls: boolean;
  readonly http: boolean;
}

/** What each destination port needs; 0 stands for the ports without a chain of their own. */
function inspectorNeeds(chains: readonly FilterChain[]): ReadonlyMap<number, Needs> {
  const byPort = new Map<number, Needs>();
  for (const { filterChainMatch: match = {} } of chains) {
    const port = match.destinationPort ?? 0;
    const known = byPort.get(port) ?? { tls: false, http: false };
    const protocols = match.applicationProtocols ?? [];
    byPort.set(port, {
      tls: known.tls || match.transportProtocol === 'tls',
      http: known.http || protocols.includes('http/1.1') || protocols.includes('h2c'),
    });
  }
  return byPort;
}

function tlsInspector(needs: ReadonlyMap<number, Needs>): ListenerFilter {
  const ports = [...needs.keys()].filter((port) => port !== 0);
  return needs.get(0)?.tls
    ? exceptPorts(
        TLS_INSPECTOR,
        ports.filter((port) => !needs.get(port)!.tls),
      )
    : onlyPorts(
        TLS_INSPECTOR,
        ports.filter((port) => needs.get(port)!.tls),
      );
}
