import type { Json, NamedTypedConfig } from '#xds/core.ts';
import type { NetworkFilter } from '#xds/listener.ts';
import { lookupFamily } from '../clusters/dns-cluster.ts';
import { dnsCacheName } from '../clusters/dynamic-dns-cluster.ts';
import { ALLOW_ANY_DNS_CACHE } from '../clusters/special-clusters.ts';
import { isWildcard } from '../model/host-name.ts';
import type { ProxyModel } from '../model/proxy.ts';
import type { Service } from '../model/service.ts';

export const SNI_DYNAMIC_DNS_FILTER = 'envoy.filters.network.sni_dynamic_forward_proxy';

/** A wildcard host whose names are resolved when they are asked for. */
export function isDynamicDns({ hostname, resolution }: Service): boolean {
  return isWildcard(hostname) && resolution === 'DynamicDNS';
}

/**
 * Resolves the Host header of requests to unknown hosts.
 *
 * @source istio: pilot/pkg/networking/core/networkfilter.go, buildAllowAnyDynamicDNSHTTPForwardProxyFilter
 */
export function allowAnyDynamicDnsFilter(proxy: ProxyModel): NamedTypedConfig {
  return httpFilter({
    name: ALLOW_ANY_DNS_CACHE,
    dnsLookupFamily: lookupFamily(proxy),
    maxHosts: 1024,
  });
}

/**
 * Resolves the Host header of requests to a wildcard service.
 *
 * @source istio: pilot/pkg/xds/filters/filters.go, BuildSidecarOutboundDynamicForwardProxyFilter
 */
export function serviceDynamicDnsFilter(service: Service, proxy: ProxyModel): NamedTypedConfig {
  return httpFilter(serviceCache(service, proxy));
}

/**
 * Resolves the SNI of connections to a wildcard service.
 *
 * @source istio: pilot/pkg/networking/core/networkfilter.go, buildSNIDFPFilter
 */
export function sniDynamicDnsFilter(
  service: Service,
  port: number,
  proxy: ProxyModel,
): NetworkFilter {
  const typedConfig = {
    '@type':
      'type.googleapis.com/envoy.extensions.filters.network.sni_dynamic_forward_proxy.v3.FilterConfig',
    dnsCacheConfig: serviceCache(service, proxy),
    portValue: port,
  };
  return { name: SNI_DYNAMIC_DNS_FILTER, typedConfig };
}

function serviceCache({ hostname }: Service, proxy: ProxyModel) {
  return { name: dnsCacheName(hostname), dnsLookupFamily: lookupFamily(proxy) };
}

function httpFilter(dnsCacheConfig: Json): NamedTypedConfig {
  const typedConfig = {
    '@type':
      'type.googleapis.com/envoy.extensions.filters.http.dynamic_forward_proxy.v3.FilterConfig',
    dnsCacheConfig,
  };
  return { name: 'envoy.filters.http.dynamic_forward_proxy', typedConfig };
}
