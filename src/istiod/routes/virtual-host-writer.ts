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
  readonly #hosts = new WeakMap<VirtualHost, HostDomains>();

  /** For each group of routes its virtual hosts, in the order of the routes. */
  write(
    guarded: readonly GuardedRoutes[],
    asker: DomainAsker,
    notes: OriginNotes,
  ): readonly (readonly VirtualHost[])[] {
    for (const set of [this.#names, this.#domains, this.#knownHosts]) set.clear();
    const ofService = this.#lists.asking(asker);
    for (const { services, port } of guarded) {
      for (const service of services) {
        const { hostNumber, nameNumber } = ofService(service, port);
        this.#knownHosts.add(hostNumber);
        this.#knownHosts.add(nameNumber);
      }
    }
    return guarded.map((group) => {
      const written: VirtualHost[] = [];
      for (const host of this.#hostsOf(group, ofService)) {
        const virtualHost = this.#virtualHost(host, group, notes);
        if (virtualHost !== undefined) written.push(virtualHost);
      }
      return written;
    });
  }

  /**
   * Away from port 80 a host needs its port to be told apart.
   *
   * @source istio: the same file, mergeAllVirtualHosts
   */
  withPortAlone(virtualHosts: readonly VirtualHost[]): readonly VirtualHost[] {
    return virtualHosts.flatMap((virtualHost) => {
      const domains = virtualHost.domains.filter((domain) => domain.includes(':'));
      if (domains.length === 0) return [];
      const narrowed = { ...virtualHost, domains };
      this.#hosts.set(narrowed, this.#hosts.get(virtualHost)!);
      return [narrowed];
    });
  }

  /** A virtual host with other routes for the same hosts. */
  withRoutes(virtualHost: VirtualHost, group: GuardedRoutes, notes: OriginNotes): VirtualHost {
    const host = this.#hosts.get(virtualHost)!;
    return virtualHost.domains === host.domains
      ? this.#whole(host, group, notes)
      : this.#made(host, virtualHost.domains, group, notes);
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
    return domains === host.domains
      ? this.#whole(host, group, notes)
      : this.#made(host, domains, group, notes);
  }

  /** With all domains: the same object for everybody who has these routes. */
  #whole(host: HostDomains, group: GuardedRoutes, notes: OriginNotes): VirtualHost {
    let virtualHost = host.virtualHosts.get(group.routes);
    if (virtualHost === undefined) {
      virtualHost = this.#made(host, host.domains, group, notes);
      host.virtualHosts.set(group.routes, virtualHost);
    }
    return virtualHost;
  }

  #made(
    host: HostDomains,
    domains: readonly string[],
    { routes, services, virtualService }: GuardedRoutes,
    notes: OriginNotes,
  ): VirtualHost {
    const virtualHost = { name: host.name, domains, routes, includeRequestAttemptCount: true };
    if (virtualService !== undefined)
      noteVirtualHost(notes, virtualHost, host.host, virtualService);
    else for (const service of services) notes.origins.set(virtualHost, serviceOrigin(service));
    this.#hosts.set(virtualHost, host);
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
