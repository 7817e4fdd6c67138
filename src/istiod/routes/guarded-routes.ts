import type { EgressListener } from '../model/egress-listener.ts';
import type { Service } from '../model/service.ts';
import type { VirtualService } from '../model/virtual-service.ts';
import { carriesHttp, type GuardedRoutes } from './guarded-group.ts';
import type { RouteContext } from './route-context.ts';
import type { SidecarRouting } from './sidecar-routing.ts';
import { type ServicesByHost, separateHosts } from './sidecar-virtual-service-hosts.ts';

/** The port of a sidecar's listener for which routes are made. */
export interface RoutedPort {
  readonly listenPort: number;
  readonly listener: EgressListener;
  readonly services: ServicesByHost;
  readonly context: RouteContext;
}

/** @source istio: pilot/pkg/networking/core/route/route.go, buildSidecarVirtualHostsForVirtualService */
export function guardedByVirtualService(
  virtualService: VirtualService,
  { listenPort, listener, services, context }: RoutedPort,
  routing: SidecarRouting,
): readonly GuardedRoutes[] {
  const routes = routing.view.sharedRoutes.of(virtualService, context);
  if (routes.length === 0) return [];
  const hosts = separateHosts(virtualService, services, listener);
  if (!isUsedHere(virtualService, hosts.services, routing)) return [];
  const byPort = new Map<number, Service[]>();
  for (const service of hosts.services) {
    for (const port of service.ports) {
      if (!carriesHttp(port)) continue;
      const known = byPort.get(port.port);
      if (known === undefined) byPort.set(port.port, [service]);
      else known.push(service);
    }
  }
  if (byPort.size === 0 && listenPort === 80) byPort.set(80, []);
  return [...byPort].map(([port, own]) => ({
    port,
    services: own,
    otherHosts: hosts.otherHosts,
    routes,
    virtualService,
  }));
}

/**
 * A route of the Gateway API counts for callers in its own namespace, and for services in it.
 *
 * @source istio: the same file, buildSidecarVirtualHostsForVirtualService
 */
function isUsedHere(
  { hasGatewaySemantics, namespace }: VirtualService,
  services: readonly Service[],
  { view }: SidecarRouting,
): boolean {
  if (!hasGatewaySemantics) return true;
  if (services.length === 0) return false;
  return view.proxy.namespace === namespace || services.some((it) => it.namespace === namespace);
}
