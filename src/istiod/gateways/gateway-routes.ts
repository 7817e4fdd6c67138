import type { Route, RouteConfiguration, VirtualHost } from '#xds/route.ts';
import type { OriginNotes } from '../clusters/cluster-origins.ts';
import { compareSpecificity, type HostName, isSubsetOf } from '../model/host-name.ts';
import type { VirtualService } from '../model/virtual-service.ts';
import { isCatchAll } from '../routes/route-match.ts';
import { noteVirtualHost } from '../routes/route-origins.ts';
import { compareNames, MAX_DIRECT_RESPONSE_BODY_BYTES } from '../routes/sidecar-routes.ts';
import { domainName } from '../routes/virtual-host-domains.ts';
import type { MergedGateway } from './merged-gateway.ts';
import { type GatewayServer, serverOrigin } from './server.ts';

export interface GatewayRouteContext {
  readonly notes: OriginNotes;
  readonly virtualServicesOf: (gatewayName: string) => readonly VirtualService[];
  /** How the routes of a VirtualService are made for a server. */
  readonly routesOf: (virtualService: VirtualService, server: GatewayServer) => readonly Route[];
}

/**
 * One route configuration of a gateway. Every VirtualService that is bound to it and shares a host with
 * a server adds to the virtual host of that host, in order of precedence; catch-alls come last.
 *
 * @source istio: pilot/pkg/networking/core/gateway.go, buildGatewayHTTPRouteConfig
 */
export function gatewayRoutes(
  name: string,
  merged: MergedGateway,
  context: GatewayRouteContext,
): RouteConfiguration {
  const servers = merged.serversByRouteName.get(name) ?? [];
  const virtualHosts = new GatewayVirtualHosts(context);
  for (const server of servers) virtualHosts.addServer(server);
  const port = servers[0]?.port?.number ?? 0;
  return {
    name,
    virtualHosts: virtualHosts.write() ?? [blackHole(port)],
    validateClusters: false,
    ignorePortInHostMatching: true,
    maxDirectResponseBodySizeBytes: MAX_DIRECT_RESPONSE_BODY_BYTES,
  };
}

/** Nobody routes here: every request ends with 404. */
function blackHole(port: number): VirtualHost {
  return { name: domainName('blackhole', port), domains: ['*'] };
}

interface Draft {
  readonly name: string;
  readonly domains: string[];
  readonly routes: Route[];
  requiresTls: boolean;
  readonly server: GatewayServer;
  /** The first that routes for the host. */
  virtualService: VirtualService | undefined;
}

class GatewayVirtualHosts {
  readonly #context: GatewayRouteContext;
  readonly #drafts = new Map<HostName, Draft>();
  /** The routes of a VirtualService are the same objects for all hosts of a gateway. */
  readonly #routes = new Map<string, readonly Route[]>();

  constructor(context: GatewayRouteContext) {
    this.#context = context;
  }

  addServer(server: GatewayServer): void {
    const redirects = server.tls?.httpsRedirect ?? false;
    for (const virtualService of this.#context.virtualServicesOf(server.gatewayName)) {
      const hosts = sharedHosts(server, virtualService);
      if (hosts.length === 0) continue;
      const routes = this.#routesOf(virtualService, server);
      if (routes.length === 0) continue;
      for (const host of hosts) {
        const draft = this.#draft(host.toLowerCase(), server);
        draft.routes.push(...routes);
        draft.virtualService ??= virtualService;
        draft.requiresTls ||= redirects;
      }
    }
    if (!redirects) return;
    for (const host of server.hosts) this.#draft(host.toLowerCase(), server).requiresTls = true;
  }

  #routesOf(virtualService: VirtualService, server: GatewayServer): readonly Route[] {
    const key = `${server.gatewayName} ${virtualService.namespace}/${virtualService.name}`;
    const known = this.#routes.get(key);
    if (known !== undefined) return known;
    const routes = this.#context.routesOf(virtualService, server);
    if (routes.length > 0) this.#routes.set(key, routes);
    return routes;
  }

  #draft(host: HostName, server: GatewayServer): Draft {
    const known = this.#drafts.get(host);
    if (known !== undefined) return known;
    const name = domainName(host, server.port?.number ?? 0);
    const draft: Draft = {
      name,
      domains: [host],
      routes: [],
      requiresTls: false,
      server,
      virtualService: undefined,
    };
    this.#drafts.set(host, draft);
    return draft;
  }

  /** Undefined when there is none. */
  write(): VirtualHost[] | undefined {
    if (this.#drafts.size === 0) return undefined;
    return collapse(this.#drafts)
      .map((draft) => this.#writeOne(draft))
      .sort(compareNames);
  }

  #writeOne(draft: Draft): VirtualHost {
    const { name, domains, routes, requiresTls, server, virtualService } = draft;
    const sorted = [...routes.filter((r) => !isCatchAll(r)), ...routes.filter(isCatchAll)];
    const virtualHost: VirtualHost = {
      name,
      domains,
      ...(sorted.length === 0 ? {} : { routes: sorted }),
      ...(requiresTls ? { requireTls: 'ALL' } : {}),
      includeRequestAttemptCount: true,
    };
    const { notes } = this.#context;
    if (virtualService === undefined) notes.origins.set(virtualHost, serverOrigin(server));
    else noteVirtualHost(notes, virtualHost, domains[0]!, virtualService);
    return virtualHost;
  }
}

/**
 * Hosts with the very same routes share one virtual host, named after the first.
 *
 * @source istio: the same file, collapseDuplicateRoutes
 */
function collapse(drafts: ReadonlyMap<HostName, Draft>): Draft[] {
  const collapsed: Draft[] = [];
  for (const [, draft] of [...drafts].sort(([a], [b]) => compareSpecificity(a, b))) {
    const twin = collapsed.findLast((other) => hasSameRoutes(other, draft));
    if (twin?.requiresTls === draft.requiresTls) twin.domains.push(...draft.domains);
    else collapsed.push(draft);
  }
  return collapsed;
}

function hasSameRoutes(a: Draft, b: Draft): boolean {
  return (
    a.routes.length === b.routes.length &&
    a.routes.every((route, index) => route === b.routes[index])
  );
}

/** The hosts that both have, the narrower of each pair. @source istio: pkg/config/host/names.go, Intersection */
function sharedHosts(server: GatewayServer, virtualService: VirtualService): HostName[] {
  const shared = new Set<HostName>();
  for (const host of hostsForNamespace(server.hosts, virtualService.namespace)) {
    for (const other of virtualService.hosts) {
      if (isSubsetOf(host, other)) shared.add(host);
      else if (isSubsetOf(other, host)) shared.add(other);
    }
  }
  return [...shared];
}

/** @source istio: the same file, NamesForNamespace */
function hostsForNamespace(hosts: readonly string[], namespace: string): HostName[] {
  return hosts.flatMap((host) => {
    const slash = host.indexOf('/');
    if (slash < 0) return [host];
    const of = host.slice(0, slash);
    return of === namespace || of === '*' ? [host.slice(slash + 1)] : [];
  });
}
