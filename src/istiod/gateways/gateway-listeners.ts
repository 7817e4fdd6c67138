import type { AccessLog, Listener } from '#xds/listener.ts';
import type { OriginNotes } from '../clusters/cluster-origins.ts';
import {
  buildConnectionManager,
  type ConnectionManagerSettings,
  delimitedStatPrefix,
} from '../listeners/connection-manager.ts';
import {
  ANY_CONNECTION,
  type FilterChainOptions,
  writeFilterChain,
} from '../listeners/filter-chain-options.ts';
import { listenerAddress } from '../listeners/listener-address.ts';
import { TLS_INSPECTOR } from '../listeners/listener-filters.ts';
import { listenerName } from '../listeners/outbound-listener-entry.ts';
import { isHttp } from '../model/protocol.ts';
import type { Origin } from '../origin.ts';
import { type GatewayChainContext, gatewayTcpChains } from './gateway-chains.ts';
import type { MergedGateway, MergedServers } from './merged-gateway.ts';
import {
  type GatewayServer,
  routeNameOf,
  serverOrigin,
  sniHostsOf,
  terminatesHttps,
} from './server.ts';
import { serverTls } from './server-tls.ts';

export interface GatewayListenerContext extends GatewayChainContext {
  readonly connectionManager: ConnectionManagerSettings;
  readonly listenerAccessLog: readonly AccessLog[];
  readonly wildcardAddress: string;
  readonly notes: OriginNotes;
}

/**
 * The listeners of a gateway: one per address and port, with a chain per TLS server.
 *
 * @source istio: pilot/pkg/networking/core/gateway.go, buildGatewayListeners
 */
export function gatewayListeners(
  merged: MergedGateway,
  context: GatewayListenerContext,
): Listener[] {
  const chainsByListener = new Map<string, ListenerPart>();
  const takenSniHosts = new Map<number, Map<string, string>>();
  for (const place of merged.ports) {
    const { number: port, bind: written } = place.at;
    const bind = written || context.wildcardAddress;
    const name = listenerName(bind, port);
    const taken = takenSniHosts.get(port) ?? new Map<string, string>();
    takenSniHosts.set(port, taken);
    const part = chainsByListener.get(name) ?? {
      bind,
      port,
      chains: [],
      origin: serverOrigin(place.servers[0]!),
    };
    part.chains.push(...placeChains(place, name, taken, context));
    chainsByListener.set(name, part);
  }
  return [...chainsByListener]
    .filter(([, { chains }]) => chains.length > 0)
    .map(([name, part]) => writeListener(name, part, context));
}

interface ListenerPart {
  readonly bind: string;
  readonly port: number;
  readonly chains: FilterChainOptions[];
  readonly origin: Origin;
}

/** @source istio: the same file, buildGatewayTCPBasedFilterChains */
function placeChains(
  place: MergedServers,
  name: string,
  takenSniHosts: Map<string, string>,
  context: GatewayListenerContext,
): FilterChainOptions[] {
  if (isHttp(place.at.protocol)) {
    return [
      httpChain(
        place.routeName,
        place.servers[0]!,
        delimitedStatPrefix(`outbound_${name}`),
        context,
      ),
    ];
  }
  return place.servers.flatMap((server) => {
    if (!terminatesHttps(server)) return gatewayTcpChains(server, takenSniHosts, context);
    const statPrefix = server.name || delimitedStatPrefix(`outbound_${name}`);
    const chain = httpChain(routeNameOf(server, place.at.number), server, statPrefix, context);
    return [
      {
        ...chain,
        sniHosts: sniHostsOf(server),
        transportSocket: serverTls(server.tls!, 'http'),
      },
    ];
  });
}

function httpChain(
  route: string,
  server: GatewayServer,
  statPrefix: string,
  { connectionManager }: GatewayListenerContext,
): FilterChainOptions {
  const options = { class: 'gateway', statPrefix, route, protocol: server.protocol } as const;
  const filters = [buildConnectionManager(options, connectionManager)];
  return { ...ANY_CONNECTION, filters, origin: serverOrigin(server) };
}

/** @source istio: pilot/pkg/networking/core/listener.go, buildGatewayListener */
function writeListener(
  name: string,
  { bind, port, chains, origin }: ListenerPart,
  { notes, listenerAccessLog: accessLog }: GatewayListenerContext,
): Listener {
  const needsTls = chains.some((c) => c.sniHosts.length > 0 || c.transportSocket !== undefined);
  const listener: Listener = {
    name,
    address: listenerAddress(bind, port),
    trafficDirection: 'OUTBOUND',
    filterChains: chains.map((chain) => writeFilterChain(chain, notes)),
    ...(needsTls ? { listenerFilters: [TLS_INSPECTOR] } : {}),
    ...(accessLog.length === 0 ? {} : { accessLog }),
    maxConnectionsToAcceptPerSocketEvent: 1,
  };
  notes.origins.set(listener, origin);
  return listener;
}
