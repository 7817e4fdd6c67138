import type {
  DurationText,
  HeaderValueOption,
  Json,
  Metadata,
  NamedTypedConfig,
  Percent,
  StringMatcher,
  TransportSocket,
  TypedConfig,
} from './core.ts';
import type { ClusterLoadAssignment } from './endpoint.ts';

/**
 * Cluster configuration.
 *
 * @source envoy: api/envoy/config/cluster/v3/cluster.proto, circuit_breaker.proto, outlier_detection.proto
 */
export interface Cluster {
  readonly name: string;
  readonly altStatName?: string;
  /** STATIC when absent. */
  readonly type?: DiscoveryType;
  readonly clusterType?: NamedTypedConfig;
  readonly edsClusterConfig?: { readonly serviceName?: string; readonly edsConfig?: Json };
  /** 5 s when absent. */
  readonly connectTimeout?: DurationText;
  /** ROUND_ROBIN when absent. */
  readonly lbPolicy?: LbPolicy;
  readonly loadAssignment?: ClusterLoadAssignment;
  readonly circuitBreakers?: CircuitBreakers;
  readonly outlierDetection?: OutlierDetection;
  readonly healthChecks?: readonly HealthCheck[];
  readonly commonLbConfig?: CommonLbConfig;
  readonly ringHashLbConfig?: RingHashLbConfig;
  readonly maglevLbConfig?: {
    readonly tableSize?: string | number;
    readonly consistentHashingLbConfig?: ConsistentHashingLbConfig;
  };
  readonly leastRequestLbConfig?: LeastRequestLbConfig;
  readonly roundRobinLbConfig?: { readonly slowStartConfig?: SlowStartConfig };
  readonly originalDstLbConfig?: {
    readonly upstreamPortOverride?: number;
    readonly useHttpHeader?: boolean;
    readonly httpHeaderName?: string;
  };
  readonly lbSubsetConfig?: LbSubsetConfig;
  readonly loadBalancingPolicy?: {
    readonly policies?: readonly { readonly typedExtensionConfig?: NamedTypedConfig }[];
  };
  readonly transportSocket?: TransportSocket;
  readonly transportSocketMatches?: readonly TransportSocketMatch[];
  readonly typedExtensionProtocolOptions?: {
    readonly [name: string]: HttpProtocolOptions | TypedConfig;
  };
  readonly maxRequestsPerConnection?: number;
  readonly upstreamConnectionOptions?: { readonly tcpKeepalive?: Json };
  readonly upstreamBindConfig?: Json;
  readonly dnsRefreshRate?: DurationText;
  readonly dnsFailureRefreshRate?: Json;
  readonly dnsJitter?: DurationText;
  readonly respectDnsTtl?: boolean;
  readonly dnsLookupFamily?: string;
  readonly typedDnsResolverConfig?: NamedTypedConfig;
  readonly closeConnectionsOnHostHealthFailure?: boolean;
  readonly ignoreHealthOnHostRemoval?: boolean;
  readonly preconnectPolicy?: { readonly perUpstreamPreconnectRatio?: number };
  readonly cleanupInterval?: DurationText;
  readonly filters?: readonly NamedTypedConfig[];
  readonly metadata?: Metadata;
}

export type DiscoveryType = 'STATIC' | 'STRICT_DNS' | 'LOGICAL_DNS' | 'EDS' | 'ORIGINAL_DST';

export type LbPolicy =
  | 'ROUND_ROBIN'
  | 'LEAST_REQUEST'
  | 'RING_HASH'
  | 'RANDOM'
  | 'MAGLEV'
  | 'CLUSTER_PROVIDED'
  | 'LOAD_BALANCING_POLICY_CONFIG';

export interface CircuitBreakers {
  readonly thresholds?: readonly CircuitBreakerThresholds[];
  readonly perHostThresholds?: readonly CircuitBreakerThresholds[];
}

export interface CircuitBreakerThresholds {
  /** DEFAULT when absent. */
  readonly priority?: 'DEFAULT' | 'HIGH';
  readonly maxConnections?: number;
  readonly maxPendingRequests?: number;
  readonly maxRequests?: number;
  readonly maxRetries?: number;
  readonly retryBudget?: {
    readonly budgetPercent?: Percent;
    readonly minRetryConcurrency?: number;
    readonly budgetInterval?: DurationText;
  };
  readonly trackRemaining?: boolean;
  readonly maxConnectionPools?: number;
}

/** Field by field as in Envoy's message; defaults are the engine's (resilience rules). */
export interface OutlierDetection {
  readonly consecutive5xx?: number;
  readonly interval?: DurationText;
  readonly baseEjectionTime?: DurationText;
  readonly maxEjectionPercent?: number;
  readonly enforcingConsecutive5xx?: number;
  readonly enforcingSuccessRate?: number;
  readonly successRateMinimumHosts?: number;
  readonly successRateRequestVolume?: number;
  readonly successRateStdevFactor?: number;
  readonly consecutiveGatewayFailure?: number;
  readonly enforcingConsecutiveGatewayFailure?: number;
  readonly splitExternalLocalOriginErrors?: boolean;
  readonly consecutiveLocalOriginFailure?: number;
  readonly enforcingConsecutiveLocalOriginFailure?: number;
  readonly enforcingLocalOriginSuccessRate?: number;
  readonly failurePercentageThreshold?: number;
  readonly enforcingFailurePercentage?: number;
  readonly enforcingFailurePercentageLocalOrigin?: number;
  readonly failurePercentageMinimumHosts?: number;
  readonly failurePercentageRequestVolume?: number;
  readonly maxEjectionTime?: DurationText;
  readonly maxEjectionTimeJitter?: DurationText;
  readonly successfulActiveHealthCheckUnejectHost?: boolean;
  readonly alwaysEjectOneHost?: boolean;
  readonly detectDegradedHosts?: boolean;
}

