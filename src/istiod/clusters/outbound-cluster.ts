import type { Cluster, CommonLbConfig, DiscoveryType } from '#xds/cluster.ts';
import type { NamedTypedConfig } from '#xds/core.ts';
import { placeOf } from '../endpoints/load-assignments.ts';
import { type LocalityGroup, xdsGroup } from '../endpoints/locality-group.ts';
import {
  applyLocalitySetting,
  type EffectiveLocalitySetting,
  effectiveLocalitySetting,
  localityLbConfig,
} from '../endpoints/locality-setting.ts';
import type { ConsolidatedDestinationRule } from '../model/destination-rule-merge.ts';
import { NO_LABELS } from '../model/labels.ts';
import type { MeshModel } from '../model/mesh-model.ts';
import type { MutualTlsMode } from '../model/peer-authentication.ts';
import type { ProxyModel } from '../model/proxy.ts';
import { type Service, type ServicePort, supportsDrainingEndpoints } from '../model/service.ts';
import type { EffectivePolicy } from '../model/traffic-policy.ts';
import { clusterMetadata } from './cluster-metadata.ts';
import { type ConnectionPoolParts, connectionPoolParts } from './connection-pool.ts';
import { dnsParts, isDnsType } from './dns-cluster.ts';
import {
  declaredHttpVersion,
  effectiveHttpVersion,
  HTTP_PROTOCOL_OPTIONS,
  httpProtocolOptions,
  type UpstreamHttpVersion,
} from './http-protocol-options.ts';
import { isPassthrough, loadBalancerParts } from './load-balancer.ts';
import { outlierDetection, outlierErrorMatcher, panicThreshold } from './outlier-detection.ts';
import { withProxyProtocol } from './proxy-protocol.ts';
import { type TransportParts, transportParts } from './transport-socket.ts';

/** Everything that decides one outbound cluster. */
export interface OutboundClusterInput {
  readonly model: MeshModel;
  readonly proxy: ProxyModel;
  readonly name: string;
  /** Before a rule makes it pass through. */
  readonly type: DiscoveryType;
  readonly service: Service;
  readonly port: ServicePort;
  /** Undefined for the service itself. */
  readonly subset: string | undefined;
  readonly rule: ConsolidatedDestinationRule | undefined;
  readonly policy: EffectivePolicy;
  /** Of DNS clusters: the endpoints that stand in the cluster. */
  readonly groups: readonly LocalityGroup[];
  readonly serviceMode: MutualTlsMode;
  /** The SNI of automatic mTLS; undefined for clusters behind AUTO_PASSTHROUGH, which speak no TLS. */
  readonly sni: string | undefined;
  /** The names that requests ask for are resolved then. */
  readonly isDynamicForwardProxy?: boolean;
}

/**
 * A cluster of a service or subset. Undefined when it would need endpoints in itself and has none.
 *
 * @source istio: pilot/pkg/networking/core/cluster_builder.go, buildCluster, buildSubsetCluster;
 *   cluster_traffic_policy.go, applyTrafficPolicy
 */
export function outboundCluster(input: OutboundClusterInput): Cluster | undefined {
  const { model, proxy, service, port, policy } = input;
  if (isDnsType(input.type) && input.groups.length === 0) return undefined;
  const passesThrough = input.type === 'ORIGINAL_DST' || isPassthrough(policy.loadBalancer?.value);
  const type = passesThrough ? 'ORIGINAL_DST' : input.type;
  const setting = localitySettingOf(input);
  const pool = connectionPoolParts(
    model.meshConfig,
    policy.connectionPool?.value,
    policy.retryBudget?.value,
  );
  const version = httpVersionOf(input);
  const transport = transportOf(input, type, version);
  const portOverride = service.passthroughTargetPorts.get(port.port);
  return {
    name: input.name,
    altStatName: `${input.name};`,
    type,
    ...dnsParts(input.type, service, model.meshConfig, proxy),
    ...(isDnsType(type) ? { loadAssignment: dnsAssignment(input, setting) } : {}),
    ...(input.type === 'ORIGINAL_DST' && portOverride !== undefined
      ? { originalDstLbConfig: { upstreamPortOverride: portOverride } }
      : {}),
    ...(type === 'EDS' ? { edsClusterConfig: edsConfig(input.name) } : {}),
    connectTimeout: pool.connectTimeout,
    ...(passesThrough ? PASSTHROUGH_BALANCING : loadBalancerParts(policy.loadBalancer?.value)),
    circuitBreakers: pool.circuitBreakers,
    ...(pool.upstreamConnectionOptions === undefined
      ? {}
      : { upstreamConnectionOptions: pool.upstreamConnectionOptions }),
    ...outlierParts(policy),
    commonLbConfig: commonLbConfig(input, setting),
    ...protocolOptions(input, version, pool, transport),
    ...(transport.transportSocket === undefined
      ? {}
      : { transportSocket: transport.transportSocket }),
    ...(transport.transportSocketMatches === undefined
      ? {}
      : { transportSocketMatches: transport.transportSocketMatches }),
    filters: METADATA_EXCHANGE,
    metadata: metadataOf(input),
  };
}

const PASSTHROUGH_BALANCING = { lbPolicy: 'CLUSTER_PROVIDED' } as const;

/** Peers tell each other who they are. @source istio: pilot/pkg/xds/filters/filters.go, TCPClusterMx */
export const METADATA_EXCHANGE: readonly NamedTypedConfig[] = [metadataExchange()];

