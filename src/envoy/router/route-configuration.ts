import type { Uint64 } from '#kernel/uint64.ts';
import type { Route, RouteConfiguration } from '#xds/route.ts';
import { pathEnd } from '../http/path.ts';
import type { HttpRequest } from '../network.ts';
import { sameContent } from '../same-content.ts';
import { compileVirtualHost, settingsOf, takenRoutes } from './compile-virtual-host.ts';
import type {
  CompiledRoute,
  CompiledRouteConfiguration,
  CompiledVirtualHost,
  DuplicateDomain,
  RouteEntry,
} from './compiled-route.ts';
import type { FailedCondition } from './route-match.ts';
import { VirtualHostTable } from './virtual-host-table.ts';

const compiled = new WeakMap<RouteConfiguration, CompiledRouteConfiguration>();

/**
 * Compiles a route configuration, once per object: istiod shares objects by content, so proxies with
 * the same routes share what is made of them. What it has in common with a `previous` one is taken over:
 * virtual hosts that are the same objects, and the table of domains where all of them are the same.
 *
 * @source envoy: source/common/router/config_impl.cc, ConfigImpl, RouteMatcher
 */
export function compileRouteConfiguration(
  xds: RouteConfiguration,
  previous?: CompiledRouteConfiguration,
): CompiledRouteConfiguration {
  let configuration = compiled.get(xds);
  if (configuration === undefined) {
    configuration = compile(xds, previous);
    compiled.set(xds, configuration);
  }
  return configuration;
}

/** The routes of a configuration that some request was given since it was compiled. */
export function matchedRoutes(xds: RouteConfiguration): readonly Route[] {
  return (compiled.get(xds)?.virtualHosts ?? []).flatMap(takenRoutes);
}

function compile(
  xds: RouteConfiguration,
  previous: CompiledRouteConfiguration | undefined,
): CompiledRouteConfiguration {
  const settings = settingsOf(xds);
  const given = xds.virtualHosts ?? [];
  const virtualHosts = given.map((virtualHost) => compileVirtualHost(virtualHost, settings));
  const { table, duplicates } = domainsOf(xds, previous);
  return {
    xds,
    name: xds.name,
    virtualHosts,
    table,
    duplicates,
    virtualHostHeader: xds.vhostHeader ? xds.vhostHeader.toLowerCase() : undefined,
    internalOnlyHeaders: (xds.internalOnlyHeaders ?? []).map((name) => name.toLowerCase()),
    get problems() {
      return virtualHosts.flatMap(({ name, problems }, index) =>
        [...duplicateProblems(duplicates, index), ...problems].map(
          (problem) => `virtual host ${name}: ${problem}`,
        ),
      );
    },
  };
}

/** Which virtual host has which domain: a push that changes routes alone leaves that as it was. */
function domainsOf(
  xds: RouteConfiguration,
  previous: CompiledRouteConfiguration | undefined,
): Pick<CompiledRouteConfiguration, 'table' | 'duplicates'> {
  if (previous !== undefined && haveSameDomains(previous.xds, xds)) return previous;
  const table = new VirtualHostTable<number>(xds.ignorePortInHostMatching ?? false);
  const duplicates: DuplicateDomain[] = [];
  for (const [index, { domains }] of (xds.virtualHosts ?? []).entries()) {
    for (const domain of domains) {
      if (!table.add(domain, index)) duplicates.push({ index, domain });
    }
  }
  return { table, duplicates };
}

function haveSameDomains(a: RouteConfiguration, b: RouteConfiguration): boolean {
  const others = b.virtualHosts ?? [];
  return (
    a.ignorePortInHostMatching === b.ignorePortInHostMatching &&
    a.virtualHosts?.length === others.length &&
    a.virtualHosts.every((virtualHost, index) =>
      sameContent(virtualHost.domains, others[index]!.domains),
    )
  );
}

function duplicateProblems(duplicates: readonly DuplicateDomain[], at: number): string[] {
  return duplicates
    .filter(({ index }) => index === at)
    .map(
      ({ domain }) =>
        `Only unique values for domains are permitted. Duplicate entry of domain ${domain.toLowerCase()}`,
    );
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
  return virtualHostAt(configuration, authority);
}

/** The virtual host of a request: by its Host, or by the header that `vhost_header` names. */
export function virtualHostOf(
  configuration: CompiledRouteConfiguration,
  request: HttpRequest,
): CompiledVirtualHost | undefined {
  const { virtualHostHeader } = configuration;
  if (virtualHostHeader === undefined) return virtualHostAt(configuration, request.authority);
  return virtualHostAt(configuration, request.headers.get(virtualHostHeader) ?? '');
}

function virtualHostAt(
  { table, virtualHosts }: CompiledRouteConfiguration,
  authority: string,
): CompiledVirtualHost | undefined {
  const index = table.select(authority);
  return index === undefined ? undefined : virtualHosts[index];
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
