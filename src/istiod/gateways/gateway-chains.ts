import type { L4MatchAttributes, TlsMatchAttributes } from '#config/istio/virtual-service.ts';
import type { NetworkFilter } from '#xds/listener.ts';
import { originOf } from '../clusters/cluster-origins.ts';
import { ANY_CONNECTION, type FilterChainOptions } from '../listeners/filter-chain-options.ts';
import { routedTcpFilters, type TcpProxySettings, tcpFilters } from '../listeners/tcp-proxy.ts';
import { hostsOverlap, isSubsetOf } from '../model/host-name.ts';
import { sniClusterName } from '../model/names.ts';
import type { Service } from '../model/service.ts';
import type { VirtualService } from '../model/virtual-service.ts';
import { claimHosts } from './merged-gateway.ts';
import { type GatewayServer, passesTlsThrough, serverOrigin, sniHostsOf } from './server.ts';
import { serverTls } from './server-tls.ts';

export interface GatewayChainContext {
  readonly tcp: TcpProxySettings;
  readonly virtualServicesOf: (gatewayName: string) => readonly VirtualService[];
  /** The services that the gateway knows. */
  readonly services: readonly Service[];
}

/**
 * The chains of a server whose connections are not HTTP here: opaque TCP, TLS that ends here, or TLS
 * that passes through by its SNI. A server without a route has none.
 *
 * @source istio: pilot/pkg/networking/core/gateway.go, createGatewayTCPFilterChainOpts
 */
export function gatewayTcpChains(
  server: GatewayServer,
  takenSniHosts: Map<string, string>,
  context: GatewayChainContext,
): FilterChainOptions[] {
  if (server.tls !== undefined && passesTlsThrough(server)) {
    return server.tls.mode === 'AUTO_PASSTHROUGH'
      ? autoPassthroughChains(server, context)
      : passthroughChains(server, takenSniHosts, context);
  }
  const filters = tcpRouteFilters(server, context);
  if (filters === undefined) return [];
  const origin = serverOrigin(server);
  if (server.tls === undefined) return [{ ...ANY_CONNECTION, filters, origin }];
  const transportSocket = serverTls(server.tls, server.protocol === 'HTTPS' ? 'http' : 'tcp');
  return [{ ...ANY_CONNECTION, sniHosts: sniHostsOf(server), transportSocket, filters, origin }];
}

/**
 * The first `tcp` route that applies; where TLS ends here, of a TLSRoute its `tls` routes count, too.
 *
 * @source istio: the same file, buildGatewayNetworkFiltersFromTCPRoutes
 */
function tcpRouteFilters(
  server: GatewayServer,
  context: GatewayChainContext,
): readonly NetworkFilter[] | undefined {
  for (const virtualService of boundVirtualServices(server, context)) {
    for (const { match, route } of virtualService.spec.tcp) {
      const applies = match.length === 0 || match.some((one) => appliesTo(one, server));
      if (applies && route.length > 0) return filtersOf(virtualService, route, server, context);
    }
    if (server.tls === undefined || !isOfTlsRoute(virtualService)) continue;
    for (const { match, route } of virtualService.spec.tls)
      if (route.length > 0 && match.some((one) => appliesTo(one, server)))
        return filtersOf(virtualService, route, server, context);
  }
  return undefined;
}

const PARENTS = 'internal.istio.io/parents';

function isOfTlsRoute({ resource }: VirtualService): boolean {
  return resource.metadata.annotations.get(PARENTS)?.startsWith('TLSRoute/') === true;
}

/** A chain for every `tls` match, by its SNI hosts; of equal hosts the first counts. */
function passthroughChains(
  server: GatewayServer,
  takenSniHosts: Map<string, string>,
  context: GatewayChainContext,
): FilterChainOptions[] {
  const chains: FilterChainOptions[] = [];
  for (const virtualService of boundVirtualServices(server, context)) {
    for (const [index, { match: matches, route }] of virtualService.spec.tls.entries()) {
      if (route.length === 0) continue;
      for (const match of matches) {
        if (!appliesTo(match, server)) continue;
        const { sniHosts } = match;
        if (!claimHosts(sniHosts, server.bind, takenSniHosts)) continue;
        const filters = filtersOf(virtualService, route, server, context);
        const origin = originOf(virtualService.resource, ['spec', 'tls', index]);
        chains.push({ ...ANY_CONNECTION, sniHosts, filters, origin });
      }
    }
  }
  return chains;
}

/**
 * A chain for every cluster that a peer gateway may name in its SNI.
 *
 * @source istio: the same file, builtAutoPassthroughFilterChains
 */
function autoPassthroughChains(
  server: GatewayServer,
  { services, tcp }: GatewayChainContext,
): FilterChainOptions[] {
  const hosts = sniHostsOf(server);
  return services
    .filter((service) => !service.meshExternal)
    .filter(({ hostname }) => hosts.some((host) => isSubsetOf(hostname, host)))
    .flatMap((service) => {
      const rule = tcp.lookupRule(service.hostname);
      const ports = service.ports.filter(({ protocol }) => protocol !== 'UDP');
      return ports.flatMap(({ port, protocol }) =>
        ['', ...(rule?.subsets ?? []).map(({ subset }) => subset.name)].map((subset) => {
          const cluster = sniClusterName(port, subset, service.hostname);
          const to = { cluster, statPrefix: cluster, subset, protocol, rule };
          return {
            ...ANY_CONNECTION,
            sniHosts: [cluster],
            applicationProtocols: MESH_ALPN,
            filters: tcpFilters(to, tcp),
            origin: serverOrigin(server),
          };
        }),
      );
    });
}

const MESH_ALPN = ['istio', 'istio-peer-exchange', 'istio-http/1.0', 'istio-http/1.1', 'istio-h2'];

/** Those that name a host of the server. @source istio: the same file, pickMatchingGatewayHosts */
function boundVirtualServices(
  { hosts, gatewayName }: GatewayServer,
  { virtualServicesOf }: GatewayChainContext,
): VirtualService[] {
  return virtualServicesOf(gatewayName).filter((virtualService) =>
    virtualService.hosts.some((host) =>
      hosts.some((entry) => {
        const [namespace, name] = entry.includes('/') ? entry.split('/') : ['', entry];
        const isOfNamespace = namespace === '' || namespace === virtualService.namespace;
        return isOfNamespace && hostsOverlap(name!, host);
      }),
    ),
  );
}

function appliesTo(match: L4MatchAttributes | TlsMatchAttributes, server: GatewayServer): boolean {
  const isPort = match.port === 0 || match.port === server.port?.number;
  return isPort && (match.gateways.length === 0 || match.gateways.includes(server.gatewayName));
}

function filtersOf(
  { name, namespace }: VirtualService,
  routes: Parameters<typeof routedTcpFilters>[0]['routes'],
  server: GatewayServer,
  { tcp }: GatewayChainContext,
) {
  const port = server.port?.number ?? 0;
  const statPrefix = `${name}.${namespace}`;
  return routedTcpFilters({ routes, port, protocol: server.protocol, statPrefix }, tcp);
}
