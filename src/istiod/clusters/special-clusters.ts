import type { Cluster } from '#xds/cluster.ts';
import type { MeshConfig } from '../model/mesh-config.ts';
import { isIpv4Address } from '../model/names.ts';
import type { ProxyModel } from '../model/proxy.ts';
import {
  ALLOW_ANY_DYNAMIC_DNS_CLUSTER,
  BLACK_HOLE_CLUSTER,
  INBOUND_PASSTHROUGH_CLUSTER,
  PASSTHROUGH_CLUSTER,
} from '../special-names.ts';
import { xdsDuration } from '../xds-values.ts';
import { connectionPoolParts } from './connection-pool.ts';
import { lookupFamily } from './dns-cluster.ts';
import { HTTP_PROTOCOL_OPTIONS, httpProtocolOptions } from './http-protocol-options.ts';
import { METADATA_EXCHANGE } from './outbound-cluster.ts';

/** Traffic for which there is nowhere to go. @source istio: cluster_builder.go, buildBlackHoleCluster */
export function blackHoleCluster(mesh: MeshConfig): Cluster {
  return {
    name: BLACK_HOLE_CLUSTER,
    altStatName: `${BLACK_HOLE_CLUSTER};`,
    type: 'STATIC',
    connectTimeout: xdsDuration(mesh.connectTimeout),
  };
}

/**
 * Traffic to addresses that no service has, sent on as it came. The mesh's default connection pool
 * caps it.
 *
 * @source istio: pilot/pkg/networking/core/cluster_builder.go, buildDefaultPassthroughCluster
 */
export function passthroughCluster(mesh: MeshConfig): Cluster {
  return { ...passthrough(mesh), filters: METADATA_EXCHANGE };
}

function passthrough(mesh: MeshConfig): Cluster {
  const pool = connectionPoolParts(mesh, mesh.defaultTrafficPolicy?.connectionPool, undefined);
  const common = { idleTimeout: '300s', ...pool.commonHttp };
  const options = httpProtocolOptions({ version: 'downstream', common });
  return {
    name: PASSTHROUGH_CLUSTER,
    altStatName: `${PASSTHROUGH_CLUSTER};`,
    type: 'ORIGINAL_DST',
    connectTimeout: pool.connectTimeout,
    lbPolicy: 'CLUSTER_PROVIDED',
    circuitBreakers: pool.circuitBreakers,
    ...(pool.upstreamConnectionOptions === undefined
      ? {}
      : { upstreamConnectionOptions: pool.upstreamConnectionOptions }),
    ...(options === undefined
      ? {}
      : { typedExtensionProtocolOptions: { [HTTP_PROTOCOL_OPTIONS]: options } }),
  };
}

/**
 * Traffic to ports of the workload that no service has.
 *
 * @source istio: pilot/pkg/networking/core/cluster_builder.go, buildInboundPassthroughCluster
 */
export function inboundPassthroughCluster(mesh: MeshConfig, proxy: ProxyModel): Cluster {
  return {
    ...passthrough(mesh),
    name: INBOUND_PASSTHROUGH_CLUSTER,
    upstreamBindConfig: inboundBind(proxy),
  };
}

/** The source address that iptables lets through instead of sending it round again. */
export function inboundBind({ ips }: ProxyModel): NonNullable<Cluster['upstreamBindConfig']> {
  const isV4 = ips.length === 0 || ips.some(isIpv4Address);
  return { sourceAddress: { address: isV4 ? '127.0.0.6' : '::6', portValue: 0 } };
}

const DYNAMIC_FORWARD_PROXY =
  'type.googleapis.com/envoy.extensions.clusters.dynamic_forward_proxy.v3.ClusterConfig';

/** Shared with the filter that resolves. */
export const ALLOW_ANY_DNS_CACHE = 'allow_any_dfp_dns_cache';

/**
 * Unknown hosts, resolved when they are asked for.
 *
 * @source istio: pilot/pkg/networking/core/cluster_builder.go, buildAllowAnyDFPCluster;
 *   networkfilter.go, buildAllowAnyDynamicDNSDNSCacheConfig
 */
export function dynamicDnsCluster(mesh: MeshConfig, proxy: ProxyModel): Cluster {
  const { type: _, ...rest } = passthrough({ ...mesh, defaultTrafficPolicy: undefined });
  const typedConfig = {
    '@type': DYNAMIC_FORWARD_PROXY,
    dnsCacheConfig: {
      name: ALLOW_ANY_DNS_CACHE,
      dnsLookupFamily: lookupFamily(proxy),
      maxHosts: 1024,
    },
    allowInsecureClusterOptions: true,
  };
  return {
    ...rest,
    name: ALLOW_ANY_DYNAMIC_DNS_CLUSTER,
    altStatName: `${ALLOW_ANY_DYNAMIC_DNS_CLUSTER};`,
    clusterType: { name: 'envoy.clusters.dynamic_forward_proxy', typedConfig },
    filters: METADATA_EXCHANGE,
  };
}
