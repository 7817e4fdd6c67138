import {
  boolean,
  double,
  durationNs,
  type Infer,
  int32,
  list,
  map,
  object,
  optional,
  protoEnum,
  string,
  uint32,
  uint64,
  wrapped,
} from '#source/shape.ts';
import { policySelectorShape, portSelectorShape, positiveDuration } from './shared-shapes.ts';

const localityFailoverShape = object({ from: string(), to: string() });

/** Also MeshConfig's `localityLbSetting`. */
export const localityLoadBalancerSettingShape = object({
  distribute: list(object({ from: string(), to: map(uint32()) })),
  failover: list(localityFailoverShape),
  failoverPriority: list(string()),
  enabled: wrapped(boolean()),
});
export type LocalityLoadBalancerSetting = Infer<typeof localityLoadBalancerSettingShape>;

/** Also MeshConfig's `zoneAwareLbSetting`. */
export const zoneAwareLoadBalancerSettingShape = object({
  enabled: wrapped(boolean()),
  minClusterSize: wrapped(uint32({ minimum: 1 })),
  failover: list(localityFailoverShape),
  failoverPriority: list(string()),
});
export type ZoneAwareLoadBalancerSetting = Infer<typeof zoneAwareLoadBalancerSettingShape>;

const httpCookieShape = object(
  {
    name: string(),
    path: string(),
    ttl: durationNs(),
    attributes: list(object({ name: string(), value: string() }, { required: ['name'] })),
  },
  { required: ['name'] },
);

const consistentHashShape = object(
  {
    httpHeaderName: optional(string()),
    httpCookie: httpCookieShape,
    useSourceIp: optional(boolean()),
    httpQueryParameterName: optional(string()),
    ringHash: object({ minimumRingSize: uint64() }),
    maglev: object({ tableSize: uint64() }),
    minimumRingSize: uint64(),
  },
  {
    oneOf: [
      ['httpHeaderName', 'httpCookie', 'useSourceIp', 'httpQueryParameterName'],
      ['ringHash', 'maglev'],
    ],
  },
);
export type ConsistentHash = Infer<typeof consistentHashShape>;

const backendUtilizationShape = object({
  weightExpirationPeriod: durationNs(),
  weightStabilizationPeriod: durationNs(),
  weightUpdatePeriod: durationNs(),
  errorUtilizationPenaltyPercent: uint32(),
  metricNamesForComputingUtilization: list(string()),
});

const warmupShape = object(
  {
    duration: positiveDuration(),
    minimumPercent: wrapped(double({ minimum: 0, maximum: 100 })),
    aggression: wrapped(double({ minimum: 0 })),
  },
  { required: ['duration'] },
);
export type WarmupConfiguration = Infer<typeof warmupShape>;

const loadBalancerShape = object(
  {
    simple: optional(
      protoEnum(
        'istio.networking.v1alpha3.LoadBalancerSettings.SimpleLB',
        'UNSPECIFIED',
        'LEAST_CONN',
        'RANDOM',
        'PASSTHROUGH',
        'ROUND_ROBIN',
        'LEAST_REQUEST',
      ),
    ),
    consistentHash: consistentHashShape,
    backendUtilization: backendUtilizationShape,
    localityLbSetting: localityLoadBalancerSettingShape,
    zoneAwareLbSetting: zoneAwareLoadBalancerSettingShape,
    warmupDurationSecs: positiveDuration(),
    warmup: warmupShape,
  },
  { oneOf: [['simple', 'consistentHash', 'backendUtilization']] },
);
export type LoadBalancerSettings = Infer<typeof loadBalancerShape>;

/** Also MeshConfig's `tcpKeepalive`. */
export const tcpKeepaliveShape = object({
  probes: uint32(),
  time: positiveDuration(),
  interval: positiveDuration(),
});
export type TcpKeepalive = Infer<typeof tcpKeepaliveShape>;

