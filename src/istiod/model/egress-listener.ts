import type { IstioEgressListener } from '#config/istio/sidecar.ts';
import { compareCreation } from './creation-order.ts';
import { EgressHosts } from './egress-hosts.ts';
import { HostIndex, type HostName, isWildcard } from './host-name.ts';
import type { IstioBehaviours } from './istio-version.ts';
import { namespacedName } from './names.ts';
import { parseProtocol } from './protocol.ts';
import type { Service } from './service.ts';
import type { ServiceRegistry } from './service-registry.ts';
import type { VirtualService } from './virtual-service.ts';

/**
 * What one egress listener of a Sidecar imports.
 *
 * @source istio: pilot/pkg/model/sidecar.go, IstioEgressListenerWrapper
 */
export interface EgressListener {
  /** As it is written; undefined when the Sidecar has none, or there is no Sidecar. */
  readonly listener: IstioEgressListener | undefined;
  /** Only services with the listener's port, trimmed to it. */
  readonly matchesPort: boolean;
  readonly services: readonly Service[];
  readonly virtualServices: readonly VirtualService[];
  /** By service: `namespace/name` of the VirtualService whose host names it most specifically. */
  readonly mostSpecificVirtualService: ReadonlyMap<HostName, string>;
}

/** What a listener may choose from. */
export interface ImportCandidates {
  /** The proxy's namespace. */
  readonly namespace: string;
  readonly registry: ServiceRegistry;
  readonly virtualServices: readonly VirtualService[];
  readonly behaviours: IstioBehaviours;
}

/** @source istio: pilot/pkg/model/sidecar.go, convertIstioListenerToWrapper */
export function egressListener(
  listener: IstioEgressListener | undefined,
  candidates: ImportCandidates,
): EgressListener {
  const hosts = new EgressHosts(listener?.hosts ?? ['*/*'], candidates.namespace);
  const port = listener === undefined ? undefined : requiredPort(listener);
  const virtualServices = hosts.importsEverything
    ? candidates.virtualServices
    : candidates.virtualServices.filter((virtualService) =>
        hosts.importsVirtualService(virtualService),
      );
  const services = candidates.registry.imported.get(listener, candidates.namespace, () =>
    importedServices(candidates, hosts, port),
  );
  let mostSpecificVirtualService: EgressListener['mostSpecificVirtualService'] | undefined;
  return {
    listener,
    matchesPort: port !== undefined,
    services,
    virtualServices,
    // Only hosts with a wildcard ask for it.
    get mostSpecificVirtualService() {
      const { mostSpecificWildcardWins } = candidates.behaviours;
      mostSpecificVirtualService ??= mostSpecific(
        virtualServices,
        services,
        mostSpecificWildcardWins,
      );
      return mostSpecificVirtualService;
    },
  };
}

/** The port that a service must have; none for the catch-all and for an HTTP proxy. */
function requiredPort(listener: IstioEgressListener): number | undefined {
  const { port } = listener;
  if (port === undefined || port.number === 0) return undefined;
  return parseProtocol(port.protocol) === 'HTTP_PROXY' ? undefined : port.number;
}

/** @source istio: pilot/pkg/model/sidecar.go, selectServices */
function importedServices(
  candidates: ImportCandidates,
  hosts: EgressHosts,
  port: number | undefined,
): Service[] {
  const { namespace, behaviours } = candidates;
  const imported: Service[] = [];
  const chosen = new Map<HostName, Service>();
  for (const service of visibleServices(candidates, hosts)) {
    const names = hosts.importing(service.namespace, service.hostname);
    if (names === undefined) continue;
    const trimmed = port === undefined ? service : withOnlyPort(service, port);
    if (trimmed === undefined) continue;
    const known = chosen.get(service.hostname);
    if (known === undefined || isPreferred(service, known, namespace, behaviours)) {
      chosen.set(service.hostname, service);
    }
    imported.push(withAliasesNamed(trimmed, names));
  }
  // One namespace gives a host; its other services of that host come along.
  return imported.filter(
    (service) => chosen.get(service.hostname)!.namespace === service.namespace,
  );
}

/**
 * What may be imported at all. A listener that names every host exactly asks for these alone.
 *
 * @source istio: pilot/pkg/model/sidecar.go, servicesForExactHosts
 */
function visibleServices(
  { registry, namespace }: ImportCandidates,
  hosts: EgressHosts,
): readonly Service[] {
  const names = hosts.exactNames();
  if (names === undefined) return registry.visibleTo(namespace);
  return names
    .map(([owner, host]) => registry.named(host)?.get(owner))
    .filter((service) => service !== undefined)
    .filter((service) => registry.isVisible(service, namespace))
    .sort(compareCreation);
}

/** The proxy's own namespace, then Kubernetes, then whoever came first. */
function isPreferred(
  service: Service,
  known: Service,
  ownNamespace: string,
  behaviours: IstioBehaviours,
): boolean {
  if (service.namespace === ownNamespace) return true;
  if (!behaviours.prefersKubernetesServices || known.namespace === ownNamespace) return false;
  return known.registry !== 'Kubernetes' && service.registry === 'Kubernetes';
}

function withAliasesNamed(service: Service, isNamed: (alias: HostName) => boolean): Service {
  const aliases = service.aliases.filter(({ hostname }) => isNamed(hostname));
  return aliases.length === service.aliases.length ? service : { ...service, aliases };
}

/**
 * The service with that port alone; itself when it has no other.
 *
 * @source istio: pilot/pkg/model/sidecar.go, serviceMatchingListenerPort
 */
export function withOnlyPort(service: Service, port: number): Service | undefined {
  const found = service.ports.find((candidate) => candidate.port === port);
  if (found === undefined) return undefined;
  return service.ports.length === 1 ? service : { ...service, ports: [found] };
}

/** @source istio: pilot/pkg/model/sidecar.go, computeWildcardHostVirtualServiceIndex */
function mostSpecific(
  virtualServices: readonly VirtualService[],
  services: readonly Service[],
  mostSpecificWins: boolean,
): ReadonlyMap<HostName, string> {
  const byHost = new HostIndex<VirtualService>();
  for (const virtualService of virtualServices) {
    for (const host of virtualService.hosts) {
      if (byHost.get(host) === undefined) byHost.set(host, virtualService);
    }
  }
  const found = new Map<HostName, string>();
  for (const { hostname } of services) {
    const virtualService = mostSpecificWins
      ? byHost.mostSpecific(hostname)
      : oldestCovering(hostname, virtualServices, byHost);
    if (virtualService !== undefined) {
      found.set(hostname, namespacedName(virtualService.namespace, virtualService.name));
    }
  }
  return found;
}

/** Before 1.21 age decided between wildcards. */
function oldestCovering(
  hostname: HostName,
  virtualServices: readonly VirtualService[],
  byHost: HostIndex<VirtualService>,
): VirtualService | undefined {
  const exact = byHost.get(hostname);
  if (exact !== undefined) return exact;
  return virtualServices.find(({ hosts }) =>
    hosts.some((host) => isWildcard(host) && hostname.endsWith(host.slice(1))),
  );
}
