import type {
  CircuitBreakers,
  CircuitBreakerThresholds,
  Cluster,
  CommonHttpProtocolOptions,
  CommonLbConfig,
  ConsistentHashingLbConfig,
  HealthCheck,
  Http2ProtocolOptions,
  HttpProtocolOptions,
  LbSubsetConfig,
  LeastRequestLbConfig,
  OutlierDetection,
  RingHashLbConfig,
  SlowStartConfig,
  TransportSocketMatch,
} from './cluster.ts';
import type { Json, TypedConfig } from './core.ts';
import {
  address,
  camelCased,
  headerValueOption,
  locality,
  metadata,
  namedTypedConfig,
  percent,
  runtimeDouble,
  type TypeRegistry,
  transportSocket,
  typedConfig,
} from './core-schema.ts';
import type {
  ClusterLoadAssignment,
  ClusterLoadAssignmentPolicy,
  EndpointHealthCheckConfig,
  LbEndpoint,
  LocalityLbEndpoints,
} from './endpoint.ts';
import {
  bool,
  double,
  duration,
  json,
  list,
  mapOf,
  message,
  object,
  oneOf,
  type Reader,
  required,
  text,
  uint32,
  uint64,
} from './reader.ts';
import { httpFilter } from './route-schema.ts';

/** Readers of clusters (`cluster.ts`) and endpoints (`endpoint.ts`). */
const lbEndpoint = message<LbEndpoint>({
  endpoint: message<
    NonNullable<LbEndpoint['endpoint']> & {
      readonly additionalAddresses?: Json;
    }
  >({
    address: required(address, {}),
    hostname: text,
    healthCheckConfig: message<EndpointHealthCheckConfig>({
      portValue: uint32,
      hostname: text,
      disableActiveHealthCheck: bool,
    }),
    additionalAddresses: json,
  }),
  healthStatus: oneOf('UNKNOWN', 'HEALTHY', 'UNHEALTHY', 'DRAINING', 'TIMEOUT', 'DEGRADED'),
  metadata,
  loadBalancingWeight: uint32,
});

const localityLbEndpoints = message<LocalityLbEndpoints>({
  locality,
  lbEndpoints: list(lbEndpoint),
  loadBalancingWeight: uint32,
  priority: uint32,
});

export const clusterLoadAssignment = message<ClusterLoadAssignment>({
  clusterName: required(text, ''),
  endpoints: list(localityLbEndpoints),
  policy: message<ClusterLoadAssignmentPolicy>({
    overprovisioningFactor: uint32,
    weightedPriorityHealth: bool,
  }),
});

const thresholds = message<CircuitBreakerThresholds>({
  priority: oneOf('DEFAULT', 'HIGH'),
  maxConnections: uint32,
  maxPendingRequests: uint32,
  maxRequests: uint32,
  maxRetries: uint32,
  retryBudget: message<NonNullable<CircuitBreakerThresholds['retryBudget']>>({
    budgetPercent: percent,
    minRetryConcurrency: uint32,
    budgetInterval: duration,
  }),
  trackRemaining: bool,
  maxConnectionPools: uint32,
});

const circuitBreakers = message<CircuitBreakers>({
  thresholds: list(thresholds),
  perHostThresholds: list(thresholds),
});

const outlierDetection = message<OutlierDetection>({
  consecutive5xx: uint32,
  interval: duration,
  baseEjectionTime: duration,
  maxEjectionPercent: uint32,
  enforcingConsecutive5xx: uint32,
  enforcingSuccessRate: uint32,
  successRateMinimumHosts: uint32,
  successRateRequestVolume: uint32,
  successRateStdevFactor: uint32,
  consecutiveGatewayFailure: uint32,
  enforcingConsecutiveGatewayFailure: uint32,
  splitExternalLocalOriginErrors: bool,
  consecutiveLocalOriginFailure: uint32,
  enforcingConsecutiveLocalOriginFailure: uint32,
  enforcingLocalOriginSuccessRate: uint32,
  failurePercentageThreshold: uint32,
  enforcingFailurePercentage: uint32,
  enforcingFailurePercentageLocalOrigin: uint32,
  failurePercentageMinimumHosts: uint32,
  failurePercentageRequestVolume: uint32,
  maxEjectionTime: duration,
  maxEjectionTimeJitter: duration,
  successfulActiveHealthCheckUnejectHost: bool,
  alwaysEjectOneHost: bool,
  detectDegradedHosts: bool,
});

const statusRange = message<{ readonly start?: string | number; readonly end?: string | number }>({
  start: uint64,
  end: uint64,
});

