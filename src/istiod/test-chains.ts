import type {
  FilterChain,
  FilterChainMatch,
  HttpConnectionManager,
  Listener,
  TcpProxy,
} from '#xds/listener.ts';

/** The listener of that name; a test that names another is wrong. */
export function listenerNamed(listeners: readonly Listener[], name: string): Listener {
  const found = listeners.find((listener) => listener.name === name);
  if (found === undefined) {
    throw new Error(
      `${name} is not among ${listeners.map((listener) => listener.name).join(', ')}`,
    );
  }
  return found;
}

/**
 * The chains of a listener, one line each: what a chain matches, and where it leads. `10.0.0.0/8
 * sni=a.example raw_buffer http/1.1,h2c -> routes 80`; `any` = everything, `else` = the default chain.
 */
export function chainsOf({ filterChains = [], defaultFilterChain }: Listener): string[] {
  const last = defaultFilterChain === undefined ? [] : [`else -> ${target(defaultFilterChain)}`];
  return [...filterChains.map((it) => `${matched(it.filterChainMatch)} -> ${target(it)}`), ...last];
}

function matched(match: FilterChainMatch = {}): string {
  const { prefixRanges = [], serverNames = [], applicationProtocols = [] } = match;
  const parts = [
    match.destinationPort === undefined ? '' : `:${match.destinationPort}`,
    prefixRanges.map((range) => `${range.addressPrefix}/${range.prefixLen ?? 0}`).join(),
    serverNames.length === 0 ? '' : `sni=${serverNames.join()}`,
    match.transportProtocol ?? '',
    applicationProtocols.join(),
  ];
  return parts.filter((part) => part !== '').join(' ') || 'any';
}

function target({ filters = [], transportSocket }: FilterChain): string {
  const config = filters.at(-1)?.typedConfig as Partial<HttpConnectionManager & TcpProxy>;
  const tls = transportSocket === undefined ? '' : 'TLS, ';
  if (config.weightedClusters !== undefined) {
    const shares = config.weightedClusters.clusters.map(({ name, weight }) => `${weight} ${name}`);
    return `${tls}${shares.join(' + ')}`;
  }
  if (config.cluster !== undefined) return `${tls}${config.cluster}`;
  const { rds, routeConfig } = config;
  return `${tls}routes ${rds?.routeConfigName ?? routeConfig?.name}`;
}
