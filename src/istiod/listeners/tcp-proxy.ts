import type { RouteDestination } from '#config/istio/virtual-service.ts';
import { formatProtoDuration } from '#source/duration.ts';
import type { AccessLog, NetworkFilter, TcpProxy } from '#xds/listener.ts';
import { type ConsolidatedDestinationRule, subsetOf } from '../model/destination-rule-merge.ts';
import type { HostName } from '../model/host-name.ts';
import type { Protocol } from '../model/protocol.ts';
import type { Service } from '../model/service.ts';
import { destinationCluster } from '../routes/destination-cluster.ts';

/** What the TCP proxies of a proxy have in common, and how they look destinations up. */
export interface TcpProxySettings {
  readonly lookupService: (host: HostName) => Service | undefined;
  readonly lookupRule: (host: HostName) => ConsolidatedDestinationRule | undefined;
  /** `ISTIO_META_IDLE_TIMEOUT`. */
  readonly idleTimeout: string | undefined;
  readonly accessLog: readonly AccessLog[];
}

/** A TCP proxy to one cluster. */
export interface SingleDestination {
  readonly cluster: string;
  readonly statPrefix: string;
  readonly subset: string;
  readonly protocol: Protocol;
  readonly rule: ConsolidatedDestinationRule | undefined;
}

/**
 * The filters of a chain to one cluster. Idle timeout, maximal duration and tunnel come from the
 * DestinationRule's top level; they are the listener's business, not the cluster's.
 *
 * @source istio: pilot/pkg/networking/core/networkfilter.go, buildOutboundNetworkFiltersWithSingleDestination
 */
export function tcpFilters(
  to: SingleDestination,
  settings: TcpProxySettings,
): readonly NetworkFilter[] {
  const tunnel = to.subset === '' ? to.rule?.policy : subsetOf(to.rule, to.subset)?.policy;
  const tcpProxy: TcpProxy = {
    '@type': TCP_PROXY,
    statPrefix: to.statPrefix,
    cluster: to.cluster,
    ...connectionLimits(to.rule, settings),
    ...hashPolicy(to.rule, to.subset),
    ...tunnelingConfig(tunnel?.policy.tunnel),
    ...accessLog(settings),
  };
  return protocolFilters(to.protocol, to.statPrefix, tcpProxy);
}

/** Where a route leads, on which port, and which resource said so. */
export interface RoutedConnection {
  readonly routes: readonly RouteDestination[];
  readonly port: number;
  readonly protocol: Protocol;
  /** `name.namespace` of the VirtualService. */
  readonly statPrefix: string;
}

/**
 * The filters of a chain to the destinations of a TCP or TLS route; several are chosen between for each
 * connection.
 *
 * @source istio: the same file, buildOutboundNetworkFilters
 */
export function routedTcpFilters(
  { routes, port, protocol, statPrefix }: RoutedConnection,
  settings: TcpProxySettings,
): readonly NetworkFilter[] {
  const first = routes[0]?.destination;
  const service = settings.lookupService(first?.host ?? '');
  const rule = service && settings.lookupRule(service.hostname);
  if (routes.length === 1) {
    const cluster = destinationCluster(first, service, port);
    const subset = first?.subset ?? '';
    return tcpFilters({ cluster, statPrefix: cluster, subset, protocol, rule }, settings);
  }
  const clusters = routes
    .filter(({ weight }) => weight > 0)
    .map(({ destination, weight }) => {
      const target = settings.lookupService(destination?.host ?? '');
      return { name: destinationCluster(destination, target, port), weight };
    });
  const tcpProxy: TcpProxy = {
    '@type': TCP_PROXY,
    statPrefix,
    weightedClusters: { clusters },
    ...connectionLimits(rule, settings),
    ...hashPolicy(rule, ''),
    ...tunnelingConfig(rule?.policy?.policy.tunnel),
    ...accessLog(settings),
  };
  return protocolFilters(protocol, statPrefix, tcpProxy);
}

/** A TCP proxy that no DestinationRule speaks of: special clusters, and the inbound side. */
export function plainTcpProxy(
  cluster: string,
  settings: Pick<TcpProxySettings, 'idleTimeout' | 'accessLog'>,
): NetworkFilter {
  const idleTimeout = settings.idleTimeout;
  const typedConfig: TcpProxy = {
    '@type': TCP_PROXY,
    statPrefix: cluster,
    cluster,
    ...(idleTimeout === undefined ? {} : { idleTimeout }),
    ...accessLog(settings),
  };
  return { name: TCP_PROXY_FILTER, typedConfig };
}

const TCP_PROXY_FILTER = 'envoy.filters.network.tcp_proxy';
const TCP_PROXY = 'type.googleapis.com/envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy';

function connectionLimits(
  rule: ConsolidatedDestinationRule | undefined,
  settings: TcpProxySettings,
): Partial<TcpProxy> {
  const tcp = rule?.policy?.policy.connectionPool?.tcp;
  const ruled = tcp?.idleTimeout;
  const idleTimeout = ruled === undefined ? settings.idleTimeout : formatProtoDuration(ruled);
  const maximum = tcp?.maxConnectionDuration;
  return {
    ...(idleTimeout === undefined ? {} : { idleTimeout }),
    ...(maximum === undefined
      ? {}
      : { maxDownstreamConnectionDuration: formatProtoDuration(maximum) }),
  };
}

/** Of all hash keys only the source address means anything here. @source istio: the same file, maybeSetHashPolicy */
function hashPolicy(
  rule: ConsolidatedDestinationRule | undefined,
  subset: string,
): Partial<TcpProxy> {
  const own = subsetOf(rule, subset)?.policy?.policy.loadBalancer;
  const balancer = own ?? rule?.policy?.policy.loadBalancer;
  return balancer?.consistentHash?.useSourceIp ? { hashPolicy: [{ sourceIp: {} }] } : {};
}

/** @source istio: pilot/pkg/networking/core/tunnelingconfig/apply.go */
function tunnelingConfig(
  tunnel:
    | { readonly protocol: string; readonly targetHost: string; readonly targetPort: number }
    | undefined,
): Partial<TcpProxy> {
  if (tunnel === undefined) return {};
  const hostname = `${tunnel.targetHost}:${tunnel.targetPort}`;
  return {
    tunnelingConfig: { hostname, ...(tunnel.protocol === 'POST' ? { usePost: true } : {}) },
  };
}

function accessLog({ accessLog: logs }: Pick<TcpProxySettings, 'accessLog'>): Partial<TcpProxy> {
  return logs.length === 0 ? {} : { accessLog: logs };
}

/** @source istio: networkfilter.go, buildNetworkFiltersStack */
function protocolFilters(
  protocol: Protocol,
  statPrefix: string,
  typedConfig: TcpProxy,
): readonly NetworkFilter[] {
  const tcp = { name: TCP_PROXY_FILTER, typedConfig };
  return protocol === 'Mongo' ? [mongoFilter(statPrefix), tcp] : [tcp];
}

function mongoFilter(statPrefix: string): NetworkFilter {
  const name = 'envoy.filters.network.mongo_proxy';
  const typedConfig = {
    '@type': 'type.googleapis.com/envoy.extensions.filters.network.mongo_proxy.v3.MongoProxy',
    statPrefix,
  };
  return { name, typedConfig };
}
