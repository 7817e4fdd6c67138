import type { RouteConfiguration, VirtualHost } from '#xds/route.ts';
import { meshOrigin, originOf } from '../clusters/cluster-origins.ts';
import { compareText } from '../model/host-name.ts';
import { parseProtocol } from '../model/protocol.ts';
import type { ProxyView } from '../proxy-settings.ts';
import { ALLOW_ANY_DYNAMIC_DNS_ROUTE, HTTP_PROXY_ROUTE } from '../special-names.ts';
import { catchAllVirtualHost } from './catch-all-virtual-host.ts';
import { SidecarRouting } from './sidecar-routing.ts';
import { sidecarVirtualHosts } from './sidecar-virtual-hosts.ts';

/** The 1 MB that validation lets a direct response have. */
export const MAX_DIRECT_RESPONSE_BODY_BYTES = 1024 * 1024;

/**
 * The route configuration of that name: `80` for all services of a port, `host:80` for a service whose
 * port is sniffed, the path of a Unix socket, or the HTTP proxy's.
 *
 * @source istio: pilot/pkg/networking/core/httproute.go, buildSidecarOutboundHTTPRouteConfig
 */
export function sidecarRoutes(name: string, view: ProxyView): RouteConfiguration {
  const { port, isSniffed } = parseRouteName(name);
  const all = virtualHostsOfPort(name, port, view);
  const virtualHosts = (isSniffed ? onlyService(all, name, view) : all).toSorted(compareNames);
  return {
    name,
    virtualHosts: isSniffed ? virtualHosts : [...virtualHosts, catchAll(view)],
    ...COMMON,
  };
}

/** Routes of the virtual outbound listener: every host is resolved when it is asked for. */
export function dynamicDnsRoutes(view: ProxyView): RouteConfiguration | undefined {
  if (view.scope.outboundTrafficPolicy.mode !== 'ALLOW_ANY_DYNAMIC_DNS') return undefined;
  return { name: ALLOW_ANY_DYNAMIC_DNS_ROUTE, virtualHosts: [catchAll(view)], ...COMMON };
}

export function compareNames(a: VirtualHost, b: VirtualHost): number {
  return compareText(a.name, b.name);
}

const COMMON = {
  validateClusters: false,
  maxDirectResponseBodySizeBytes: MAX_DIRECT_RESPONSE_BODY_BYTES,
  ignorePortInHostMatching: true,
} as const;

function catchAll({ scope, notes }: ProxyView): VirtualHost {
  const virtualHost = catchAllVirtualHost(scope.outboundTrafficPolicy);
  const { sidecar } = scope;
  const isOwn = sidecar?.spec.outboundTrafficPolicy !== undefined;
  const origin = isOwn
    ? originOf(sidecar, ['spec', 'outboundTrafficPolicy'])
    : meshOrigin(['meshConfig', 'outboundTrafficPolicy']);
  for (const object of [virtualHost, ...(virtualHost.routes ?? [])]) {
    notes.origins.set(object, origin);
  }
  return virtualHost;
}

/** Port 0 = a Unix socket or the HTTP proxy. @source istio: the same file, extractListenerPort */
function parseRouteName(name: string): { readonly port: number; readonly isSniffed: boolean } {
  if (name.startsWith('unix://') || name === HTTP_PROXY_ROUTE) return { port: 0, isSniffed: false };
  const colon = name.indexOf(':');
  return { port: Number(name.slice(colon + 1)), isSniffed: colon >= 0 };
}

function virtualHostsOfPort(name: string, port: number, view: ProxyView): VirtualHost[] {
  const listener = view.scope.egressListenerFor(port, name);
  if (listener === undefined) return [];
  const isHttpProxy = parseProtocol(listener.listener?.port?.protocol) === 'HTTP_PROXY';
  return sidecarVirtualHosts(new SidecarRouting(view), listener, isHttpProxy ? 0 : port);
}

/**
 * A sniffed port serves one service: its virtual host takes every Host.
 *
 * @source istio: the same file, getVirtualHostsForSniffedServicePort
 */
function onlyService(
  virtualHosts: readonly VirtualHost[],
  name: string,
  { notes }: ProxyView,
): VirtualHost[] {
  const host = name.slice(0, name.lastIndexOf(':'));
  const own = virtualHosts.filter(
    ({ domains }) => domains.includes(name) || domains.includes(host),
  );
  if (own.length !== 1) return own;
  const only = { ...own[0]!, domains: ['*'] };
  const origin = notes.origins.get(own[0]!);
  if (origin !== undefined) notes.origins.set(only, origin);
  return [only];
}
