import { memoOfPairs } from '#source/memo.ts';
import type { EgressListener } from '../model/egress-listener.ts';
import { type HostName, hostsOverlap, isWildcard } from '../model/host-name.ts';
import { namespacedName } from '../model/names.ts';
import type { Service } from '../model/service.ts';
import type { VirtualService } from '../model/virtual-service.ts';

/** The services of one port, by lower-case host name, in the order of the registry. */
export type ServicesByHost = ReadonlyMap<HostName, Service>;

/** A VirtualService's hosts: those that the registry knows, and the rest. */
export interface SeparatedHosts {
  readonly services: readonly Service[];
  readonly otherHosts: readonly string[];
}

/**
 * The VirtualServices that speak of a service of this port. Namespaces that see the same have one
 * answer.
 *
 * @source istio: pilot/pkg/networking/core/httproute.go, selectVirtualServices
 */
export const virtualServicesOfPort = memoOfPairs(speakingOf);

function speakingOf(
  virtualServices: readonly VirtualService[],
  services: ServicesByHost,
): readonly VirtualService[] {
  const wildcardServices = [...services.keys()].filter(isWildcard);
  return virtualServices.filter((virtualService) =>
    virtualService.hosts.some((written) => {
      const host = written.toLowerCase();
      if (services.has(host)) return true;
      const candidates = isWildcard(host) ? [...services.keys()] : wildcardServices;
      return candidates.some((service) => hostsOverlap(host, service));
    }),
  );
}

/**
 * Splits the hosts of a VirtualService. A wildcard stands for those services of which it is the most
 * specific host of any VirtualService.
 *
 * @source istio: pilot/pkg/networking/core/route/route.go, separateVSHostsAndServices
 */
export function separateHosts(
  virtualService: VirtualService,
  services: ServicesByHost,
  listener: EgressListener,
): SeparatedHosts {
  const known: Service[] = [];
  const otherHosts: string[] = [];
  for (const host of virtualService.hosts) {
    if (isWildcard(host)) continue;
    const service = services.get(host.toLowerCase());
    if (service === undefined) otherHosts.push(host);
    else known.push(service);
  }
  const own = namespacedName(virtualService.namespace, virtualService.name);
  for (const written of virtualService.hosts) {
    if (!isWildcard(written)) continue;
    const host = written.toLowerCase();
    if (virtualService.hasGatewaySemantics) {
      otherHosts.push(host);
      continue;
    }
    const covered = [...services].filter(([service]) => hostsOverlap(service, host));
    if (covered.length === 0) otherHosts.push(host);
    for (const [name, service] of covered) {
      if (listener.mostSpecificVirtualService.get(name) === own) known.push(service);
    }
  }
  return { services: known, otherHosts };
}