/** Also Sidecar's connection pools and MeshConfig's default traffic policy. */
export const connectionPoolShape = object({
  tcp: object({
    maxConnections: int32(),
    connectTimeout: positiveDuration(),
    tcpKeepalive: tcpKeepaliveShape,
    maxConnectionDuration: positiveDuration(),
    idleTimeout: durationNs(),
  }),
  http: object({
    http1MaxPendingRequests: int32(),
    http2MaxRequests: int32(),
    maxRequestsPerConnection: int32(),
    maxRetries: int32(),
    idleTimeout: positiveDuration(),
    h2UpgradePolicy: protoEnum(
      'istio.networking.v1alpha3.ConnectionPoolSettings.HTTPSettings.H2UpgradePolicy',
      'DEFAULT',
      'DO_NOT_UPGRADE',
      'UPGRADE',
    ),
    useClientProtocol: boolean(),
    maxConcurrentStreams: int32(),
    http2KeepAlive: object({ interval: positiveDuration(), timeout: positiveDuration() }),
  }),
});
export type ConnectionPoolSettings = Infer<typeof connectionPoolShape>;

/** Also part of MeshConfig's default traffic policy. */
export const outlierDetectionShape = object({
  consecutiveErrors: int32(),
  splitExternalLocalOriginErrors: boolean(),
  consecutiveLocalOriginFailures: wrapped(uint32()),
  consecutiveGatewayErrors: wrapped(uint32()),
  consecutive5xxErrors: wrapped(uint32()),
  interval: positiveDuration(),
  baseEjectionTime: positiveDuration(),
  maxEjectionPercent: int32(),
  minHealthPercent: int32(),
  outlierDetectionHttpErrorCodes: list(uint32({ minimum: 100, maximum: 599 })),
});
export type OutlierDetection = Infer<typeof outlierDetectionShape>;

const clientTlsSettingsShape = object({
  mode: protoEnum(
    'istio.networking.v1alpha3.ClientTLSSettings.TLSmode',
    'DISABLE',
    'SIMPLE',
    'MUTUAL',
    'ISTIO_MUTUAL',
  ),
  clientCertificate: string(),
  privateKey: string(),
  caCertificates: string(),
  credentialName: string(),
  subjectAltNames: list(string()),
  sni: string(),
  insecureSkipVerify: wrapped(boolean()),
  caCrl: string(),
});
export type ClientTlsSettings = Infer<typeof clientTlsSettingsShape>;

const portTrafficPolicyShape = object({
  port: portSelectorShape,
  loadBalancer: loadBalancerShape,
  connectionPool: connectionPoolShape,
  outlierDetection: outlierDetectionShape,
  tls: clientTlsSettingsShape,
});
export type PortTrafficPolicy = Infer<typeof portTrafficPolicyShape>;

const tunnelShape = object(
  { protocol: string(), targetHost: string(), targetPort: uint32() },
  { required: ['targetHost', 'targetPort'] },
);
export type TunnelSettings = Infer<typeof tunnelShape>;

const proxyProtocolShape = object({
  version: protoEnum('istio.networking.v1alpha3.TrafficPolicy.ProxyProtocol.VERSION', 'V1', 'V2'),
});
export type ProxyProtocol = Infer<typeof proxyProtocolShape>;

const retryBudgetShape = object({
  percent: wrapped(double({ minimum: 0, maximum: 100 })),
  minRetryConcurrency: uint32(),
  budgetInterval: durationNs(),
});
export type RetryBudget = Infer<typeof retryBudgetShape>;

const trafficPolicyShape = object({
  loadBalancer: loadBalancerShape,
  connectionPool: connectionPoolShape,
  outlierDetection: outlierDetectionShape,
  tls: clientTlsSettingsShape,
  portLevelSettings: list(portTrafficPolicyShape, { maxItems: 4096 }),
  tunnel: tunnelShape,
  proxyProtocol: proxyProtocolShape,
  retryBudget: retryBudgetShape,
});
export type TrafficPolicy = Infer<typeof trafficPolicyShape>;

const subsetShape = object(
  { name: string(), labels: map(string()), trafficPolicy: trafficPolicyShape },
  { required: ['name'] },
);
export type Subset = Infer<typeof subsetShape>;

/** @source istio.io/api: networking/v1alpha3/destination_rule.proto, DestinationRule */
export const destinationRuleShape = object(
  {
    host: string(),
    trafficPolicy: trafficPolicyShape,
    subsets: list(subsetShape),
    exportTo: list(string()),
    workloadSelector: policySelectorShape,
  },
  { required: ['host'] },
);
export type DestinationRuleSpec = Infer<typeof destinationRuleShape>;
