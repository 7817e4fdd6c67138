import type { Uint64 } from '#kernel/uint64.ts';
import type { Route, RouteConfiguration, VirtualHost } from '#xds/route.ts';
import { pathEnd } from '../http/path.ts';
import type { HttpRequest } from '../network.ts';
import { compileRoute } from './compile-route.ts';
import type {
  CompiledRoute,
  CompiledRouteConfiguration,
  CompiledVirtualHost,
  RouteEntry,
} from './compiled-route.ts';
import type { FailedCondition } from './route-match.ts';
import { VirtualHostTable } from './virtual-host-table.ts';

const compiled = new WeakMap<RouteConfiguration, CompiledRouteConfiguration>();

/**
 * Compiles a route configuration, once per object: istiod shares objects by content, so proxies with
 * the same routes share what is made of them.
 *
 * @source envoy: source/common/router/config_impl.cc, ConfigImpl, RouteMatcher
 */
export function compileRouteConfiguration(xds: RouteConfiguration): CompiledRouteConfiguration {
  let configuration = compiled.get(xds);
  if (configuration === undefined) {
    configuration = compile(xds);
    compiled.set(xds, configuration);
  }
  return configuration;
}

/** The routes of a configuration that some request was given since it was compiled. */
export function matchedRoutes(xds: RouteConfiguration): readonly Route[] {
  const visited = compiled.get(xds)?.virtualHosts ?? [];
  return visited.flatMap((virtualHost) =>
    virtualHost instanceof VirtualHostOnDemand ? virtualHost.matchedRoutes : [],
  );
}

function compile(xds: RouteConfiguration): CompiledRouteConfiguration {
  const virtualHosts: VirtualHostOnDemand[] = [];
  const configuration: CompiledRouteConfiguration = {
    xds,
    name: xds.name ?? '',
    virtualHosts,
    table: new VirtualHostTable<CompiledVirtualHost>(xds.ignorePortInHostMatching ?? false),
    virtualHostHeader: xds.vhostHeader ? xds.vhostHeader.toLowerCase() : undefined,
    internalOnlyHeaders: (xds.internalOnlyHeaders ?? []).map((name) => name.toLowerCase()),
    get problems() {
      return virtualHosts.flatMap((it) =>
        it.problems.map((problem) => `virtual host ${it.name}: ${problem}`),
      );
    },
  };
  for (const virtualHost of xds.virtualHosts ?? []) {
    virtualHosts.push(new VirtualHostOnDemand(virtualHost, configuration));
  }
  return configuration;
}

/**
 * A virtual host whose routes are compiled when a request first comes to it: of a large mesh a run
 * visits few. To the first request of 1,000 hosts with ten routes each: a tenth of the time
 * (bench/load-run.mjs 1000 10 20).
 */
class VirtualHostOnDemand implements CompiledVirtualHost {
  readonly xds: VirtualHost;
  readonly name: string;
  readonly configuration: CompiledRouteConfiguration;
  readonly requireTls: CompiledVirtualHost['requireTls'];
  readonly tlsRedirect: CompiledRoute | undefined;
  readonly includeRequestAttemptCount: boolean;
  readonly includeAttemptCountInResponse: boolean;
  readonly includeIsTimeoutRetryHeader: boolean;
  #routes: readonly CompiledRoute[] | undefined = undefined;
  readonly #problems: string[] = [];

  constructor(xds: VirtualHost, configuration: CompiledRouteConfiguration) {
    this.xds = xds;
    this.name = xds.name;
    this.configuration = configuration;
    this.requireTls = xds.requireTls ?? 'NONE';
    this.tlsRedirect =
      this.requireTls === 'NONE' ? undefined : compileTlsRedirect(xds, configuration);
    this.includeRequestAttemptCount = xds.includeRequestAttemptCount ?? false;
    this.includeAttemptCountInResponse = xds.includeAttemptCountInResponse ?? false;
    this.includeIsTimeoutRetryHeader = xds.includeIsTimeoutRetryHeader ?? false;
    for (const domain of xds.domains) {
      if (configuration.table.add(domain, this)) continue;
      this.#problems.push(
        `Only unique values for domains are permitted. Duplicate entry of domain ${domain.toLowerCase()}`,
      );
    }
  }

  get routes(): readonly CompiledRoute[] {
    return this.#routes ?? this.#compileRoutes();
  }

  get matchedRoutes(): readonly Route[] {
    return (this.#routes ?? []).filter(({ isTaken }) => isTaken).map(({ xds }) => xds);
  }

  /** Of its domains and all its routes. */
  get problems(): readonly string[] {
    if (this.#routes === undefined) this.#compileRoutes();
    return this.#problems;
  }

  #compileRoutes(): readonly CompiledRoute[] {
    this.#routes = (this.xds.routes ?? []).map((route, index) =>
      compileRoute(route, index, this, (problem) => this.#problems.push(problem)),
    );
    return this.#routes;
  }
}

