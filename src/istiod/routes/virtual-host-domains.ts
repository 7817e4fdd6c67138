import { isIpAddress } from '#xds/ip-range.ts';
import type { HostName } from '../model/host-name.ts';
import { type Service, UNSPECIFIED_ADDRESS } from '../model/service.ts';

/** The Host headers that a virtual host answers to. */
export interface ServiceDomains {
  readonly domains: readonly string[];
  /** Those among them that were derived from a host name. */
  readonly alternatives: readonly string[];
}

/** `port` 0 = the names alone, as Envoy ignores the port of a Host header. */
export interface DomainOptions {
  readonly port: number;
  /** `shop.svc.cluster.local` for a proxy in namespace `shop`. */
  readonly dnsDomain: string;
  readonly addresses: readonly string[];
}

/**
 * Every name under which a client may ask for a service: its host name, the short forms that resolve in
 * the client's namespace, the same for its aliases, and its addresses.
 *
 * @source istio: pilot/pkg/networking/core/httproute.go, generateVirtualHostDomains
 */
export function serviceDomains(service: Service, options: DomainOptions): ServiceDomains {
  const { port, dnsDomain } = options;
  const hosts = [service.hostname, ...service.aliases.map((alias) => alias.hostname)];
  const domains: string[] = [];
  const alternatives: string[] = [];
  for (const host of hosts) {
    const short = alternativeHosts(host, port, dnsDomain);
    domains.push(...withPort(host, port), ...short);
    alternatives.push(...short);
  }
  if (service.resolution === 'Passthrough' && service.registry === 'Kubernetes') {
    // A pod of a StatefulSet is asked for by its own name below the service's.
    domains.push(...domains.map((domain) => `*.${domain}`));
  }
  const addresses = options.addresses.filter((a) => a !== '' && a !== UNSPECIFIED_ADDRESS);
  domains.push(...addresses.flatMap((address) => withPort(address, port)));
  return { domains, alternatives };
}

/**
 * The other spellings of a host: absolute with a trailing dot, and for a Kubernetes service the short
 * forms, `reviews` only within its namespace.
 *
 * @source istio: the same file, GenerateAltVirtualHosts
 */
export function alternativeHosts(host: HostName, port: number, dnsDomain: string): string[] {
  const absolute = isIpAddress(host) ? [] : [`${host}.`];
  if (port !== 0) absolute.push(`${host}.:${port}`);
  const [clientNamespace, clusterDomain] = splitAtSvc(dnsDomain);
  if (!host.endsWith(`.svc.${clusterDomain}`)) return absolute;
  return [
    ...absolute,
    ...kubernetesShortForms(host, clientNamespace).flatMap((h) => withPort(h, port)),
  ];
}

function kubernetesShortForms(host: HostName, clientNamespace: string): string[] {
  const [qualified] = splitAtSvc(host);
  const dot = qualified.indexOf('.');
  if (dot < 0) return [];
  const isSameNamespace = qualified.slice(dot + 1) === clientNamespace;
  return isSameNamespace
    ? [qualified.slice(0, dot), `${qualified}.svc`, qualified]
    : [qualified, `${qualified}.svc`];
}

/** `a.b.svc.cluster.local` → `a.b`, `cluster.local`. */
function splitAtSvc(host: string): [string, string] {
  const at = host.indexOf('.svc.');
  return at < 0 ? [host, ''] : [host.slice(0, at), host.slice(at + '.svc.'.length)];
}

/** The host, and with its port where a port counts; IPv6 in brackets. */
export function withPort(host: string, port: number): string[] {
  const name = host.includes(':') ? `[${host}]` : host;
  return port === 0 ? [name] : [name, `${name}:${port}`];
}

/** `host:port`, the name of a virtual host. */
export function domainName(host: string, port: number): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}
