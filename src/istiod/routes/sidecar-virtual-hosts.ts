import type { VirtualHost } from '#xds/route.ts';
import type { EgressListener } from '../model/egress-listener.ts';
import type { VirtualService } from '../model/virtual-service.ts';
import { guardedByVirtualService, type RoutedPort } from './guarded-routes.ts';
import { askerKey } from './host-domains.ts';
import { servicesOfPort } from './port-services.ts';
import type { SidecarRouting } from './sidecar-routing.ts';
import { virtualServicesOfPort } from './sidecar-virtual-service-hosts.ts';

/**
 * The virtual hosts of one listener port of a sidecar, without the catch-all, in the order of their
 * names. Port 0 is an HTTP proxy: all ports at once, told apart by the Host's port.
 *
 * @source istio: pilot/pkg/networking/core/httproute.go, BuildSidecarOutboundVirtualHosts
 */
export function sidecarVirtualHosts(
  routing: SidecarRouting,
  listener: EgressListener,
  listenPort: number,
): readonly VirtualHost[] {
  const { scope, memory: memories, sharedRoutes, notes, proxy } = routing.view;
  const services = servicesOfPort(listener.services, listenPort);
  const context = routing.context(listenPort, services);
  const port: RoutedPort = { listenPort, listener, services, context };
  const memory = memories.port(scope.egressListeners.indexOf(listener), listenPort);
  const sources = {
    virtualServices: virtualServicesHere(listener, port),
    services,
    rules: routing.rules,
  };
  const list = memory.guarded(sources, {
    ofVirtualService: (it) => guardedByVirtualService(it, port, routing),
    byDefault: (service) => sharedRoutes.defaults.of(service, routing),
  });
  const asker = { listenPort, dnsDomain: routing.dnsDomain, proxy };
  const { writer } = sharedRoutes;
  return memory.virtualHosts(list, askerKey(asker), {
    all: (guarded) => {
      const written = writer.write(guarded, asker, notes);
      return written.map((virtualHosts, index) => {
        const { port } = guarded[index]!;
        if (listenPort !== 0) return port === listenPort ? virtualHosts : [];
        return port === 80 ? virtualHosts : writer.withPortAlone(virtualHosts);
      });
    },
    withRoutes: (virtualHost, group) => writer.withRoutes(virtualHost, group, notes),
  });
}

/** On port 80 also VirtualServices that name no service at all have a say. */
function virtualServicesHere(
  { virtualServices }: EgressListener,
  { listenPort, services }: RoutedPort,
): readonly VirtualService[] {
  return listenPort === 80 ? virtualServices : virtualServicesOfPort(virtualServices, services);
}