/** It has no name, and no headers are added to what it answers. */
function compileTlsRedirect(
  { name }: VirtualHost,
  { name: configurationName, table }: CompiledRouteConfiguration,
): CompiledRoute {
  const configuration: CompiledRouteConfiguration = {
    xds: { name: configurationName },
    name: configurationName,
    virtualHosts: [],
    table,
    virtualHostHeader: undefined,
    internalOnlyHeaders: [],
    problems: [],
  };
  const virtualHost: CompiledVirtualHost = {
    xds: { name, domains: [] },
    name,
    configuration,
    routes: [],
    requireTls: 'NONE',
    tlsRedirect: undefined,
    includeRequestAttemptCount: false,
    includeAttemptCountInResponse: false,
    includeIsTimeoutRetryHeader: false,
  };
  const route = { match: { prefix: '/' }, redirect: { httpsRedirect: true } };
  return compileRoute(route, 0, virtualHost, () => {});
}

/**
 * Whether a virtual host sends a request to https instead of routing it.
 *
 * @source envoy: source/common/router/config_impl.cc, VirtualHostImpl::getRouteFromEntries
 */
function lacksTls({ requireTls }: CompiledVirtualHost, { headers, scheme }: HttpRequest): boolean {
  if ((headers.get('x-forwarded-proto') ?? scheme) === 'https') return false;
  return requireTls === 'ALL' || headers.get('x-envoy-internal') !== 'true';
}

/** The virtual host for a Host value; undefined = 404 NR. There is no second choice. */
export function selectVirtualHost(
  configuration: CompiledRouteConfiguration,
  authority: string,
): CompiledVirtualHost | undefined {
  return configuration.table.select(authority);
}

/** The virtual host of a request: by its Host, or by the header that `vhost_header` names. */
export function virtualHostOf(
  configuration: CompiledRouteConfiguration,
  request: HttpRequest,
): CompiledVirtualHost | undefined {
  const { virtualHostHeader, table } = configuration;
  if (virtualHostHeader === undefined) return table.select(request.authority);
  return table.select(request.headers.get(virtualHostHeader) ?? '');
}

/**
 * The first route all of whose conditions hold; undefined = 404 NR. Where TLS is required and the
 * request came without, a redirect to https.
 *
 * @source envoy: source/common/router/config_impl.cc, VirtualHostImpl::getRouteFromEntries
 */
export function matchRoute(
  virtualHost: CompiledVirtualHost,
  request: HttpRequest,
  streamRandom: Uint64,
): CompiledRoute | undefined {
  const { tlsRedirect } = virtualHost;
  if (tlsRedirect !== undefined && lacksTls(virtualHost, request)) return tlsRedirect;
  const end = pathEnd(request.path);
  for (const route of virtualHost.routes) {
    if (route.conditions.match(request, end, streamRandom)) return route;
  }
  return undefined;
}

/**
 * The route's entry for this request: its weighted cluster, chosen once; retries keep it. `hash` is
 * the result of the route's hash policy, needed only where `usesHashForWeights` says so.
 */
export function routeEntry(
  route: CompiledRoute,
  request: HttpRequest,
  streamRandom: Uint64,
  hash: Uint64 | undefined,
): RouteEntry {
  const { action, entries } = route;
  if (action.kind !== 'forward' || action.clusters.kind !== 'weighted') return entries[0]!;
  return entries[action.clusters.choice.pick(request, streamRandom, hash)]!;
}

/** Whether the weighted cluster is chosen by the route's hash policy. */
export function usesHashForWeights({ action }: CompiledRoute): boolean {
  return (
    action.kind === 'forward' &&
    action.clusters.kind === 'weighted' &&
    action.clusters.choice.usesHashPolicy
  );
}

/** The name of the cluster that a request goes to; '' when its header does not say (then NC). */
export function clusterNameOf(entry: RouteEntry, request: HttpRequest): string {
  if (entry.clusterHeader === undefined) return entry.clusterName;
  return request.headers.get(entry.clusterHeader) ?? '';
}

/** One route that was tried: why it did not match, or `failed` undefined for the one that did. */
export interface RouteTrial {
  readonly route: CompiledRoute;
  readonly failed: FailedCondition | undefined;
}

/** Every route tried for a request, in order; the last one matched, unless it failed too. */
export function explainRoutes(
  virtualHost: CompiledVirtualHost,
  request: HttpRequest,
  streamRandom: Uint64,
): readonly RouteTrial[] {
  const { tlsRedirect } = virtualHost;
  if (tlsRedirect !== undefined && lacksTls(virtualHost, request)) {
    return [{ route: tlsRedirect, failed: undefined }];
  }
  const trials: RouteTrial[] = [];
  for (const route of virtualHost.routes) {
    const failed = route.conditions.failure(request, streamRandom);
    trials.push({ route, failed });
    if (failed === undefined) break;
  }
  return trials;
}
