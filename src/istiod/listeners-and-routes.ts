import type { HttpConnectionManager, Listener } from '#xds/listener.ts';
import type { LoggingSide } from './access-log/logging-providers.ts';
import type { OriginNotes } from './clusters/cluster-origins.ts';
import { gatewayConfiguration } from './gateways/gateway-configuration.ts';
import { EMPTY_PART, type ListenersAndRoutes } from './generated-parts.ts';
import { inboundKey, inboundListeners } from './inbound/inbound-listeners.ts';
import { sidecarOutboundListeners } from './listeners/sidecar-listeners.ts';
import type { MeshModel } from './model/mesh-model.ts';
import type { ProxyModel } from './model/proxy.ts';
import type { ServiceTarget } from './model/service-targets.ts';
import type { SidecarScope } from './model/sidecar-scope.ts';
import { type ObservedProxy, ResultsByProxy } from './observed-proxy.ts';
import { type ProxyView, proxyView } from './proxy-settings.ts';
import { SharedRoutes } from './routes/shared-routes.ts';
import { SidecarRoutes } from './routes/sidecar-routes.ts';

/**
 * The listeners of proxies and the route configurations that they ask for. What is the same for
 * several proxies, or for the same proxy after a change of the mesh, is made once.
 *
 * @source istio: pilot/pkg/networking/core/listener.go, BuildListeners; httproute.go, BuildHTTPRoutes
 */
export class ListenerAndRouteGenerator {
  readonly #notes: OriginNotes;
  readonly #routes = new SharedRoutes();
  /** By scope: it stays while services, VirtualServices, DestinationRules and Sidecars do. */
  readonly #results = new WeakMap<SidecarScope, ScopeResults>();

  constructor(notes: OriginNotes) {
    this.#notes = notes;
  }

  /** On the way out of a sidecar; of a gateway everything. */
  outgoing(model: MeshModel, proxy: ProxyModel): ListenersAndRoutes {
    const scope = model.scopeFor(proxy);
    const results = this.#resultsOf(scope, model);
    if (proxy.kind === 'gateway') {
      const targets = model.serviceTargets(proxy);
      return results
        .gateways(targets)
        .get(proxy, model, (observed) =>
          gatewayConfiguration(this.#view(model, observed.proxy, 'CLIENT'), targets),
        );
    }
    return results.outbound.get(proxy, model, (observed) =>
      sidecarOutbound(this.#view(model, observed.proxy, 'CLIENT'), observed),
    );
  }

  /** On the way in to a sidecar's workload. */
  inbound(model: MeshModel, proxy: ProxyModel): readonly Listener[] {
    if (proxy.kind === 'gateway') return [];
    const results = this.#resultsOf(model.scopeFor(proxy), model);
    return results.inbound(this.#view(model, proxy, 'SERVER'));
  }

  #view(model: MeshModel, proxy: ProxyModel, side: LoggingSide): ProxyView {
    const scope = model.scopeFor(proxy);
    return proxyView(model, proxy, { scope, notes: this.#notes, sharedRoutes: this.#routes }, side);
  }

  #resultsOf(scope: SidecarScope, model: MeshModel): ScopeResults {
    let results = this.#results.get(scope);
    if (results === undefined || !results.areCurrent(model)) {
      results = new ScopeResults(model);
      this.#results.set(scope, results);
    }
    return results;
  }
}

/** What was made for the proxies of a scope. */
class ScopeResults {
  readonly outbound = new ResultsByProxy<ListenersAndRoutes>(settingsKey);
  readonly #inbound = new Map<string, readonly Listener[]>();
  readonly #gateways = new Map<string, ResultsByProxy<ListenersAndRoutes>>();
  readonly #sources: Sources;

  constructor({ gateways, peerAuthentications, telemetries }: MeshModel) {
    this.#sources = { gateways, peerAuthentications, telemetries };
  }

  /** Whether a model has the same of what the scope does not tell. */
  areCurrent({ gateways, peerAuthentications, telemetries }: MeshModel): boolean {
    const { gateways: known } = this.#sources;
    return (
      peerAuthentications === this.#sources.peerAuthentications &&
      telemetries === this.#sources.telemetries &&
      gateways.length === known.length &&
      gateways.every((gateway, index) => gateway === known[index])
    );
  }

  /** By the Services that lead to a gateway. */
  gateways(targets: readonly ServiceTarget[]): ResultsByProxy<ListenersAndRoutes> {
    const key = JSON.stringify(
      targets.map(({ service, port, targetPort }) => [service.hostname, port.port, targetPort]),
    );
    let results = this.#gateways.get(key);
    if (results === undefined) {
      results = new ResultsByProxy(settingsKey);
      this.#gateways.set(key, results);
    }
    return results;
  }

  inbound(view: ProxyView): readonly Listener[] {
    const key = `${inboundKey(view)} ${settingsKey(view.proxy)}`;
    let listeners = this.#inbound.get(key);
    if (listeners === undefined) {
      listeners = inboundListeners(view);
      this.#inbound.set(key, listeners);
    }
    return listeners;
  }
}

type Sources = Pick<MeshModel, 'gateways' | 'peerAuthentications' | 'telemetries'>;

/** What of a proxy decides beside its scope, labels and address. */
function settingsKey({ interceptionMode, metadata, ips }: ProxyModel): string {
  const families = ips.map((address) => address.includes(':'));
  return JSON.stringify([interceptionMode, metadata, families]);
}

function sidecarOutbound(view: ProxyView, observed: ObservedProxy): ListenersAndRoutes {
  const listeners = sidecarOutboundListeners(view, observed);
  const sidecarRoutes = new SidecarRoutes(view);
  const routes = routeNames(listeners).map((name) => sidecarRoutes.named(name));
  return { ...EMPTY_PART, listeners, routes, hasAutoPassthrough: false };
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
