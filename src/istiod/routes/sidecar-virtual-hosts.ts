import type { Route, VirtualHost } from '#xds/route.ts';
import type { EgressListener } from '../model/egress-listener.ts';
import type { HostName } from '../model/host-name.ts';
import { outboundClusterName } from '../model/names.ts';
import { isHttp, isSniffed } from '../model/protocol.ts';
import { portByNumber, type Service } from '../model/service.ts';
import { addressesForProxy } from '../model/service-addresses.ts';
import type { VirtualService } from '../model/virtual-service.ts';
import { defaultOutboundRoute } from './default-route.ts';
import { buildHashPolicy } from './hash-policy.ts';
import { noteVirtualHost, serviceOrigin } from './route-origins.ts';
import type { SidecarRouting } from './sidecar-routing.ts';
import {
  type ServicesByHost,
  separateHosts,
  virtualServicesOfPort,
} from './sidecar-virtual-service-hosts.ts';
import { domainName, serviceDomains, withPort } from './virtual-host-domains.ts';

/** Routes, and the hosts that share them. */
interface GuardedRoutes {
  readonly port: number;
  readonly services: readonly Service[];
  readonly otherHosts: readonly string[];
  readonly routes: readonly Route[];
  /** Undefined for what services get by themselves. */
  readonly virtualService: VirtualService | undefined;
}

/**
 * The virtual hosts of one listener port of a sidecar, without the catch-all. Port 0 is an HTTP proxy:
 * all ports at once, told apart by the Host's port.
 *
 * @source istio: pilot/pkg/networking/core/httproute.go, BuildSidecarOutboundVirtualHosts
 */
export function sidecarVirtualHosts(
  routing: SidecarRouting,
  listener: EgressListener,
  listenPort: number,
): VirtualHost[] {
  const services = servicesOfPort(listener, listenPort);
  // On port 80 also VirtualServices that name no service at all have a say.
  const virtualServices =
    listenPort === 80
      ? listener.virtualServices
      : virtualServicesOfPort(listener.virtualServices, services);
  const guarded = [
    ...virtualServices.flatMap((virtualService) =>
      guardedByVirtualService(virtualService, services, routing, listener, listenPort),
    ),
  ];
  const taken = new Set(guarded.flatMap(({ services: own }) => own.map((s) => s.hostname)));
  for (const service of services.values()) {
    if (taken.has(service.hostname) || service.resolution === 'Alias') continue;
    guarded.push(...guardedByDefault(service, routing));
  }
  return new VirtualHostWriter(routing, listenPort).write(guarded);
}

function servicesOfPort(listener: EgressListener, listenPort: number): ServicesByHost {
  const services = new Map<HostName, Service>();
  for (const service of listener.services) {
    if (listenPort === 0) {
      services.set(service.hostname, service);
      continue;
    }
    const port = portByNumber(service, listenPort);
    if (port === undefined) continue;
    const hostname = service.hostname.toLowerCase();
    services.set(hostname, { ...service, hostname, ports: [port] });
  }
  return services;
}

/** @source istio: pilot/pkg/networking/core/route/route.go, buildSidecarVirtualHostsForVirtualService */
function guardedByVirtualService(
  virtualService: VirtualService,
  services: ServicesByHost,
  routing: SidecarRouting,
  listener: EgressListener,
  listenPort: number,
): GuardedRoutes[] {
  const context = routing.context(listenPort, (host) => services.get(host));
  const routes = routing.view.sharedRoutes.of(virtualService, context);
  if (routes.length === 0) return [];
  const hosts = separateHosts(virtualService, services, listener);
  if (!isUsedHere(virtualService, hosts.services, routing)) return [];
  const byPort = new Map<number, Service[]>();
  for (const service of hosts.services) {
    for (const port of service.ports) {
      if (!isHttp(port.protocol) && !isSniffed(port.protocol)) continue;
      byPort.set(port.port, [...(byPort.get(port.port) ?? []), service]);
    }
  }
  if (byPort.size === 0 && listenPort === 80) byPort.set(80, []);
  return [...byPort].map(([port, own]) => ({
    port,
    services: own,
    otherHosts: hosts.otherHosts,
    routes,
    virtualService,
  }));
}

/**
 * A route of the Gateway API counts for callers in its own namespace, and for services in it.
 *
 * @source istio: the same file, buildSidecarVirtualHostsForVirtualService
 */
function isUsedHere(
  { hasGatewaySemantics, namespace }: VirtualService,
  services: readonly Service[],
  { view }: SidecarRouting,
): boolean {
  if (!hasGatewaySemantics) return true;
  if (services.length === 0) return false;
  return view.proxy.namespace === namespace || services.some((it) => it.namespace === namespace);
}

