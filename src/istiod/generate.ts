import type { Cluster } from '#xds/cluster.ts';
import type { ClusterLoadAssignment } from '#xds/endpoint.ts';
import type { HttpConnectionManager, Listener } from '#xds/listener.ts';
import type { RouteConfiguration } from '#xds/route.ts';
import { gatewayConfiguration } from './gateways/gateway-configuration.ts';
import { sidecarListeners } from './listeners/sidecar-listeners.ts';
import type { MeshModel } from './model/mesh-model.ts';
import type { ProxyModel } from './model/proxy.ts';
import type { Origins } from './origin.ts';
import { type ProxyView, proxyView } from './proxy-settings.ts';
import { sidecarRoutes } from './routes/sidecar-routes.ts';

/** Everything that istiod sends to a proxy. */
export interface GeneratedConfiguration {
  readonly clusters: readonly Cluster[];
  readonly endpoints: readonly ClusterLoadAssignment[];
  readonly listeners: readonly Listener[];
  readonly routes: readonly RouteConfiguration[];
  readonly origins: Origins;
}

/** What istiod would send to a proxy at this moment. Pure: the same model and proxy give the same. */
export function generateForProxy(model: MeshModel, proxy: ProxyModel): GeneratedConfiguration {
  const origins: Origins = new WeakMap();
  const view = proxyView(model, proxy, origins);
  return { clusters: [], endpoints: [], ...generateListenersAndRoutes(view), origins };
}

/**
 * The listeners of a proxy and the route configurations that they ask for.
 *
 * @source istio: pilot/pkg/networking/core/listener.go, BuildListeners; httproute.go, BuildHTTPRoutes
 */
export function generateListenersAndRoutes(
  view: ProxyView,
): Pick<GeneratedConfiguration, 'listeners' | 'routes'> {
  if (view.proxy.kind === 'gateway') return gatewayConfiguration(view);
  const listeners = sidecarListeners(view);
  const routes = routeNames(listeners).map((name) => sidecarRoutes(name, view));
  return { listeners, routes };
}

/** The route configurations that listeners ask for by name, each once. */
function routeNames(listeners: readonly Listener[]): string[] {
  const names = new Set<string>();
  for (const listener of listeners) {
    const chains = [...(listener.filterChains ?? []), listener.defaultFilterChain];
    for (const filter of chains.flatMap((chain) => chain?.filters ?? [])) {
      const rds = (filter.typedConfig as HttpConnectionManager | undefined)?.rds;
      if (rds !== undefined) names.add(rds.routeConfigName);
    }
  }
  return [...names];
}