export interface HealthCheck {
  readonly timeout?: DurationText;
  readonly interval?: DurationText;
  readonly initialJitter?: DurationText;
  readonly intervalJitter?: DurationText;
  readonly intervalJitterPercent?: number;
  readonly unhealthyThreshold?: number;
  readonly healthyThreshold?: number;
  readonly noTrafficInterval?: DurationText;
  readonly noTrafficHealthyInterval?: DurationText;
  readonly unhealthyInterval?: DurationText;
  readonly unhealthyEdgeInterval?: DurationText;
  readonly healthyEdgeInterval?: DurationText;
  readonly reuseConnection?: boolean;
  readonly httpHealthCheck?: {
    readonly host?: string;
    readonly path: string;
    readonly method?: string;
    readonly codecClientType?: 'HTTP1' | 'HTTP2' | 'HTTP3';
    readonly requestHeadersToAdd?: readonly HeaderValueOption[];
    readonly requestHeadersToRemove?: readonly string[];
    readonly expectedStatuses?: readonly {
      readonly start?: string | number;
      readonly end?: string | number;
    }[];
    readonly retriableStatuses?: readonly {
      readonly start?: string | number;
      readonly end?: string | number;
    }[];
  };
  readonly tcpHealthCheck?: Json;
  readonly grpcHealthCheck?: { readonly serviceName?: string; readonly authority?: string };
}

export interface CommonLbConfig {
  /** 50 % when absent. */
  readonly healthyPanicThreshold?: Percent;
  readonly zoneAwareLbConfig?: {
    readonly routingEnabled?: Percent;
    readonly minClusterSize?: string | number;
    readonly failTrafficOnPanic?: boolean;
    readonly forceLocalityDirectRouting?: boolean;
    readonly localityBasis?: string;
  };
  readonly localityWeightedLbConfig?: Record<string, never>;
  /** 1 s when absent. */
  readonly updateMergeWindow?: DurationText;
  readonly ignoreNewHostsUntilFirstHc?: boolean;
  readonly closeConnectionsOnHostSetChange?: boolean;
  readonly consistentHashingLbConfig?: ConsistentHashingLbConfig;
  readonly overrideHostStatus?: Json;
}

export interface ConsistentHashingLbConfig {
  readonly useHostnameForHashing?: boolean;
  readonly hashBalanceFactor?: number;
}

export interface RingHashLbConfig {
  readonly minimumRingSize?: string | number;
  readonly maximumRingSize?: string | number;
  readonly hashFunction?: 'XX_HASH' | 'MURMUR_HASH_2';
}

export interface SlowStartConfig {
  readonly slowStartWindow?: DurationText;
  readonly aggression?: { readonly defaultValue?: number; readonly runtimeKey?: string };
  readonly minWeightPercent?: Percent;
}

export interface LeastRequestLbConfig {
  readonly choiceCount?: number;
  readonly activeRequestBias?: { readonly defaultValue?: number; readonly runtimeKey?: string };
  readonly slowStartConfig?: SlowStartConfig;
}

export type LbSubsetFallbackPolicy =
  | 'NO_FALLBACK'
  | 'ANY_ENDPOINT'
  | 'DEFAULT_SUBSET'
  | 'KEYS_SUBSET'
  | 'NOT_DEFINED';

export interface LbSubsetConfig {
  readonly fallbackPolicy?: LbSubsetFallbackPolicy;
  readonly defaultSubset?: { readonly [key: string]: Json };
  readonly subsetSelectors?: readonly {
    readonly keys?: readonly string[];
    readonly fallbackPolicy?: LbSubsetFallbackPolicy;
    readonly fallbackKeysSubset?: readonly string[];
    readonly singleHostPerSubset?: boolean;
  }[];
  readonly localityWeightAware?: boolean;
  readonly scaleLocalityWeight?: boolean;
  readonly panicModeAny?: boolean;
  readonly listAsAny?: boolean;
  readonly allowRedundantKeys?: boolean;
}

export interface TransportSocketMatch {
  readonly name: string;
  readonly match?: { readonly [key: string]: Json };
  readonly transportSocket?: TransportSocket;
}

/** The value below `envoy.extensions.upstreams.http.v3.HttpProtocolOptions`. */
export interface HttpProtocolOptions extends TypedConfig {
  readonly commonHttpProtocolOptions?: CommonHttpProtocolOptions;
  readonly upstreamHttpProtocolOptions?: {
    readonly autoSni?: boolean;
    readonly autoSanValidation?: boolean;
  };
  readonly explicitHttpConfig?: {
    readonly httpProtocolOptions?: Json;
    readonly http2ProtocolOptions?: Http2ProtocolOptions;
  };
  readonly useDownstreamProtocolConfig?: {
    readonly httpProtocolOptions?: Json;
    readonly http2ProtocolOptions?: Http2ProtocolOptions;
  };
  readonly autoConfig?: Json;
  readonly httpFilters?: readonly NamedTypedConfig[];
  readonly outlierDetection?: { readonly errorMatcher?: Json };
}

export interface CommonHttpProtocolOptions {
  /** 1 h when absent; "0s" disables. */
  readonly idleTimeout?: DurationText;
  readonly maxConnectionDuration?: DurationText;
  readonly maxStreamDuration?: DurationText;
  readonly maxRequestsPerConnection?: number;
}

export interface Http2ProtocolOptions {
  readonly maxConcurrentStreams?: number;
  readonly connectionKeepalive?: {
    readonly interval?: DurationText;
    readonly timeout?: DurationText;
  };
}

/** Any string matcher list that a TLS context may carry is kept as it is. */
export type SubjectAltNameMatcher = StringMatcher;