const healthCheck = message<HealthCheck>({
  timeout: duration,
  interval: duration,
  initialJitter: duration,
  intervalJitter: duration,
  intervalJitterPercent: uint32,
  unhealthyThreshold: uint32,
  healthyThreshold: uint32,
  noTrafficInterval: duration,
  noTrafficHealthyInterval: duration,
  unhealthyInterval: duration,
  unhealthyEdgeInterval: duration,
  healthyEdgeInterval: duration,
  reuseConnection: bool,
  httpHealthCheck: message<NonNullable<HealthCheck['httpHealthCheck']>>({
    host: text,
    path: required(text, '/'),
    method: text,
    codecClientType: oneOf('HTTP1', 'HTTP2', 'HTTP3'),
    requestHeadersToAdd: list(headerValueOption),
    requestHeadersToRemove: list(text),
    expectedStatuses: list(statusRange),
    retriableStatuses: list(statusRange),
  }),
  tcpHealthCheck: json,
  grpcHealthCheck: message<NonNullable<HealthCheck['grpcHealthCheck']>>({
    serviceName: text,
    authority: text,
  }),
});

const consistentHashing = message<ConsistentHashingLbConfig>({
  useHostnameForHashing: bool,
  hashBalanceFactor: uint32,
});

const commonLbConfig = message<CommonLbConfig>({
  healthyPanicThreshold: percent,
  zoneAwareLbConfig: message<NonNullable<CommonLbConfig['zoneAwareLbConfig']>>({
    routingEnabled: percent,
    minClusterSize: uint64,
    failTrafficOnPanic: bool,
    forceLocalityDirectRouting: bool,
    localityBasis: text,
  }),
  localityWeightedLbConfig: object,
  updateMergeWindow: duration,
  ignoreNewHostsUntilFirstHc: bool,
  closeConnectionsOnHostSetChange: bool,
  consistentHashingLbConfig: consistentHashing,
  overrideHostStatus: json,
});

const slowStart = message<SlowStartConfig>({
  slowStartWindow: duration,
  aggression: runtimeDouble,
  minWeightPercent: percent,
});

const fallbackPolicy = oneOf(
  'NO_FALLBACK',
  'ANY_ENDPOINT',
  'DEFAULT_SUBSET',
  'KEYS_SUBSET',
  'NOT_DEFINED',
);

/** A selector's enum has NOT_DEFINED first; the names are what configuration is written with. */
const selectorFallback = oneOf(
  'NOT_DEFINED',
  'NO_FALLBACK',
  'ANY_ENDPOINT',
  'DEFAULT_SUBSET',
  'KEYS_SUBSET',
);

const lbSubsetConfig = message<LbSubsetConfig>({
  fallbackPolicy,
  defaultSubset: mapOf(json),
  subsetSelectors: list(
    message<NonNullable<LbSubsetConfig['subsetSelectors']>[number]>({
      keys: list(text),
      fallbackPolicy: selectorFallback,
      fallbackKeysSubset: list(text),
      singleHostPerSubset: bool,
    }),
  ),
  localityWeightAware: bool,
  scaleLocalityWeight: bool,
  panicModeAny: bool,
  listAsAny: bool,
  allowRedundantKeys: bool,
});

const http2ProtocolOptions = message<Http2ProtocolOptions & { readonly [rest: string]: unknown }>({
  maxConcurrentStreams: uint32,
  connectionKeepalive: message<NonNullable<Http2ProtocolOptions['connectionKeepalive']>>({
    interval: duration,
    timeout: duration,
  }),
  initialStreamWindowSize: uint32,
  initialConnectionWindowSize: uint32,
  allowConnect: bool,
});

const protocolConfig = message<NonNullable<HttpProtocolOptions['explicitHttpConfig']>>({
  httpProtocolOptions: camelCased as Reader<Json>,
  http2ProtocolOptions,
});

const httpProtocolOptions = message<Omit<HttpProtocolOptions, '@type'>>({
  commonHttpProtocolOptions: message<CommonHttpProtocolOptions>({
    idleTimeout: duration,
    maxConnectionDuration: duration,
    maxStreamDuration: duration,
    maxRequestsPerConnection: uint32,
  }),
  upstreamHttpProtocolOptions: message<
    NonNullable<HttpProtocolOptions['upstreamHttpProtocolOptions']>
  >({ autoSni: bool, autoSanValidation: bool }),
  explicitHttpConfig: protocolConfig,
  useDownstreamProtocolConfig: protocolConfig,
  autoConfig: camelCased as Reader<Json>,
  httpFilters: list(httpFilter),
  outlierDetection: message<NonNullable<HttpProtocolOptions['outlierDetection']>>({
    errorMatcher: camelCased as Reader<Json>,
  }),
});

