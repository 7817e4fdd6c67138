import type { FilterChain, Listener } from '#xds/listener.ts';
import type { RouteConfiguration } from '#xds/route.ts';
import {
  ALLOW_ANY_DYNAMIC_DNS_ROUTE,
  BLACK_HOLE_CLUSTER,
  HTTP_PROXY_ROUTE,
  VIRTUAL_OUTBOUND_BLACK_HOLE_CHAIN,
  VIRTUAL_OUTBOUND_CATCH_ALL_CHAIN,
  VIRTUAL_OUTBOUND_LISTENER,
} from '../special-names.ts';
import { buildConnectionManager, delimitedStatPrefix } from './connection-manager.ts';
import { listenerAddress } from './listener-address.ts';
import { HTTP_INSPECTOR } from './listener-filters.ts';
import { listenerName } from './outbound-listener-entry.ts';
import { CLEARTEXT_HTTP, type OutboundListenerContext } from './outbound-listeners.ts';
import { plainTcpProxy } from './tcp-proxy.ts';

/**
 * The listener that iptables redirects everything to. What no other listener takes over passes on or is
 * dropped here; connections to the listener's own port always end.
 *
 * @source istio: pilot/pkg/networking/core/listener_builder.go, buildVirtualOutboundListener
 */
export function virtualOutboundListener(
  context: OutboundListenerContext,
  dynamicDnsRoutes: RouteConfiguration | undefined,
): Listener {
  const isTransparent = context.proxy.interceptionMode === 'TPROXY';
  const { listenerAccessLog: accessLog } = context;
  return {
    name: VIRTUAL_OUTBOUND_LISTENER,
    address: listenerAddress(context.wildcardAddress, context.proxyListenPort),
    trafficDirection: 'OUTBOUND',
    useOriginalDst: true,
    ...(isTransparent ? { transparent: true } : {}),
    filterChains: [
      blackHoleChain(context),
      ...(dynamicDnsRoutes === undefined ? [] : [dynamicDnsChain(dynamicDnsRoutes, context)]),
      {
        name: VIRTUAL_OUTBOUND_CATCH_ALL_CHAIN,
        filters: [plainTcpProxy(context.unknownTrafficCluster, context.tcp)],
      },
    ],
    ...(dynamicDnsRoutes === undefined ? {} : { listenerFilters: [HTTP_INSPECTOR] }),
    ...(accessLog.length === 0 ? {} : { accessLog }),
    maxConnectionsToAcceptPerSocketEvent: 1,
  };
}

function blackHoleChain({ proxyListenPort }: OutboundListenerContext): FilterChain {
  const settings = { idleTimeout: undefined, accessLog: [] };
  return {
    name: VIRTUAL_OUTBOUND_BLACK_HOLE_CHAIN,
    filterChainMatch: { destinationPort: proxyListenPort },
    filters: [plainTcpProxy(BLACK_HOLE_CLUSTER, settings)],
  };
}

/** Cleartext HTTP to unknown hosts, resolved by the Host header. */
function dynamicDnsChain(
  route: RouteConfiguration,
  { connectionManager }: OutboundListenerContext,
): FilterChain {
  const statPrefix = delimitedStatPrefix(
    `outbound_${VIRTUAL_OUTBOUND_LISTENER}_${ALLOW_ANY_DYNAMIC_DNS_ROUTE}`,
  );
  const options = { class: 'sidecar-outbound', statPrefix, route, protocol: 'HTTP' } as const;
  return {
    name: `${VIRTUAL_OUTBOUND_CATCH_ALL_CHAIN}-http`,
    filterChainMatch: { applicationProtocols: CLEARTEXT_HTTP },
    filters: [buildConnectionManager(options, connectionManager)],
  };
}

/**
 * MeshConfig.proxyHttpPort: a forward proxy for applications that ask for one.
 *
 * @source istio: pilot/pkg/networking/core/listener.go, buildHTTPProxy
 */
export function httpProxyListener(port: number, context: OutboundListenerContext): Listener {
  const name = listenerName(LOCALHOST, port);
  const options = {
    class: 'sidecar-outbound',
    statPrefix: delimitedStatPrefix(`outbound_${name}`),
    route: HTTP_PROXY_ROUTE,
    protocol: 'HTTP_PROXY',
    allowsAbsoluteUrl: true,
  } as const;
  return {
    name,
    address: listenerAddress(LOCALHOST, port),
    trafficDirection: 'OUTBOUND',
    filterChains: [
      {
        filters: [buildConnectionManager(options, context.connectionManager)],
        transportSocketConnectTimeout: '15s',
      },
    ],
    listenerFiltersTimeout: '0s',
    continueOnListenerFiltersTimeout: true,
    maxConnectionsToAcceptPerSocketEvent: 1,
  };
}

const LOCALHOST = '127.0.0.1';