function metadataExchange(): NamedTypedConfig {
  const typedConfig = {
    '@type': 'type.googleapis.com/udpa.type.v1.TypedStruct',
    typeUrl: 'type.googleapis.com/envoy.tcp.metadataexchange.config.MetadataExchange',
    value: { protocol: 'istio-peer-exchange', enable_discovery: true },
  };
  return { name: 'istio.metadata_exchange', typedConfig };
}

function edsConfig(serviceName: string): NonNullable<Cluster['edsClusterConfig']> {
  return {
    edsConfig: { ads: {}, initialFetchTimeout: '0s', resourceApiVersion: 'V3' },
    serviceName,
  };
}

function localitySettingOf({
  model,
  policy,
  service,
}: OutboundClusterInput): EffectiveLocalitySetting | undefined {
  return effectiveLocalitySetting(model.meshConfig, policy.loadBalancer?.value, service);
}

/** The endpoints of a DNS cluster, weighed for this client. */
function dnsAssignment(
  input: OutboundClusterInput,
  setting: EffectiveLocalitySetting | undefined,
): NonNullable<Cluster['loadAssignment']> {
  const hasOutlierDetection = input.policy.outlierDetection !== undefined;
  const { locality, labels } = placeOf(input.proxy);
  // istiod keeps the endpoints that labels are compared with for the service's own cluster alone.
  const client = { locality, labels: input.subset === undefined ? labels : NO_LABELS };
  const groups = applyLocalitySetting(setting, input.groups, client, hasOutlierDetection);
  return { clusterName: input.name, endpoints: groups.map(xdsGroup) };
}

function httpVersionOf({ port, proxy, policy, model }: OutboundClusterInput): UpstreamHttpVersion {
  return effectiveHttpVersion(
    declaredHttpVersion(port.protocol, proxy.kind === 'sidecar'),
    policy.connectionPool?.value.http ?? {},
    model.meshConfig.h2UpgradePolicy === 'UPGRADE',
    port.protocol,
  );
}

const NO_TLS: TransportParts = { autoSni: false, autoSanValidation: false };

function transportOf(
  input: OutboundClusterInput,
  type: DiscoveryType,
  version: UpstreamHttpVersion,
): TransportParts {
  const { model, proxy, service, policy, rule, sni } = input;
  if (sni === undefined) return NO_TLS;
  const parts = transportParts({
    settings: policy.tls?.value,
    sni,
    serviceAccounts: model.endpointIndex.serviceAccounts(service),
    isHttp2: version === 'http2',
    isExternal: service.registry === 'External',
    cipherSuites: model.meshConfig.tlsCipherSuites,
    ecdhCurves: model.meshConfig.tlsEcdhCurves,
    isAutoMtlsEnabled: model.meshConfig.enableAutoMtls,
    isMeshExternal: service.meshExternal,
    serviceMode: input.serviceMode,
    isSidecar: proxy.kind === 'sidecar',
    hasWorkloadSelector: rule?.workloadSelector !== undefined,
    type,
    verifiesByDefault: model.behaviours.verifiesServersByDefault,
    setsSniFromHost: model.behaviours.setsSniFromHost,
    isDynamicForwardProxy: input.isDynamicForwardProxy ?? false,
  });
  return withProxyProtocol(parts, policy.proxyProtocol?.value);
}

function outlierParts(policy: EffectivePolicy): Pick<Cluster, 'outlierDetection'> {
  const settings = policy.outlierDetection?.value;
  return settings === undefined ? {} : { outlierDetection: outlierDetection(settings) };
}

/** @source istio: cluster_traffic_policy.go, applyOutlierDetection, applyLoadBalancer */
function commonLbConfig(
  { policy, model, service }: OutboundClusterInput,
  setting: EffectiveLocalitySetting | undefined,
): CommonLbConfig {
  const settings = policy.outlierDetection?.value;
  const isForced = service.trafficDistribution !== 'Any';
  const silencesPanic = isForced || model.behaviours.sendsUnhealthyEndpoints;
  const panic = settings === undefined || isForced ? {} : panicThreshold(settings);
  return {
    ...(settings !== undefined || silencesPanic ? { healthyPanicThreshold: panic } : {}),
    ...localityLbConfig(setting, settings !== undefined),
    ...(supportsDrainingEndpoints(service) ? { overrideHostStatus: WITH_DRAINING } : {}),
  };
}

/** Sticky sessions may still reach hosts that drain. */
const WITH_DRAINING = { statuses: ['HEALTHY', 'DRAINING', 'UNKNOWN', 'DEGRADED'] };

function protocolOptions(
  { policy }: OutboundClusterInput,
  version: UpstreamHttpVersion,
  pool: ConnectionPoolParts,
  { autoSni, autoSanValidation }: TransportParts,
): Pick<Cluster, 'typedExtensionProtocolOptions'> {
  const options = httpProtocolOptions({
    version,
    common: pool.commonHttp,
    http2: pool.http2,
    autoSni,
    autoSanValidation,
    errorMatcher: outlierErrorMatcher(policy.outlierDetection?.value),
  });
  if (options === undefined) return {};
  return { typedExtensionProtocolOptions: { [HTTP_PROTOCOL_OPTIONS]: options } };
}

function metadataOf({ service, rule, subset, policy }: OutboundClusterInput) {
  const mode = policy.tls?.value.mode;
  return clusterMetadata({
    services: [service],
    config: rule && {
      apiVersion: rule.rule.apiVersion,
      kind: rule.rule.kind,
      namespace: rule.namespace,
      name: rule.rule.metadata.name,
    },
    ...(subset === undefined ? { isExternal: service.meshExternal } : { subset }),
    keepsAlpn: rule !== undefined && (mode === 'SIMPLE' || mode === 'MUTUAL'),
  });
}
