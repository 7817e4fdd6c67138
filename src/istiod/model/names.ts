import type { HostName } from './host-name.ts';

/** The reserved gateway name: every sidecar. */
export const MESH_GATEWAY = 'mesh';

/** The key of a namespaced object. */
export function namespacedName(namespace: string, name: string): string {
  return `${namespace}/${name}`;
}

/** `reviews` of namespace `shop` is `reviews.shop.svc.cluster.local`. */
export function serviceHostName(name: string, namespace: string, domain: string): HostName {
  return `${name}.${namespace}.svc.${domain}`;
}

/**
 * The host that a host field of a VirtualService or DestinationRule means. Only a name without any
 * dot is short; it is completed with the namespace of the resource that mentions it.
 *
 * @source istio: pilot/pkg/model/config.go, ResolveShortnameToFQDN
 */
export function resolveShortName(host: string, namespace: string, domain: string): HostName {
  if (host === '' || host === '*' || host.includes('.') || isIpAddress(host)) return host;
  return serviceHostName(host, namespace, domain);
}

/**
 * The gateway that an entry of `gateways` means, as `namespace/name`; `mesh` stays.
 *
 * @source istio: pilot/pkg/model/config.go, resolveGatewayName
 */
export function resolveGatewayName(reference: string, namespace: string): string {
  if (reference === MESH_GATEWAY) return reference;
  const slash = reference.indexOf('/');
  if (slash >= 0)
    return slash === 1 && reference[0] === '.' ? namespace + reference.slice(1) : reference;
  const [name, legacyNamespace] = reference.split('.', 2);
  return namespacedName(legacyNamespace ?? namespace, name ?? '');
}

const IPV4 = /^(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)(?:\.(?!$)|$)){4}$/;
const IPV6 = /^(?=.*:.*:)[0-9a-fA-F:]+(?::(?:\d{1,3}\.){3}\d{1,3})?(?:%.+)?$/;

export function isIpv4Address(text: string): boolean {
  return IPV4.test(text);
}

export function isIpv6Address(text: string): boolean {
  return IPV6.test(text);
}

export function isIpAddress(text: string): boolean {
  return isIpv4Address(text) || isIpv6Address(text);
}

/** Which way a cluster's traffic goes. */
export type TrafficDirection = 'outbound' | 'inbound';

/** `outbound|80|v1|reviews.shop.svc.cluster.local`. @source istio: pilot/pkg/model/service.go, BuildSubsetKey */
export function outboundClusterName(port: number, subset: string, host: HostName): string {
  return `outbound|${port}|${subset}|${host}`;
}

/** `inbound|8080||`. @source istio: pilot/pkg/model/service.go, BuildInboundSubsetKey */
export function inboundClusterName(port: number): string {
  return `inbound|${port}||`;
}

/**
 * The SNI form of a cluster's name, which is also the name of the clusters of an AUTO_PASSTHROUGH
 * gateway: `outbound_.80_.v1_.reviews.shop.svc.cluster.local`.
 *
 * @source istio: pilot/pkg/model/service.go, BuildDNSSrvSubsetKey
 */
export function sniClusterName(port: number, subset: string, host: HostName): string {
  return `outbound_.${port}_.${subset}_.${host}`;
}

/** The parts of an outbound cluster's name, in either of its two forms. */
export interface OutboundClusterParts {
  readonly port: number;
  readonly subset: string;
  readonly host: HostName;
}

/** @source istio: pilot/pkg/model/service.go, ParseSubsetKey */
export function parseOutboundClusterName(name: string): OutboundClusterParts | undefined {
  if (name.startsWith('outbound|')) return outboundParts(name);
  const separator = name.startsWith('outbound_.') ? '_.' : '|';
  const parts = name.split(separator);
  if (parts[0] !== 'outbound' || parts.length < 4) return undefined;
  return {
    port: Number(parts[1]),
    subset: parts[2] ?? '',
    host: parts.slice(3).join(separator),
  };
}

/** Of the usual form, of which every route has one: without a list of its parts. */
function outboundParts(name: string): OutboundClusterParts | undefined {
  const port = 'outbound|'.length;
  const subset = name.indexOf('|', port) + 1;
  const host = subset === 0 ? 0 : name.indexOf('|', subset) + 1;
  if (host === 0) return undefined;
  return {
    port: Number(name.slice(port, subset - 1)),
    subset: name.slice(subset, host - 1),
    host: name.slice(host),
  };
}