const PROTOCOL_OPTIONS: TypeRegistry = new Map<string, Reader<object>>([
  ['envoy.extensions.upstreams.http.v3.HttpProtocolOptions', httpProtocolOptions],
]);

/** Load-balancing policies keep their form; only their names become camelCase. */
const LB_POLICIES: TypeRegistry = new Map<string, Reader<object>>(
  [
    'round_robin',
    'least_request',
    'random',
    'ring_hash',
    'maglev',
    'subset',
    'cluster_provided',
    'wrr_locality',
    'client_side_weighted_round_robin',
    'override_host',
  ].map((policy) => [
    `envoy.extensions.load_balancing_policies.${policy}.v3.${typeNameOf(policy)}`,
    camelCased,
  ]),
);

function typeNameOf(policy: string): string {
  return policy.replace(/(^|_)([a-z])/g, (_, __, letter: string) => letter.toUpperCase());
}

const NO_TYPES: TypeRegistry = new Map();
const extension = namedTypedConfig(() => NO_TYPES);

export const cluster = message<Cluster>({
  name: required(text, ''),
  altStatName: text,
  type: oneOf('STATIC', 'STRICT_DNS', 'LOGICAL_DNS', 'EDS', 'ORIGINAL_DST'),
  clusterType: extension,
  edsClusterConfig: message<NonNullable<Cluster['edsClusterConfig']>>({
    serviceName: text,
    edsConfig: json,
  }),
  connectTimeout: duration,
  lbPolicy: (value, path, context) =>
    value === 'LOAD_BALANCING_POLICY_CONFIG' ? value : lbPolicy(value, path, context),
  loadAssignment: clusterLoadAssignment,
  circuitBreakers,
  outlierDetection,
  healthChecks: list(healthCheck),
  commonLbConfig,
  ringHashLbConfig: message<RingHashLbConfig>({
    minimumRingSize: uint64,
    maximumRingSize: uint64,
    hashFunction: oneOf('XX_HASH', 'MURMUR_HASH_2'),
  }),
  maglevLbConfig: message<NonNullable<Cluster['maglevLbConfig']>>({
    tableSize: uint64,
    consistentHashingLbConfig: consistentHashing,
  }),
  leastRequestLbConfig: message<LeastRequestLbConfig>({
    choiceCount: uint32,
    activeRequestBias: runtimeDouble,
    slowStartConfig: slowStart,
  }),
  roundRobinLbConfig: message<NonNullable<Cluster['roundRobinLbConfig']>>({
    slowStartConfig: slowStart,
  }),
  originalDstLbConfig: message<NonNullable<Cluster['originalDstLbConfig']>>({
    useHttpHeader: bool,
    upstreamPortOverride: uint32,
    httpHeaderName: text,
  }),
  lbSubsetConfig,
  loadBalancingPolicy: message<NonNullable<Cluster['loadBalancingPolicy']>>({
    policies: list(
      message<NonNullable<NonNullable<Cluster['loadBalancingPolicy']>['policies']>[number]>({
        typedExtensionConfig: namedTypedConfig(() => LB_POLICIES),
      }),
    ),
  }),
  transportSocket,
  transportSocketMatches: list(
    message<TransportSocketMatch>({
      name: required(text, ''),
      match: mapOf(json),
      transportSocket,
    }),
  ),
  typedExtensionProtocolOptions: mapOf(typedConfig(() => PROTOCOL_OPTIONS)) as Reader<{
    readonly [name: string]: TypedConfig;
  }>,
  maxRequestsPerConnection: uint32,
  upstreamConnectionOptions: message<NonNullable<Cluster['upstreamConnectionOptions']>>({
    tcpKeepalive: json,
  }),
  upstreamBindConfig: json,
  dnsRefreshRate: duration,
  dnsFailureRefreshRate: json,
  dnsJitter: duration,
  respectDnsTtl: bool,
  dnsLookupFamily: text,
  closeConnectionsOnHostHealthFailure: bool,
  ignoreHealthOnHostRemoval: bool,
  preconnectPolicy: message<NonNullable<Cluster['preconnectPolicy']>>({
    perUpstreamPreconnectRatio: double,
  }),
  cleanupInterval: duration,
  typedDnsResolverConfig: extension,
  filters: list(extension),
  metadata,
});

/** Number 5 of the enum is taken by a policy that is gone. */
const lbPolicy = oneOf(
  'ROUND_ROBIN',
  'LEAST_REQUEST',
  'RING_HASH',
  'RANDOM',
  'MAGLEV',
  'CLUSTER_PROVIDED',
);
