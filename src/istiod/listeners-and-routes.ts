import type { HttpConnectionManager, Listener } from '#xds/listener.ts';
import { gatewayConfiguration } from './gateways/gateway-configuration.ts';
import type { ListenersAndRoutes } from './generated-parts.ts';
import { sidecarListeners } from './listeners/sidecar-listeners.ts';
import type { ProxyView } from './proxy-settings.ts';
import { sidecarRoutes } from './routes/sidecar-routes.ts';

/**
 * The listeners of a proxy and the route configurations that they ask for.
 *
 * @source istio: pilot/pkg/networking/core/listener.go, BuildListeners; httproute.go, BuildHTTPRoutes
 */
export function listenersAndRoutes(view: ProxyView): ListenersAndRoutes {
  if (view.proxy.kind === 'gateway') return gatewayConfiguration(view);
  const listeners = sidecarListeners(view);
  const routes = routeNames(listeners).map((name) => sidecarRoutes(name, view));
  return { listeners, routes, hasAutoPassthrough: false };
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
