import { compileRouteConfiguration } from '#envoy/router/route-configuration.ts';
import type { HttpConnectionManager, Listener } from '#xds/listener.ts';
import type { RouteConfiguration } from '#xds/route.ts';

/**
 * Why an Envoy would refuse the routes that stand in `listener`; nothing when it would take them.
 * Routes in a listener may name only clusters that there are, unless they say otherwise.
 *
 * @source envoy: source/common/router/config_impl.cc, validateClusters;
 *   source/common/router/static_route_provider_impl.cc (`validate_clusters_default` true)
 */
export function routeProblems(listener: Listener, clusters: ReadonlySet<string>): string[] {
  const managers = (listener.filterChains ?? [])
    .flatMap(({ filters }) => filters ?? [])
    .map(({ typedConfig }) => typedConfig as HttpConnectionManager | undefined);
  return managers.flatMap((manager) => {
    const routes = manager?.routeConfig;
    if (routes === undefined) return [];
    return [...compileRouteConfiguration(routes).problems, ...unknownClusters(routes, clusters)];
  });
}

function unknownClusters(routes: RouteConfiguration, clusters: ReadonlySet<string>): string[] {
  if (routes.validateClusters === false) return [];
  const named = (routes.virtualHosts ?? [])
    .flatMap((it) => it.routes ?? [])
    .flatMap(({ route }) => [
      route?.cluster,
      ...(route?.weightedClusters?.clusters ?? []).map(({ name }) => name),
      ...(route?.requestMirrorPolicies ?? []).map(({ cluster }) => cluster),
    ]);
  const unknown = new Set(named.filter((name) => name && !clusters.has(name)));
  return [...unknown].map((name) => `route: unknown cluster '${name}'`);
}