/** @source istio: the same file, buildSidecarVirtualHostForService */
function guardedByDefault(service: Service, routing: SidecarRouting): GuardedRoutes[] {
  return service.ports
    .filter(({ protocol }) => isHttp(protocol) || isSniffed(protocol))
    .map(({ port }) => {
      const route = defaultOutboundRoute({
        cluster: outboundClusterName(port, '', service.hostname),
        host: service.hostname,
        port,
        hashPolicy: buildHashPolicy(routing.hashOfService(service, port)),
        meshRetries: routing.meshRetries,
        defaultStatusCodes: routing.behaviours.defaultRetriableStatusCodes,
      });
      routing.view.notes.origins.set(route, serviceOrigin(service));
      return {
        port,
        services: [service],
        otherHosts: [],
        routes: [route],
        virtualService: undefined,
      };
    });
}

/** Gives each host its virtual host; a name or domain that is taken is not given twice. */
class VirtualHostWriter {
  readonly #routing: SidecarRouting;
  readonly #listenPort: number;
  readonly #names = new Set<string>();
  readonly #domains = new Set<string>();
  readonly #knownHosts = new Set<string>();

  constructor(routing: SidecarRouting, listenPort: number) {
    this.#routing = routing;
    this.#listenPort = listenPort;
  }

  write(guarded: readonly GuardedRoutes[]): VirtualHost[] {
    for (const { services, port } of guarded) {
      for (const { hostname } of services) {
        this.#knownHosts.add(hostname).add(domainName(hostname, port));
      }
    }
    const byPort = new Map<number, VirtualHost[]>();
    for (const group of guarded) {
      const written = byPort.get(group.port) ?? [];
      byPort.set(group.port, [...written, ...this.#writeGroup(group)]);
    }
    return this.#listenPort === 0 ? allPorts(byPort) : (byPort.get(this.#listenPort) ?? []);
  }

  #writeGroup(group: GuardedRoutes): VirtualHost[] {
    const others = group.otherHosts.map((host) => {
      const name = host.toLowerCase();
      return this.#virtualHost(name, withPort(name, 0), [], group);
    });
    const services = group.services.map((service) => {
      const port = this.#listenPort === 0 ? group.port : 0;
      const { domains, alternatives } = serviceDomains(service, {
        port,
        dnsDomain: this.#routing.dnsDomain,
        addresses: addressesForProxy(service, this.#routing.view.proxy),
      });
      const virtualHost = this.#virtualHost(service.hostname, domains, alternatives, group);
      if (virtualHost !== undefined && group.virtualService === undefined) {
        this.#routing.view.notes.origins.set(virtualHost, serviceOrigin(service));
      }
      return virtualHost;
    });
    return [...others, ...services].filter((virtualHost) => virtualHost !== undefined);
  }

  #virtualHost(
    host: string,
    domains: readonly string[],
    alternatives: readonly string[],
    { port, routes, virtualService }: GuardedRoutes,
  ): VirtualHost | undefined {
    const name = domainName(host, port);
    if (this.#names.has(name)) return undefined;
    this.#names.add(name);
    const free = domains.filter((domain) => this.#claim(domain, alternatives));
    if (free.length === 0) return undefined;
    const virtualHost = { name, domains: free, routes, includeRequestAttemptCount: true };
    if (virtualService !== undefined) {
      noteVirtualHost(this.#routing.view.notes, virtualHost, host, virtualService);
    }
    return virtualHost;
  }

  /**
   * False when the domain is taken, or when it is a derived name that is a service's own.
   *
   * @source istio: pilot/pkg/networking/core/httproute.go, dedupeDomains
   */
  #claim(domain: string, alternatives: readonly string[]): boolean {
    const key = domain.toLowerCase();
    if (this.#domains.has(key)) return false;
    if (alternatives.includes(domain) && this.#knownHosts.has(domain)) return false;
    this.#domains.add(key);
    return true;
  }
}

/**
 * Away from port 80 a host needs its port to be told apart.
 *
 * @source istio: the same file, mergeAllVirtualHosts
 */
function allPorts(byPort: ReadonlyMap<number, readonly VirtualHost[]>): VirtualHost[] {
  return [...byPort].flatMap(([port, virtualHosts]) =>
    port === 80
      ? virtualHosts
      : virtualHosts
          .map((v) => ({ ...v, domains: v.domains.filter((domain) => domain.includes(':')) }))
          .filter((v) => v.domains.length > 0),
  );
}
