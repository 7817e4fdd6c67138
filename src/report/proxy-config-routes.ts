import type { Route, RouteConfiguration, RouteMatch, VirtualHost } from '#xds/route.ts';
import { configName, proxyConfigTable } from './proxy-config-table.ts';

/** Numeric names first, ascending; then the others. */
export function sortedRoutes(
  routes: readonly RouteConfiguration[],
  name: string | undefined,
): readonly RouteConfiguration[] {
  return routes
    .filter((route) => name === undefined || route.name === name)
    .sort((a, b) => rank(a.name) - rank(b.name) || (a.name < b.name ? -1 : 1));
}

/**
 * One row per route of each virtual host.
 *
 * @source istio: istioctl/pkg/writer/envoy/configdump/route.go, PrintRouteSummary
 */
export function routesTable(
  routes: readonly RouteConfiguration[],
  name: string | undefined,
): string {
  const rows = sortedRoutes(routes, name).flatMap((configuration) =>
    (configuration.virtualHosts ?? []).flatMap((host) => hostRows(configuration.name, host)),
  );
  const header = ['NAME', 'VHOST NAME', 'DOMAINS', 'MATCH', 'VIRTUAL SERVICE'];
  return proxyConfigTable(header, rows, 5);
}

function hostRows(name: string, host: VirtualHost): readonly (readonly string[])[] {
  const domains = describeDomains(host.domains);
  const routes = host.routes ?? [];
  if (routes.length === 0) return [[name, host.name, domains, '/*', '404']];
  return routes
    .filter((route) => route.route?.cluster !== 'PassthroughCluster')
    .map((route) => [name, host.name, domains, describeMatch(route.match), virtualService(route)]);
}

function virtualService(route: Route): string {
  return configName(route.metadata, 'virtual-service');
}

/** @source istio: istioctl/pkg/writer/envoy/configdump/route.go, describeMatch */
export function describeMatch(match: RouteMatch): string {
  if (match.prefix !== undefined) return `${match.prefix}*`;
  if (match.pathSeparatedPrefix !== undefined) return `PathPrefix:${match.pathSeparatedPrefix}`;
  if (match.path !== undefined) return match.path;
  if (match.safeRegex !== undefined) return `regex ${match.safeRegex.regex}`;
  return '/*';
}

/** At most two of those without a port, the long spelling left out where a short one is there. */
function describeDomains(domains: readonly string[]): string {
  if (domains.length === 1) return domains[0]!;
  const withoutPort = domains.filter((domain) => !/:\d+$/.test(domain) && !domain.startsWith('['));
  const shown = withoutPort.filter((domain) => {
    const short = domain.replace(/\.svc(\.cluster\.local)?$/, '');
    return short === domain || !withoutPort.includes(short);
  });
  if (shown.length <= 2) return shown.join(', ');
  return `${shown.slice(0, 2).join(', ')} + ${shown.length - 2} more...`;
}

function rank(name: string): number {
  return /^\d+$/.test(name) ? Number(name) : Number.MAX_SAFE_INTEGER;
}
