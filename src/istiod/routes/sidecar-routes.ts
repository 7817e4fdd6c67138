import { compareText } from '#source/compare-text.ts';
import { memoOf } from '#source/memo.ts';
import type { RouteConfiguration, VirtualHost } from '#xds/route.ts';
import { meshOrigin, originOf } from '../clusters/cluster-origins.ts';
import { append } from '../model/append.ts';
import type { EgressListener } from '../model/egress-listener.ts';
import { parseProtocol } from '../model/protocol.ts';
import type { ProxyView } from '../proxy-settings.ts';
import { ALLOW_ANY_DYNAMIC_DNS_ROUTE, HTTP_PROXY_ROUTE } from '../special-names.ts';
import { catchAllVirtualHost } from './catch-all-virtual-host.ts';
import { SidecarRouting } from './sidecar-routing.ts';
import { sidecarVirtualHosts } from './sidecar-virtual-hosts.ts';

/** The 1 MB that validation lets a direct response have. */
export const MAX_DIRECT_RESPONSE_BODY_BYTES = 1024 * 1024;

/** The route configurations of a sidecar. */
export class SidecarRoutes {
  readonly #view: ProxyView;
  readonly #routing: SidecarRouting;
  /** The ports of an egress listener: many services may sniff on one. */
  readonly #catchAll: VirtualHost;
  readonly #ports = new Map<EgressListener, Map<number, readonly VirtualHost[]>>();

  constructor(view: ProxyView) {
    this.#view = view;
    this.#routing = new SidecarRouting(view);
    this.#catchAll = view.memory.catchAll(() => catchAll(view));
  }

  /**
   * The one of that name: `80` for all services of a port, `host:80` for a service whose port is
   * sniffed, the path of a Unix socket, or the HTTP proxy's.
   *
   * @source istio: pilot/pkg/networking/core/httproute.go, buildSidecarOutboundHTTPRouteConfig
   */
  named(name: string): RouteConfiguration {
    const { port, isSniffed } = parseRouteName(name);
    const all = this.#virtualHosts(name, port);
    const virtualHosts = isSniffed ? onlyService(all, name, this.#view) : all;
    return this.#view.memory.same({
      name,
      virtualHosts: isSniffed ? virtualHosts : [...virtualHosts, this.#catchAll],
      ...COMMON,
    });
  }

  /** In the order of their names. */
  #virtualHosts(name: string, port: number): readonly VirtualHost[] {
    const listener = this.#view.scope.egressListenerFor(port, name);
    if (listener === undefined) return [];
    let byPort = this.#ports.get(listener);
    if (byPort === undefined) {
      byPort = new Map();
      this.#ports.set(listener, byPort);
    }
    let virtualHosts = byPort.get(port);
    if (virtualHosts === undefined) {
      const isHttpProxy = parseProtocol(listener.listener?.port?.protocol) === 'HTTP_PROXY';
      const listenPort = isHttpProxy ? 0 : port;
      virtualHosts = sidecarVirtualHosts(this.#routing, listener, listenPort);
      byPort.set(port, virtualHosts);
    }
    return virtualHosts;
  }
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
  const byDomain = domainsOf(virtualHosts);
  const own = [...new Set([...(byDomain.get(name) ?? []), ...(byDomain.get(host) ?? [])])];
  if (own.length !== 1) return own.sort(compareNames);
  const [first] = own;
  let only = forEveryHost.get(first!);
  if (only === undefined) {
    only = { ...first!, domains: ['*'] };
    forEveryHost.set(first!, only);
    const origin = notes.origins.get(first!);
    if (origin !== undefined) notes.origins.set(only, origin);
  }
  return [only];
}

const forEveryHost = new WeakMap<VirtualHost, VirtualHost>();

/** Many services of a port may be sniffed: each is found without a walk. */
const domainsOf = memoOf((virtualHosts: readonly VirtualHost[]) => {
  const byDomain = new Map<string, VirtualHost[]>();
  for (const virtualHost of virtualHosts)
    for (const domain of virtualHost.domains) append(byDomain, domain, virtualHost);
  return byDomain;
});
