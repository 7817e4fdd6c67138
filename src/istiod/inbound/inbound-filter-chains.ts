import type { HttpRetry } from '#config/istio/virtual-service.ts';
import type { Metadata, TransportSocket } from '#xds/core.ts';
import type { FilterChain, NetworkFilter } from '#xds/listener.ts';
import type { RouteConfiguration } from '#xds/route.ts';
import type { OriginNotes } from '../clusters/cluster-origins.ts';
import {
  buildConnectionManager,
  type ConnectionManagerSettings,
  delimitedStatPrefix,
} from '../listeners/connection-manager.ts';
import { listenerName } from '../listeners/outbound-listener-entry.ts';
import { plainTcpProxy, type TcpProxySettings } from '../listeners/tcp-proxy.ts';
import { meshInboundTls } from '../listeners/tls-context.ts';
import type { IstioBehaviours } from '../model/istio-version.ts';
import type { MutualTlsMode } from '../model/peer-authentication.ts';
import type { Protocol } from '../model/protocol.ts';
import type { Origin } from '../origin.ts';
import { defaultInboundRoute } from '../routes/default-route.ts';
import {
  VIRTUAL_INBOUND_CATCH_ALL_HTTP_CHAIN,
  VIRTUAL_INBOUND_LISTENER,
} from '../special-names.ts';
import { type InboundChainKind, inboundChainKinds } from './match-options.ts';

/** A port of the workload: what serves there, or everything else (`targetPort` 0). */
export interface InboundPort {
  readonly targetPort: number;
  /** The service's own number for it, as traces and the virtual host name it. */
  readonly servicePort: number;
  readonly protocol: Protocol;
  readonly cluster: string;
  /** The service's host name, for traces. */
  readonly host: string;
  /** The address in the chain's name. */
  readonly bind: string;
  /** Ports that no service mentions. */
  readonly isPassthrough: boolean;
  /** Names the resource that the port comes from. */
  readonly metadata: Metadata | undefined;
  readonly origin: Origin | undefined;
}

/** What all inbound chains of a proxy have in common. */
export interface InboundContext {
  readonly connectionManager: ConnectionManagerSettings;
  readonly tcp: Pick<TcpProxySettings, 'idleTimeout' | 'accessLog'>;
  readonly trustDomains: readonly string[];
  readonly inboundRetries: HttpRetry | undefined;
  readonly behaviours: IstioBehaviours;
  readonly notes: OriginNotes;
  /** The policy that decides about TLS, if any does. */
  readonly mutualTlsOrigin: Origin | undefined;
}

/**
 * The chains of one port.
 *
 * @source istio: pilot/pkg/networking/core/listener_inbound.go, inboundChainForOpts
 */
export function inboundChains(
  port: InboundPort,
  mode: MutualTlsMode,
  context: InboundContext,
): FilterChain[] {
  return inboundChainKinds(port.protocol, mode).map((kind) => {
    const socket = kind.terminatesTls
      ? meshInboundTls(kind.carries, context.trustDomains)
      : undefined;
    return inboundChain(port, kind, socket, context);
  });
}

/** One chain; `transportSocket` where it terminates TLS. */
export function inboundChain(
  port: InboundPort,
  kind: InboundChainKind,
  transportSocket: TransportSocket | undefined,
  context: InboundContext,
): FilterChain {
  const destination = port.targetPort === 0 ? {} : { destinationPort: port.targetPort };
  const { metadata } = port;
  const chain: FilterChain = {
    name: chainName(port, kind),
    filterChainMatch: { ...destination, ...kind.match },
    filters: [
      METADATA_EXCHANGE,
      kind.carries === 'http'
        ? httpFilter(port, context)
        : plainTcpProxy(port.cluster, context.tcp),
    ],
    ...(transportSocket === undefined ? {} : { transportSocket }),
    ...(metadata === undefined ? {} : { metadata }),
  };
  noteChain(chain, port, context);
  return chain;
}

function noteChain(
  chain: FilterChain,
  { origin }: InboundPort,
  { notes, mutualTlsOrigin }: InboundContext,
): void {
  if (origin !== undefined) notes.origins.set(chain, origin);
  if (mutualTlsOrigin === undefined) return;
  const fields = ['filterChainMatch', 'transportSocket'] as const;
  notes.fieldOrigins.set(chain, new Map(fields.map((field) => [field, mutualTlsOrigin])));
}

/** Istio's peers tell each other who they are. */
export const METADATA_EXCHANGE: NetworkFilter = metadataExchange();

function metadataExchange(): NetworkFilter {
  const typedConfig = {
    '@type': 'type.googleapis.com/udpa.type.v1.TypedStruct',
    typeUrl: 'type.googleapis.com/envoy.tcp.metadataexchange.config.MetadataExchange',
    value: { protocol: 'istio-peer-exchange', enable_discovery: true },
  };
  return { name: 'istio.metadata_exchange', typedConfig };
}

function chainName(
  { isPassthrough, bind, targetPort }: InboundPort,
  kind: InboundChainKind,
): string {
  if (!isPassthrough) return listenerName(bind, targetPort);
  return kind.carries === 'http' ? VIRTUAL_INBOUND_CATCH_ALL_HTTP_CHAIN : VIRTUAL_INBOUND_LISTENER;
}

function httpFilter(port: InboundPort, context: InboundContext): NetworkFilter {
  const statPrefix = port.isPassthrough
    ? port.cluster
    : `inbound_${listenerName(port.bind, port.targetPort)}`;
  return buildConnectionManager(
    {
      class: 'sidecar-inbound',
      statPrefix: delimitedStatPrefix(statPrefix),
      route: inboundRoutes(port, context),
      protocol: port.protocol,
    },
    context.connectionManager,
  );
}

/**
 * One virtual host, one route to the application. No VirtualService is asked.
 *
 * @source istio: pilot/pkg/networking/core/httproute.go, buildSidecarInboundHTTPRouteConfig
 */
function inboundRoutes(port: InboundPort, context: InboundContext): RouteConfiguration {
  const route = defaultInboundRoute({
    cluster: port.cluster,
    host: port.host,
    port: port.servicePort,
    protocol: port.protocol,
    retries: context.inboundRetries,
    retriesInbound: context.behaviours.retriesInbound,
  });
  return {
    name: port.cluster,
    virtualHosts: [{ name: `inbound|http|${port.servicePort}`, domains: ['*'], routes: [route] }],
    validateClusters: false,
  };
}
