import { isIpAddress } from '#istiod/model/names.ts';
import type { FieldOrigins, Origin, Origins } from '#istiod/origin.ts';
import type { Cluster } from '#xds/cluster.ts';
import type { Metadata } from '#xds/core.ts';
import type { ClusterLoadAssignment } from '#xds/endpoint.ts';
import type { Listener, NetworkFilter } from '#xds/listener.ts';
import type { Route, RouteConfiguration } from '#xds/route.ts';
import { explainRequest, type InspectedRequest, type InspectedRoute } from './route-inspection.ts';

/** What a live proxy has dumped. */
export interface DumpedProxy {
  readonly listeners: readonly Listener[];
  readonly clusters: readonly Cluster[];
  readonly routes: readonly RouteConfiguration[];
  readonly endpoints: readonly ClusterLoadAssignment[];
}

/** An address that belongs to nothing. */
const NOWHERE = '1.3.3.7';
/** The ports of Istio's ingress gateway on which calls of its Service's ports arrive. */
const GATEWAY_PORTS: ReadonlyMap<number, number> = new Map([
  [80, 8080],
  [443, 8443],
]);

/**
 * Says where one request goes at a proxy of which only the config dump is known: names mean what its
 * virtual hosts and listeners say, objects are known by what istiod writes into metadata.
 */
export function inspectDumpedRoute(
  dump: DumpedProxy,
  name: string,
  request: InspectedRequest,
): InspectedRoute {
  const isSidecar = dump.listeners.some((listener) => listener.name === 'virtualOutbound');
  const ports = new Set(dump.listeners.map(portOf));
  const { origins, fieldOrigins } = dumpedOrigins(dump);
  const config = {
    ...dump,
    endpoints: new Map(dump.endpoints.map((it) => [it.clusterName, it])),
    origins,
    fieldOrigins,
  };
  return explainRequest(config, request, {
    proxy: name,
    addressOf: (host) => addressOf(host, dump),
    portOf: (port) => (isSidecar || ports.has(port) ? port : (GATEWAY_PORTS.get(port) ?? port)),
    meets: () => true,
    otherwise: 'as dumped',
  });
}

function portOf({ address }: Listener): number {
  return address?.socketAddress?.portValue ?? 0;
}

/** The service's address stands among the domains of its virtual host, or in a listener of its own. */
function addressOf(host: string, { routes, listeners }: DumpedProxy): string {
  if (isIpAddress(host)) return host;
  for (const { virtualHosts = [] } of routes) {
    for (const { domains = [] } of virtualHosts) {
      const address = domains.includes(host) ? domains.find(isIpAddress) : undefined;
      if (address !== undefined) return address;
    }
  }
  const own = listeners.find((listener) => servesHost(listener, host));
  return own?.address?.socketAddress?.address ?? NOWHERE;
}

/** A listener of a TCP service: its proxy leads to the service's cluster. */
function servesHost(listener: Listener, host: string): boolean {
  const chains = [...(listener.filterChains ?? []), listener.defaultFilterChain ?? {}];
  const text = JSON.stringify(chains.map(({ filters = [] }) => filters));
  const isNamed = text.includes(`|${host}"`) || text.includes(`|${host}.`);
  const address = listener.address?.socketAddress?.address ?? '';
  return isNamed && isIpAddress(address) && address !== '0.0.0.0' && address !== '::';
}

const KINDS: ReadonlyMap<string, string> = new Map([
  ['virtual-service', 'VirtualService'],
  ['destination-rule', 'DestinationRule'],
]);

/**
 * Of every route its VirtualService, of what a cluster has beyond Istio's defaults its DestinationRule;
 * without places.
 */
function dumpedOrigins(dump: DumpedProxy): {
  readonly origins: Origins;
  readonly fieldOrigins: FieldOrigins;
} {
  const origins: Origins = new WeakMap();
  const fieldOrigins: FieldOrigins = new WeakMap();
  for (const route of routesOf(dump)) {
    const origin = originOf(route.metadata);
    if (origin === undefined) continue;
    origins.set(route, origin);
    const action = route.route;
    if (action?.timeout !== undefined && action.timeout !== '0s')
      fieldOrigins.set(action, new Map([['timeout', origin]]));
  }
  for (const cluster of dump.clusters) {
    const origin = originOf(cluster.metadata);
    if (origin === undefined) continue;
    origins.set(cluster, origin);
    fieldOrigins.set(cluster, new Map(ruledFields(cluster).map((field) => [field, origin])));
  }
  return { origins, fieldOrigins };
}

/** Of route configurations that have a name, and of those inside listeners. */
function routesOf({ routes, listeners }: DumpedProxy): readonly Route[] {
  const inline = listeners.flatMap(({ filterChains = [], defaultFilterChain }) =>
    [...filterChains, ...(defaultFilterChain === undefined ? [] : [defaultFilterChain])].flatMap(
      ({ filters = [] }) => filters.flatMap(({ typedConfig }) => inlineRoutes(typedConfig)),
    ),
  );
  return [...routes, ...inline].flatMap(({ virtualHosts = [] }) =>
    virtualHosts.flatMap((host) => host.routes ?? []),
  );
}

function inlineRoutes(config: NetworkFilter['typedConfig']): readonly RouteConfiguration[] {
  if (config === undefined || !('routeConfig' in config)) return [];
  // The connection manager is the only filter with routes of its own.
  return [config.routeConfig as RouteConfiguration];
}

function ruledFields({ lbPolicy, outlierDetection, circuitBreakers }: Cluster): readonly string[] {
  const limits = Object.values(circuitBreakers?.thresholds?.[0] ?? {});
  return [
    ...(lbPolicy === 'LEAST_REQUEST' ? [] : ['lbPolicy']),
    ...(outlierDetection === undefined ? [] : ['outlierDetection']),
    ...(limits.some((limit) => typeof limit === 'number' && limit !== UNLIMITED)
      ? ['circuitBreakers']
      : []),
  ];
}

const UNLIMITED = 4294967295;

/** `/apis/networking.istio.io/v1/namespaces/shop/virtual-service/b`. */
function originOf(metadata: Metadata | undefined): Origin | undefined {
  const path = metadata?.filterMetadata?.['istio']?.['config'];
  const [namespace, kind = '', name] = typeof path === 'string' ? path.split('/').slice(-3) : [];
  const known = KINDS.get(kind);
  if (known === undefined || namespace === undefined || name === undefined) return undefined;
  return { kind: known, namespace, name, at: undefined };
}
