import type { Cluster, HttpProtocolOptions } from '#xds/cluster.ts';
import type { ConsolidatedDestinationRule } from '../model/destination-rule-merge.ts';
import { outboundClusterName } from '../model/names.ts';
import type { Service, ServicePort } from '../model/service.ts';
import { portPolicy, withMeshDefaults } from '../model/traffic-policy.ts';
import { noteClusterOrigins, originOf } from './cluster-origins.ts';
import { lookupFamily } from './dns-cluster.ts';
import { HTTP_PROTOCOL_OPTIONS } from './http-protocol-options.ts';
import { outboundCluster } from './outbound-cluster.ts';
import type { ClusterContext } from './outbound-clusters.ts';
import { serviceMtlsMode } from './service-mtls-mode.ts';

const SUPPORTED = new Set(['HTTP', 'TLS', 'GRPC', 'HTTP2']);

const CLUSTER_CONFIG =
  'type.googleapis.com/envoy.extensions.clusters.dynamic_forward_proxy.v3.ClusterConfig';

/**
 * The cluster of a wildcard host whose names are resolved when they are asked for. It has no subsets.
 *
 * @source istio: pilot/pkg/networking/core/cluster_builder.go, buildDFPCluster; cluster.go, buildOutboundClusters
 */
export function dynamicForwardProxyCluster(
  { model, proxy, notes }: ClusterContext,
  service: Service,
  port: ServicePort,
  rule: ConsolidatedDestinationRule | undefined,
): Cluster[] {
  if (!SUPPORTED.has(port.protocol)) return [];
  const name = outboundClusterName(port.port, '', service.hostname);
  const policy = withMeshDefaults(portPolicy(rule?.policy, port.port).blocks, model.meshConfig);
  const { loadBalancer: _, ...unbalanced } = policy;
  const base = outboundCluster({
    model,
    proxy,
    name,
    type: 'EDS',
    service,
    port,
    subset: undefined,
    rule,
    // The cluster chooses the host itself: no balancer of a rule has a say.
    policy: unbalanced,
    groups: [],
    serviceMode: serviceMtlsMode(model, service, port, rule?.policy),
    sni: '',
    isDynamicForwardProxy: true,
  });
  if (base === undefined) return [];
  const { type, edsClusterConfig, commonLbConfig, leastRequestLbConfig, ...rest } = base;
  const typedConfig = {
    '@type': CLUSTER_CONFIG,
    dnsCacheConfig: { name: dnsCacheName(service.hostname), dnsLookupFamily: lookupFamily(proxy) },
    ...(isHeldToNames(base) ? {} : { allowInsecureClusterOptions: true }),
  };
  const cluster: Cluster = {
    ...rest,
    lbPolicy: 'CLUSTER_PROVIDED',
    clusterType: { name: 'envoy.clusters.dynamic_forward_proxy', typedConfig },
  };
  noteClusterOrigins(notes, cluster, originOf(service.source, ['metadata', 'name']), policy);
  return [cluster];
}

/** Whether TLS, if there is any, asks the server for the host's own name and verifies it. */
function isHeldToNames(cluster: Cluster): boolean {
  const speaksTls =
    cluster.transportSocket !== undefined || cluster.transportSocketMatches !== undefined;
  const options = cluster.typedExtensionProtocolOptions?.[HTTP_PROTOCOL_OPTIONS];
  const names =
    options && 'upstreamHttpProtocolOptions' in options
      ? (options as HttpProtocolOptions).upstreamHttpProtocolOptions
      : undefined;
  return !speaksTls || (names?.autoSni === true && names.autoSanValidation === true);
}

/** @source istio: pilot/pkg/model/service.go, BuildDNSCacheName */
export function dnsCacheName(host: string): string {
  return `${host}_dfp_dns_cache`;
}
