import type { HttpConnectionManager, Listener } from '#xds/listener.ts';
import type { OriginNotes } from './clusters/cluster-origins.ts';
import { gatewayConfiguration } from './gateways/gateway-configuration.ts';
import type { ListenersAndRoutes } from './generated-parts.ts';
import { inboundKey, inboundListeners } from './inbound/inbound-listeners.ts';
import { sidecarOutboundListeners } from './listeners/sidecar-listeners.ts';
import type { MeshModel } from './model/mesh-model.ts';
import type { ProxyModel } from './model/proxy.ts';
import type { SidecarScope } from './model/sidecar-scope.ts';
import { type ObservedProxy, ResultsByProxy } from './observed-proxy.ts';
import { type ProxyView, proxyView } from './proxy-settings.ts';
import { sidecarRoutes } from './routes/sidecar-routes.ts';

/**
 * The listeners of proxies and the route configurations that they ask for. What is the same for
 * several proxies is made once.
 *
 * @source istio: pilot/pkg/networking/core/listener.go, BuildListeners; httproute.go, BuildHTTPRoutes
 */
export class ListenerAndRouteGenerator {
  readonly #model: MeshModel;
  readonly #notes: OriginNotes;
  readonly #outbound = new WeakMap<SidecarScope, ResultsByProxy<ListenersAndRoutes>>();
  readonly #inbound = new Map<string, readonly Listener[]>();
  readonly #gateways: ResultsByProxy<ListenersAndRoutes>;

  constructor(model: MeshModel, notes: OriginNotes) {
    this.#model = model;
    this.#notes = notes;
    this.#gateways = new ResultsByProxy(
      (proxy) => `${this.#targetsKey(proxy)} ${settingsKey(proxy)}`,
    );
  }

  generate(proxy: ProxyModel): ListenersAndRoutes {
    const scope = this.#model.scopeFor(proxy);
    if (proxy.kind === 'gateway') {
      return this.#gateways.get(proxy, (observed) => {
        const targets = this.#model.serviceTargets(proxy);
        return gatewayConfiguration(this.#view(observed, scope), targets);
      });
    }
    let outbound = this.#outbound.get(scope);
    if (outbound === undefined) {
      outbound = new ResultsByProxy(settingsKey);
      this.#outbound.set(scope, outbound);
    }
    const shared = outbound.get(proxy, (observed) =>
      sidecarOutbound(this.#view(observed, scope), observed),
    );
    const view = proxyView(this.#model, proxy, scope, this.#notes);
    return { ...shared, listeners: [...shared.listeners, ...this.#inboundListeners(view)] };
  }

  #view({ proxy }: ObservedProxy, scope: SidecarScope): ProxyView {
    return proxyView(this.#model, proxy, scope, this.#notes);
  }

  #inboundListeners(view: ProxyView): readonly Listener[] {
    const key = `${inboundKey(view)} ${settingsKey(view.proxy)}`;
    let listeners = this.#inbound.get(key);
    if (listeners === undefined) {
      listeners = inboundListeners(view);
      this.#inbound.set(key, listeners);
    }
    return listeners;
  }

  /** A gateway's namespace, and the Services that lead to it. */
  #targetsKey(proxy: ProxyModel): string {
    const targets = this.#model
      .serviceTargets(proxy)
      .map(({ service, port, targetPort }) => [service.hostname, port.port, targetPort]);
    return JSON.stringify([proxy.namespace, targets]);
  }
}

/** What of a proxy decides beside its scope, labels and address. */
function settingsKey({ interceptionMode, metadata, ips: [address] }: ProxyModel): string {
  return JSON.stringify([interceptionMode, metadata, address?.includes(':') ?? false]);
}

function sidecarOutbound(view: ProxyView, observed: ObservedProxy): ListenersAndRoutes {
  const listeners = sidecarOutboundListeners(view, (address) => observed.hasAddress(address));
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
