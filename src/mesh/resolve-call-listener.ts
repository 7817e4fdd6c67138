import { type ConnectionTraits, FilterChainMatcher } from '#envoy/listener/filter-chain-match.ts';
import { inspectConnection } from '#envoy/listener/listener-filters.ts';
import { listenerForOriginalDestination } from '#envoy/listener/original-destination.ts';
import { VIRTUAL_INBOUND_LISTENER, VIRTUAL_OUTBOUND_LISTENER } from '#istiod/special-names.ts';
import type {
  FilterChain,
  HttpConnectionManager,
  Listener,
  NetworkFilter,
  TcpProxy,
} from '#xds/listener.ts';
import type { Call } from './call.ts';

/** Why a connection ends before its bytes are understood, in the words of Istio's simulation. */
export type ConnectionError =
  | 'no listener matched'
  | 'no filter chains matched'
  | 'multiple filter chains matched'
  | 'invalid TLS'
  | 'invalid mTLS'
  | 'protocol error';

/** Which listener and filter chain take a connection, and what stands at the chain's end. */
export interface ResolvedConnection {
  readonly listener: Listener | undefined;
  readonly filterChain: FilterChain | undefined;
  readonly connectionManager: HttpConnectionManager | undefined;
  readonly tcpProxy: TcpProxy | undefined;
  readonly error: ConnectionError | undefined;
}

/**
 * Takes a connection as far as the filter that would read its first byte.
 *
 * @source istio: pilot/pkg/simulation/traffic.go, Run
 */
export function resolveConnection(listeners: readonly Listener[], call: Call): ResolvedConnection {
  const listener = listenerOf(listeners, call);
  if (listener === undefined) return { ...NOTHING, error: 'no listener matched' };
  const matcher = new FilterChainMatcher(listener.filterChains ?? [], listener.defaultFilterChain);
  const traits = traitsOf(listener, call);
  if (matcher.isAmbiguous(traits)) {
    return { ...NOTHING, listener, error: 'multiple filter chains matched' };
  }
  const filterChain = matcher.find(traits);
  if (filterChain === undefined) return { ...NOTHING, listener, error: 'no filter chains matched' };
  const connectionManager = terminal<HttpConnectionManager>(filterChain, CONNECTION_MANAGER);
  const tcpProxy = terminal<TcpProxy>(filterChain, TCP_PROXY);
  const error =
    handshakeError(filterChain, call) ?? protocolError(filterChain, connectionManager, call);
  return { listener, filterChain, connectionManager, tcpProxy, error };
}

const NOTHING: ResolvedConnection = {
  listener: undefined,
  filterChain: undefined,
  connectionManager: undefined,
  tcpProxy: undefined,
  error: undefined,
};

const CONNECTION_MANAGER = 'envoy.filters.network.http_connection_manager';
const TCP_PROXY = 'envoy.filters.network.tcp_proxy';

/** iptables hands over to the virtual listeners; a gateway has only those that it binds. */
function listenerOf(listeners: readonly Listener[], call: Call): Listener | undefined {
  const named = (name: string) => listeners.find((listener) => listener.name === name);
  if (call.isInbound) return named(VIRTUAL_INBOUND_LISTENER);
  return (
    listenerForOriginalDestination([listeners], call.address, call.port) ??
    named(VIRTUAL_OUTBOUND_LISTENER)
  );
}

/** What the listener knows of the connection when it chooses. */
function traitsOf(listener: Listener, call: Call): ConnectionTraits {
  const inspected = inspectConnection(listener.listenerFilters ?? [], {
    destinationPort: call.port,
    payload: call.protocol,
    tls: call.tls === 'none' ? undefined : { serverName: call.serverName, alpn: offeredAlpn(call) },
  });
  const { address: destinationAddress, port: destinationPort } = call;
  return { ...inspected, destinationAddress, destinationPort, sourceAddress: '', sourcePort: 0 };
}

/** What a client of that kind offers: Istio's own names with mutual TLS. */
function offeredAlpn({ tls, protocol }: Call): readonly string[] {
  if (tls === 'mutual') return [MUTUAL_ALPN[protocol]];
  return protocol === 'tcp' ? [] : [protocol];
}

const MUTUAL_ALPN = { 'http/1.1': 'istio-http/1.1', h2: 'istio-h2', tcp: 'istio' } as const;

function terminal<Config>(chain: FilterChain, name: string): Config | undefined {
  const filter: NetworkFilter | undefined = chain.filters?.find((f) => f.name === name);
  // The name of a filter tells the type of its configuration.
  return filter?.typedConfig as Config | undefined;
}

function handshakeError(
  { transportSocket }: FilterChain,
  { tls }: Call,
): ConnectionError | undefined {
  if (transportSocket === undefined) return undefined;
  if (tls === 'none') return 'invalid TLS';
  return demandsMeshCertificate(transportSocket.typedConfig) === (tls === 'mutual')
    ? undefined
    : 'invalid mTLS';
}

/** A chain with the workload's own certificate that demands one of the client. */
function demandsMeshCertificate(
  context: NonNullable<FilterChain['transportSocket']>['typedConfig'],
): boolean {
  const tls = context as DownstreamTlsContext | undefined;
  const secret = tls?.commonTlsContext?.tlsCertificateSdsSecretConfigs?.[0]?.name;
  return secret === 'default' && tls?.requireClientCertificate === true;
}

interface DownstreamTlsContext {
  readonly commonTlsContext?: {
    readonly tlsCertificateSdsSecretConfigs?: readonly { readonly name?: string }[];
  };
  readonly requireClientCertificate?: boolean;
}

/** Bytes that a connection manager cannot read. */
function protocolError(
  chain: FilterChain,
  connectionManager: HttpConnectionManager | undefined,
  { tls, protocol }: Call,
): ConnectionError | undefined {
  if (connectionManager === undefined) return undefined;
  const isStillEncrypted = tls !== 'none' && chain.transportSocket === undefined;
  return isStillEncrypted || protocol === 'tcp' ? 'protocol error' : undefined;
}
