import type { VirtualHost } from '#xds/route.ts';
import type { OriginNotes } from '../clusters/cluster-origins.ts';
import type { GuardedRoutes } from './guarded-group.ts';
import { type DomainAsker, HostDomainLists, type HostDomains } from './host-domains.ts';
import { noteVirtualHost, serviceOrigin } from './route-origins.ts';
import { NumberSet } from './text-numbers.ts';

/**
 * Gives each host its virtual host; a name or domain that is taken is not given twice. Clients for whom
 * a host has the same domains and routes get the same object.
 *
 * @source istio: pilot/pkg/networking/core/httproute.go, BuildSidecarOutboundVirtualHosts, dedupeDomains
 */
export class VirtualHostWriter {
  readonly #lists = new HostDomainLists();
  readonly #names = new NumberSet();
  readonly #domains = new NumberSet();
  /** The services' own hosts, with and without their ports. */
  readonly #knownHosts = new NumberSet();

  /** In the order of the routes. */
  write(guarded: readonly GuardedRoutes[], asker: DomainAsker, notes: OriginNotes): VirtualHost[] {
    for (const set of [this.#names, this.#domains, this.#knownHosts]) set.clear();
    const ofService = this.#lists.asking(asker);
    for (const { services, port } of guarded) {
      for (const service of services) {
        const { hostNumber, nameNumber } = ofService(service, port);
        this.#knownHosts.add(hostNumber);
        this.#knownHosts.add(nameNumber);
      }
    }
    const byPort = new Map<number, VirtualHost[]>();
    for (const group of guarded) {
      let written = byPort.get(group.port);
      if (written === undefined) {
        written = [];
        byPort.set(group.port, written);
      }
      for (const host of this.#hostsOf(group, ofService)) {
        const virtualHost = this.#virtualHost(host, group, notes);
        if (virtualHost !== undefined) written.push(virtualHost);
      }
    }
    const { listenPort } = asker;
    return listenPort === 0 ? allPorts(byPort) : (byPort.get(listenPort) ?? []);
  }

  *#hostsOf(
    { otherHosts, services, port }: GuardedRoutes,
    ofService: ReturnType<HostDomainLists['asking']>,
  ): Generator<HostDomains> {
    for (const host of otherHosts) yield this.#lists.ofName(host.toLowerCase(), port);
    for (const service of services) yield ofService(service, port);
  }

  #virtualHost(
    host: HostDomains,
    group: GuardedRoutes,
    notes: OriginNotes,
  ): VirtualHost | undefined {
    if (!this.#names.add(host.nameNumber)) return undefined;
    const domains = this.#freeDomains(host);
    if (domains.length === 0) return undefined;
    if (domains !== host.domains) return newVirtualHost(host, domains, group, notes);
    let virtualHost = host.virtualHosts.get(group.routes);
    if (virtualHost === undefined) {
      virtualHost = newVirtualHost(host, domains, group, notes);
      host.virtualHosts.set(group.routes, virtualHost);
    }
    return virtualHost;
  }

  /**
   * The domains that are not taken, and are no derived name that is a service's own; the list itself
   * where that is all of them.
   */
  #freeDomains({ domains, claims, derived }: HostDomains): readonly string[] {
    let free: string[] | undefined;
    for (let index = 0; index < claims.length; index++) {
      const isFree = !this.#domains.has(claims[index]!) && !this.#isKnown(derived[index]!);
      if (isFree) {
        this.#domains.add(claims[index]!);
        free?.push(domains[index]!);
      } else free ??= domains.slice(0, index);
    }
    return free ?? domains;
  }

  #isKnown(derived: number): boolean {
    return derived >= 0 && this.#knownHosts.has(derived);
  }
}

function newVirtualHost(
  { name, host }: HostDomains,
  domains: readonly string[],
  { routes, services, virtualService }: GuardedRoutes,
  notes: OriginNotes,
): VirtualHost {
  const virtualHost = { name, domains, routes, includeRequestAttemptCount: true };
  if (virtualService !== undefined) noteVirtualHost(notes, virtualHost, host, virtualService);
  else for (const service of services) notes.origins.set(virtualHost, serviceOrigin(service));
  return virtualHost;
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
