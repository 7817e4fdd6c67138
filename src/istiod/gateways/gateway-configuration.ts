import { EMPTY_PART, type ListenersAndRoutes } from '../generated-parts.ts';
import type { HostName } from '../model/host-name.ts';
import type { Service } from '../model/service.ts';
import type { ServiceTarget } from '../model/service-targets.ts';
import type { VirtualService } from '../model/virtual-service.ts';
import type { ProxyView } from '../proxy-settings.ts';
import { routeContext } from '../routes/sidecar-routing.ts';
import { gatewayListeners } from './gateway-listeners.ts';
import { gatewayRoutes } from './gateway-routes.ts';
import { mergeGateways } from './merged-gateway.ts';
import { selectingGateways } from './selecting-gateways.ts';
import type { GatewayServer } from './server.ts';

/**
 * What a gateway listens on and how it routes: all Gateways that select it, as one.
 *
 * @source istio: pilot/pkg/model/push_context.go, mergeGateways
 */
export function gatewayConfiguration(
  view: ProxyView,
  targets: readonly ServiceTarget[],
): ListenersAndRoutes {
  const { model, proxy, scope, connectionManager, tcp, wildcardAddress } = view;
  const merged = mergeGateways(selectingGateways(model.gateways, proxy, targets, model.behaviours));
  const virtualServicesOf = (gateway: string) => model.virtualServicesFor(proxy.namespace, gateway);
  const listeners = gatewayListeners(merged, {
    notes: view.notes,
    listenerAccessLog: view.listenerAccessLog,
    connectionManager,
    wildcardAddress,
    tcp,
    virtualServicesOf,
    services: scope.services,
  });
  const routes = [...merged.serversByRouteName.keys()].map((name) =>
    gatewayRoutes(name, merged, {
      notes: view.notes,
      virtualServicesOf,
      routesOf: (virtualService, server) =>
        view.sharedRoutes.of(virtualService, serverContext(virtualService, server, view)),
    }),
  );
  const servers = merged.ports.flatMap((place) => place.servers);
  const hasAutoPassthrough = servers.some((server) => server.tls?.mode === 'AUTO_PASSTHROUGH');
  return { ...EMPTY_PART, listeners, routes, hasAutoPassthrough };
}

function serverContext(
  virtualService: VirtualService,
  { port, tls, gatewayName }: GatewayServer,
  view: ProxyView,
) {
  return routeContext(view, {
    listenPort: port?.number ?? 0,
    gateway: gatewayName,
    isTls: tls !== undefined,
    services: undefined,
    lookupService: (host) => destinationService(host, virtualService, view),
  });
}

/**
 * The service that a VirtualService means at a gateway: its own namespace's, if the gateway may see it.
 *
 * @source istio: pilot/pkg/networking/core/gateway.go, buildNameToServiceMapForHTTPRoutes
 */
function destinationService(
  host: HostName,
  { namespace }: VirtualService,
  { model, proxy, scope }: ProxyView,
): Service | undefined {
  const own = model.registry.named(host)?.get(namespace);
  const isUsable = own !== undefined && model.registry.isVisible(own, proxy.namespace);
  return isUsable ? own : scope.service(host);
}
