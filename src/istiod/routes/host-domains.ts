import type { Route, VirtualHost } from '#xds/route.ts';
import type { ProxyModel } from '../model/proxy.ts';
import type { Service } from '../model/service.ts';
import { addressesForProxy } from '../model/service-addresses.ts';
import { TextNumbers } from './text-numbers.ts';
import { domainName, serviceDomains, withPort } from './virtual-host-domains.ts';

/** A host as a virtual host names it, and the domains that it would answer to. */
export interface HostDomains {
  /** `host:port`, the name of the virtual host. */
  readonly name: string;
  readonly nameNumber: number;
  readonly host: string;
  readonly hostNumber: number;
  readonly domains: readonly string[];
  /** Of each domain the number of its lower-case spelling. */
  readonly claims: readonly number[];
  /** Of each derived domain its number; -1 for others. */
  readonly derived: readonly number[];
  /** Those with all these domains, by their routes. */
  readonly virtualHosts: WeakMap<readonly Route[], VirtualHost>;
}

/** Who asks under which names. */
export interface DomainAsker {
  readonly listenPort: number;
  readonly dnsDomain: string;
  readonly proxy: ProxyModel;
}

/**
 * The domains of hosts, worked out once for all clients that ask under the same names: those of the
 * service's own namespace, and all others.
 *
 * @source istio: pilot/pkg/networking/core/httproute.go, generateVirtualHostDomains
 */
export class HostDomainLists {
  readonly numbers = new TextNumbers();
  readonly #services = new WeakMap<Service, ServiceLists>();
  readonly #others = new Map<string, HostDomains>();

  /** Of a host that is no service: itself. */
  ofName(written: string, port: number): HostDomains {
    const name = domainName(written, port);
    let host = this.#others.get(name);
    if (host === undefined) {
      host = this.#hostDomains(written, port, withPort(written, 0), []);
      this.#others.set(name, host);
    }
    return host;
  }

  /** Answers how an asker sees services: to be made once for many. */
  asking(asker: DomainAsker): (service: Service, port: number) => HostDomains {
    const { dnsDomain, listenPort } = asker;
    const rest = `${listenPort === 0} ${addressKey(asker.proxy)}`;
    const [own, others, exact] = [`own ${rest}`, `other ${rest}`, `${dnsDomain} ${rest}`];
    const at = dnsDomain.indexOf('.svc.');
    const namespace = at < 0 ? dnsDomain : dnsDomain.slice(0, at);
    return (service, port) => {
      const lists = this.#listsOf(service);
      const isOwn = lists.namespace === namespace;
      const key = service.aliases.length > 0 ? exact : isOwn ? own : others;
      let byPort = lists.byAsker.get(key);
      if (byPort === undefined) {
        byPort = new Map();
        lists.byAsker.set(key, byPort);
      }
      let host = byPort.get(port);
      if (host === undefined) {
        host = this.#ofService(service, port, asker);
        byPort.set(port, host);
      }
      return host;
    };
  }

  #listsOf(service: Service): ServiceLists {
    let lists = this.#services.get(service);
    if (lists === undefined) {
      lists = { namespace: namespaceIn(service.hostname), byAsker: new Map() };
      this.#services.set(service, lists);
    }
    return lists;
  }

  #ofService(service: Service, port: number, asker: DomainAsker): HostDomains {
    const { domains, alternatives } = serviceDomains(service, {
      port: asker.listenPort === 0 ? port : 0,
      dnsDomain: asker.dnsDomain,
      addresses: addressesForProxy(service, asker.proxy),
    });
    return this.#hostDomains(service.hostname, port, domains, alternatives);
  }

  #hostDomains(
    host: string,
    port: number,
    domains: readonly string[],
    alternatives: readonly string[],
  ): HostDomains {
    const { numbers } = this;
    const name = domainName(host, port);
    return {
      name,
      nameNumber: numbers.of(name),
      host,
      hostNumber: numbers.of(host),
      domains,
      claims: domains.map((domain) => numbers.of(domain.toLowerCase())),
      derived: domains.map((it) => (alternatives.includes(it) ? numbers.of(it) : -1)),
      virtualHosts: new WeakMap(),
    };
  }
}

interface ServiceLists {
  /** The part of the host by which clients are its neighbours. */
  readonly namespace: string;
  readonly byAsker: Map<string, Map<number, HostDomains>>;
}

/** `b` in `a.b.svc.cluster.local`. */
function namespaceIn(host: string): string {
  const end = host.indexOf('.svc.');
  return end < 0 ? '' : host.slice(host.indexOf('.') + 1, end);
}

/** Askers with the same key ask under the same names. */
export function askerKey({ listenPort, dnsDomain, proxy }: DomainAsker): string {
  return `${listenPort} ${dnsDomain} ${addressKey(proxy)}`;
}

/** What of a proxy decides which addresses of a service it knows. */
function addressKey({ ips, metadata }: ProxyModel): string {
  const families = new Set(ips.map((ip) => ip.includes(':')));
  return `${families.has(true)} ${families.has(false)} ${metadata.capturesDns === true}`;
}
