import type { Cluster, DiscoveryType } from '#xds/cluster.ts';
import type { MeshConfig } from '../model/mesh-config.ts';
import { isIpv4Address } from '../model/names.ts';
import type { ProxyModel } from '../model/proxy.ts';
import type { Service } from '../model/service.ts';
import { xdsDuration } from '../xds-values.ts';

/**
 * How a service's endpoints are found. Gateways know no original destination, so what passes through
 * sidecars is looked up there.
 *
 * @source istio: pilot/pkg/networking/core/cluster.go, convertResolution
 */
export function discoveryType(service: Service, proxy: ProxyModel): DiscoveryType {
  switch (service.resolution) {
    case 'DNSLB':
      return service.racesTcpConnects ? 'LOGICAL_DNS' : 'STRICT_DNS';
    case 'DNSRoundRobinLB':
      return 'LOGICAL_DNS';
    case 'Passthrough':
      return proxy.kind === 'gateway' ? 'EDS' : 'ORIGINAL_DST';
    default:
      return 'EDS';
  }
}

/** Whether the endpoints stand in the cluster itself. */
export function isDnsType(type: DiscoveryType): boolean {
  return type === 'STRICT_DNS' || type === 'LOGICAL_DNS';
}

/** @source istio: pilot/pkg/networking/core/cluster_builder.go, buildCluster */
export function dnsParts(
  type: DiscoveryType,
  service: Service,
  mesh: MeshConfig,
  proxy: ProxyModel,
): Partial<Cluster> {
  if (!isDnsType(type)) return {};
  return {
    dnsRefreshRate: xdsDuration(mesh.dnsRefreshRate),
    dnsJitter: '0.100s',
    respectDnsTtl: true,
    dnsLookupFamily: service.racesTcpConnects ? 'ALL' : lookupFamily(proxy),
    typedDnsResolverConfig: RESOLVER,
  };
}

const RESOLVER = {
  name: 'envoy.network.dns_resolver.cares',
  typedConfig: {
    '@type':
      'type.googleapis.com/envoy.extensions.network.dns_resolver.cares.v3.CaresDnsResolverConfig',
    udpMaxQueries: 100,
  },
};

/** Which addresses of a name a proxy asks for. @source istio: pilot/pkg/networking/util/util.go, SelectDNSLookupFamily */
export function lookupFamily({ ips }: ProxyModel): string {
  const isV6Only = ips.length > 0 && ips.every((ip) => !isIpv4Address(ip));
  return isV6Only ? 'V6_ONLY' : 'V4_ONLY';
}
