import { compareText } from '#source/compare-text.ts';
import type {
  FilterChain,
  FilterChainMatch,
  HttpConnectionManager,
  Listener,
  TcpProxy,
} from '#xds/listener.ts';
import { describeMatch } from './proxy-config-routes.ts';
import { proxyConfigTable } from './proxy-config-table.ts';

/** By port, address, name. */
export function sortedListeners(
  listeners: readonly Listener[],
  port: number | undefined,
): readonly Listener[] {
  return listeners
    .filter((listener) => port === undefined || portOf(listener) === port)
    .sort(
      (a, b) =>
        portOf(a) - portOf(b) || compareText(ipOf(a), ipOf(b)) || compareText(a.name, b.name),
    );
}

/**
 * One row per filter chain.
 *
 * @source istio: istioctl/pkg/writer/envoy/configdump/listener.go, PrintListenerSummary
 */
export function listenersTable(listeners: readonly Listener[], port: number | undefined): string {
  const rows = sortedListeners(listeners, port).flatMap((listener) =>
    chainsOf(listener)
      .map((chain) => [
        ipOf(listener),
        String(portOf(listener)),
        describeChainMatch(chain.filterChainMatch),
        destinationOf(chain),
      ])
      .sort((a, b) => compareText(b[3]!, a[3]!)),
  );
  return proxyConfigTable(['ADDRESSES', 'PORT', 'MATCH', 'DESTINATION'], rows, 1);
}

function chainsOf(listener: Listener): readonly FilterChain[] {
  const last = listener.defaultFilterChain;
  return [...(listener.filterChains ?? []), ...(last === undefined ? [] : [last])];
}

/** Lists of application protocols that have a name. */
const KNOWN_ALPN: ReadonlyMap<string, string> = new Map([
  ['http/1.0,http/1.1,h2c', 'HTTP'],
  ['istio-peer-exchange,istio', 'TCP TLS'],
  ['istio,istio-http/1.0,istio-http/1.1,istio-h2', 'HTTP TLS'],
  ['istio-http/1.0,istio-http/1.1,istio-h2', 'Istio HTTP Plain'],
]);

function describeChainMatch(match: FilterChainMatch | undefined): string {
  const conditions: string[] = [];
  if (match?.serverNames?.length) conditions.push(`SNI: ${match.serverNames.join(',')}`);
  if (match?.transportProtocol) conditions.push(`Trans: ${match.transportProtocol}`);
  if (match?.applicationProtocols?.length) {
    const list = match.applicationProtocols.join(',');
    conditions.push(`App: ${KNOWN_ALPN.get(list) ?? list}`);
  }
  const port = match?.destinationPort === undefined ? '' : `:${match.destinationPort}`;
  if (match?.prefixRanges?.length) {
    const ranges = match.prefixRanges.map((range) => {
      const length = Number(range.prefixLen ?? 0);
      return length < 32 ? `${range.addressPrefix}/${length}` : range.addressPrefix;
    });
    conditions.push(`Addr: ${ranges.join(',')}${port}`);
  } else if (port !== '') conditions.push(`Addr: *${port}`);
  return conditions.length === 0 ? 'ALL' : conditions.join('; ');
}

function destinationOf(chain: FilterChain): string {
  for (const { typedConfig } of chain.filters ?? []) {
    const type = typedConfig?.['@type'] ?? '';
    if (type.endsWith('HttpConnectionManager'))
      return httpDestination(typedConfig as HttpConnectionManager);
    if (type.endsWith('TcpProxy')) return tcpDestination(typedConfig as TcpProxy);
  }
  return 'Non-HTTP/Non-TCP';
}

function httpDestination({ rds, routeConfig }: HttpConnectionManager): string {
  if (rds !== undefined) return `Route: ${rds.routeConfigName}`;
  const hosts = routeConfig?.virtualHosts ?? [];
  const [only] = hosts;
  const [route] = only?.routes ?? [];
  const isPlain =
    hosts.length === 1 &&
    only?.domains.length === 1 &&
    only.domains[0] === '*' &&
    only.routes?.length === 1 &&
    route?.match.prefix === '/';
  if (isPlain && route?.route?.cluster !== undefined) return clusterText(route.route.cluster);
  const texts = hosts.map((host) => {
    const paths = (host.routes ?? []).map(({ match }) => describeMatch(match));
    return `${host.domains.join('/')} ${paths.join(', ')}`;
  });
  return `Inline Route: ${texts.join('; ')}`;
}

function tcpDestination({ cluster, weightedClusters }: TcpProxy): string {
  if (cluster === undefined) {
    const names = (weightedClusters?.clusters ?? []).map(({ name }) => name);
    return names.length === 0 ? 'Non-HTTP/Non-TCP' : `Cluster: ${names.join(',')}`;
  }
  return cluster === 'BlackHoleCluster' ? 'Non-HTTP/Non-TCP' : clusterText(cluster);
}

function clusterText(cluster: string): string {
  return cluster.includes('Cluster') ? cluster : `Cluster: ${cluster}`;
}

function ipOf(listener: Listener): string {
  return listener.address.socketAddress?.address ?? '';
}

function portOf(listener: Listener): number {
  return Number(listener.address.socketAddress?.portValue ?? 0);
}
