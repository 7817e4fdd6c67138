import {
  anyValue,
  boolean,
  durationNs,
  enumeration,
  type Infer,
  int32,
  list,
  map,
  openObject,
  optional,
  string,
  wrapped,
} from '#source/shape.ts';
import {
  connectionPoolShape,
  localityLoadBalancerSettingShape,
  outlierDetectionShape,
  tcpKeepaliveShape,
  zoneAwareLoadBalancerSettingShape,
} from './destination-rule.ts';
import { httpRetryShape } from './virtual-service.ts';

/** Also the annotation `proxy.istio.io/config`. @source istio.io/api: mesh/v1alpha1/proxy.proto */
export const proxyDefaultsShape = openObject({
  concurrency: wrapped(int32()),
  holdApplicationUntilProxyStarts: wrapped(boolean()),
  terminationDrainDuration: durationNs(),
  drainDuration: durationNs(),
  discoveryAddress: string(),
  proxyMetadata: map(string()),
  statsHistogramBuckets: openObject({}),
  connectionSettings: openObject({
    profile: enumeration('UNSPECIFIED', 'EDGE'),
    httpIdleTimeout: durationNs(),
    httpStreamIdleTimeout: durationNs(),
    httpRequestTimeout: durationNs(),
    httpRequestHeadersTimeout: durationNs(),
  }),
});
export type ProxyDefaults = Infer<typeof proxyDefaultsShape>;

const labelSelectorShape = openObject({
  matchLabels: map(string()),
  matchExpressions: list(openObject({ key: string(), operator: string(), values: list(string()) })),
});
export type LabelSelector = Infer<typeof labelSelectorShape>;

/**
 * The mesh configuration as it is written: what is absent here gets Istio's default in
 * istiod. Fields that decide no traffic are passed over.
 *
 * @source istio.io/api: mesh/v1alpha1/config.proto, MeshConfig
 */
export const meshConfigShape = openObject({
  proxyListenPort: optional(int32()),
  proxyInboundListenPort: optional(int32()),
  proxyHttpPort: optional(int32()),
  connectTimeout: durationNs(),
  protocolDetectionTimeout: durationNs(),
  tcpKeepalive: tcpKeepaliveShape,
  accessLogFile: optional(string()),
  accessLogFormat: optional(string()),
  accessLogEncoding: optional(enumeration('TEXT', 'JSON')),
  defaultConfig: proxyDefaultsShape,
  outboundTrafficPolicy: openObject({
    mode: enumeration('REGISTRY_ONLY', 'ALLOW_ANY', 'ALLOW_ANY_DYNAMIC_DNS'),
  }),
  inboundTrafficPolicy: openObject({ mode: enumeration('PASSTHROUGH', 'LOCALHOST') }),
  enableAutoMtls: wrapped(boolean()),
  trustDomain: optional(string()),
  trustDomainAliases: list(string()),
  rootNamespace: optional(string()),
  localityLbSetting: localityLoadBalancerSettingShape,
  zoneAwareLbSetting: zoneAwareLoadBalancerSettingShape,
  dnsRefreshRate: durationNs(),
  h2UpgradePolicy: optional(enumeration('DO_NOT_UPGRADE', 'UPGRADE')),
  defaultServiceExportTo: list(string()),
  defaultVirtualServiceExportTo: list(string()),
  defaultDestinationRuleExportTo: list(string()),
  defaultHttpRetryPolicy: httpRetryShape,
  defaultInboundHttpRetryPolicy: httpRetryShape,
  defaultTrafficPolicy: openObject({
    connectionPool: connectionPoolShape,
    outlierDetection: outlierDetectionShape,
  }),
  pathNormalization: openObject({
    normalization: enumeration(
      'DEFAULT',
      'NONE',
      'BASE',
      'MERGE_SLASHES',
      'DECODE_AND_MERGE_SLASHES',
    ),
  }),
  meshMTLS: openObject({
    minProtocolVersion: string(),
    cipherSuites: list(string()),
    ecdhCurves: list(string()),
  }),
  tlsDefaults: openObject({
    minProtocolVersion: string(),
    cipherSuites: list(string()),
    ecdhCurves: list(string()),
  }),
  serviceSettings: list(
    openObject({ settings: openObject({ clusterLocal: boolean() }), hosts: list(string()) }),
  ),
  discoverySelectors: list(labelSelectorShape),
  defaultProviders: openObject({
    accessLogging: list(string()),
    metrics: list(string()),
    tracing: list(string()),
  }),
  extensionProviders: list(
    openObject({
      name: string(),
      lightstep: anyValue(),
      envoyFileAccessLog: openObject({
        path: string(),
        logFormat: openObject({ text: optional(string()), labels: anyValue() }),
        omitEmptyValues: boolean(),
      }),
    }),
  ),
  ingressService: optional(string()),
  ingressSelector: optional(string()),
  enablePrometheusMerge: wrapped(boolean()),
  verifyCertificateAtClient: wrapped(boolean()),
});
export type MeshConfigSpec = Infer<typeof meshConfigShape>;
