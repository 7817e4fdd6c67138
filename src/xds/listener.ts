import type {
  Address,
  CidrRange,
  DurationText,
  Json,
  Metadata,
  NamedTypedConfig,
  TransportSocket,
  TypedConfig,
} from './core.ts';
import type { RouteConfiguration } from './route.ts';

/**
 * Listener configuration.
 *
 * @source envoy: api/envoy/config/listener/v3/listener.proto, listener_components.proto;
 *   api/envoy/extensions/filters/network/http_connection_manager/v3, tcp_proxy/v3
 */
export interface Listener {
  readonly name: string;
  readonly address: Address;
  readonly additionalAddresses?: readonly { readonly address: Address }[];
  readonly bindToPort?: boolean;
  readonly useOriginalDst?: boolean;
  readonly transparent?: boolean;
  readonly statPrefix?: string;
  readonly trafficDirection?: 'INBOUND' | 'OUTBOUND' | 'UNSPECIFIED';
  readonly filterChains?: readonly FilterChain[];
  readonly defaultFilterChain?: FilterChain;
  readonly listenerFilters?: readonly ListenerFilter[];
  readonly listenerFiltersTimeout?: DurationText;
  readonly continueOnListenerFiltersTimeout?: boolean;
  readonly connectionBalanceConfig?: Json;
  readonly maxConnectionsToAcceptPerSocketEvent?: number;
  readonly accessLog?: readonly AccessLog[];
  readonly metadata?: Metadata;
}

export interface ListenerFilter extends NamedTypedConfig {
  /** The filter does not run on connections that this holds for. */
  readonly filterDisabled?: ListenerFilterChainMatchPredicate;
}

/** Exactly one of its rules. Port ranges are [start, end). */
export interface ListenerFilterChainMatchPredicate {
  readonly orMatch?: { readonly rules?: readonly ListenerFilterChainMatchPredicate[] };
  readonly andMatch?: { readonly rules?: readonly ListenerFilterChainMatchPredicate[] };
  readonly notMatch?: ListenerFilterChainMatchPredicate;
  readonly anyMatch?: boolean;
  readonly destinationPortRange?: { readonly start?: number; readonly end?: number };
}

export interface FilterChain {
  readonly name?: string;
  readonly filterChainMatch?: FilterChainMatch;
  readonly filters?: readonly NetworkFilter[];
  readonly transportSocket?: TransportSocket;
  readonly transportSocketConnectTimeout?: DurationText;
  readonly metadata?: Metadata;
}

export interface FilterChainMatch {
  readonly destinationPort?: number;
  readonly prefixRanges?: readonly CidrRange[];
  readonly directSourcePrefixRanges?: readonly CidrRange[];
  readonly sourceType?: 'ANY' | 'SAME_IP_OR_LOOPBACK' | 'EXTERNAL';
  readonly sourcePrefixRanges?: readonly CidrRange[];
  readonly sourcePorts?: readonly number[];
  readonly serverNames?: readonly string[];
  readonly transportProtocol?: string;
  readonly applicationProtocols?: readonly string[];
}

export type NetworkFilter = NamedTypedConfig<HttpConnectionManager | TcpProxy | TypedConfig>;

export interface AccessLog {
  readonly name: string;
  readonly filter?: Json;
  readonly typedConfig?: TypedConfig & { readonly [field: string]: Json | undefined };
}

/** `envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager`. */
export interface HttpConnectionManager extends TypedConfig {
  readonly statPrefix: string;
  readonly codecType?: 'AUTO' | 'HTTP1' | 'HTTP2' | 'HTTP3';
  readonly rds?: { readonly routeConfigName: string; readonly configSource?: Json };
  readonly routeConfig?: RouteConfiguration;
  readonly httpFilters?: readonly NamedTypedConfig[];
  readonly addUserAgent?: boolean;
  readonly tracing?: Json;
  readonly commonHttpProtocolOptions?: {
    readonly idleTimeout?: DurationText;
    readonly maxConnectionDuration?: DurationText;
    readonly maxStreamDuration?: DurationText;
    readonly maxRequestsPerConnection?: number;
  };
  readonly httpProtocolOptions?: {
    readonly overrideStreamErrorOnInvalidHttpMessage?: boolean;
    readonly [other: string]: Json | undefined;
  };
  readonly http2ProtocolOptions?: Json;
  readonly serverName?: string;
  readonly serverHeaderTransformation?: string;
  /** 5 min when absent; "0s" disables. */
  readonly streamIdleTimeout?: DurationText;
  readonly requestTimeout?: DurationText;
  readonly requestHeadersTimeout?: DurationText;
  readonly drainTimeout?: DurationText;
  readonly delayedCloseTimeout?: DurationText;
  readonly accessLog?: readonly AccessLog[];
  readonly useRemoteAddress?: boolean;
  readonly xffNumTrustedHops?: number;
  readonly skipXffAppend?: boolean;
  readonly via?: string;
  readonly generateRequestId?: boolean;
  readonly preserveExternalRequestId?: boolean;
  readonly alwaysSetRequestIdInResponse?: boolean;
  readonly forwardClientCertDetails?: string;
  readonly setCurrentClientCertDetails?: Json;
  readonly proxy100Continue?: boolean;
  readonly upgradeConfigs?: readonly { readonly upgradeType: string }[];
  readonly normalizePath?: boolean;
  readonly mergeSlashes?: boolean;
  readonly pathWithEscapedSlashesAction?: string;
  readonly requestIdExtension?: Json;
  readonly internalAddressConfig?: {
    readonly cidrRanges?: readonly CidrRange[];
    readonly unixSockets?: boolean;
  };
  readonly stripMatchingHostPort?: boolean;
  readonly stripAnyHostPort?: boolean;
  readonly streamErrorOnInvalidHttpMessage?: boolean;
  readonly originalIpDetectionExtensions?: Json;
  readonly localReplyConfig?: Json;
}

/** `envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy`. */
export interface TcpProxy extends TypedConfig {
  readonly statPrefix: string;
  readonly cluster?: string;
  readonly weightedClusters?: {
    readonly clusters: readonly { readonly name: string; readonly weight?: number }[];
  };
  readonly idleTimeout?: DurationText;
  readonly maxDownstreamConnectionDuration?: DurationText;
  readonly maxConnectAttempts?: number;
  readonly hashPolicy?: readonly ConnectionHashPolicy[];
  readonly tunnelingConfig?: Json;
  readonly accessLog?: readonly AccessLog[];
}

/** `envoy.type.v3.HashPolicy`: what of a connection is hashed. */
export interface ConnectionHashPolicy {
  readonly sourceIp?: Record<string, never>;
  readonly filterState?: { readonly key: string };
}
