import type { HttpConnectionManager, Listener } from '#xds/listener.ts';
import type { RouteConfiguration } from '#xds/route.ts';
import type { LoggingSide } from './access-log/logging-providers.ts';
import type { OriginNotes } from './clusters/cluster-origins.ts';
import { gatewayConfiguration } from './gateways/gateway-configuration.ts';
import { EMPTY_PART, type ListenersAndRoutes } from './generated-parts.ts';
import { inboundKey, inboundListeners } from './inbound/inbound-listeners.ts';
import { ListenerMemory } from './listeners/listener-memory.ts';
import { sidecarOutboundListeners } from './listeners/sidecar-listeners.ts';
import type { HostName } from './model/host-name.ts';
import type { MeshModel } from './model/mesh-model.ts';
import type { ProxyModel } from './model/proxy.ts';
import type { ServiceTarget } from './model/service-targets.ts';
import type { SidecarScope } from './model/sidecar-scope.ts';
import { ResultsByProxy } from './observed-proxy.ts';
import { type ProxyView, proxyView } from './proxy-settings.ts';
import { RouteMemory } from './routes/route-memory.ts';
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
  /** By Sidecar, then namespace. */
  readonly #memories = new Map<SidecarScope['sidecar'], Map<string, ScopeMemory>>();
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
    const memory = this.#memoryOf(scope);
    const listeners = memory.listeners.get(model, scope, proxy, (observed) => {
      const view = this.#view(model, observed.proxy, 'CLIENT');
      const tcp = { ...view.tcp, lookupRule: (host: HostName) => observed.ruleOf(host) };
      return sidecarOutboundListeners({ ...view, tcp }, observed);
    });
    const routes = results
      .routesOf(listeners)
      .get(proxy, model, (observed) =>
        routesFor(listeners, this.#view(model, observed.proxy, 'CLIENT')),
      );
    return memory.part(listeners, routes);
  }

  /** On the way in to a sidecar's workload. */
  inbound(model: MeshModel, proxy: ProxyModel): readonly Listener[] {
    if (proxy.kind === 'gateway') return [];
    const results = this.#resultsOf(model.scopeFor(proxy), model);
    return results.inbound(this.#view(model, proxy, 'SERVER'));
  }

  #view(model: MeshModel, proxy: ProxyModel, side: LoggingSide): ProxyView {
    const scope = model.scopeFor(proxy);
    const { routes: memory } = this.#memoryOf(scope);
    const shared = { scope, notes: this.#notes, sharedRoutes: this.#routes, memory };
    return proxyView(model, proxy, shared, side);
  }

  #memoryOf({ sidecar, namespace }: SidecarScope): ScopeMemory {
    let byNamespace = this.#memories.get(sidecar);
    if (byNamespace === undefined) {
      byNamespace = new Map();
      this.#memories.set(sidecar, byNamespace);
    }
    let memory = byNamespace.get(namespace);
    if (memory === undefined) {
      memory = new ScopeMemory();
      byNamespace.set(namespace, memory);
    }
    return memory;
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
  readonly #routes = new WeakMap<
    readonly Listener[],
    ResultsByProxy<readonly RouteConfiguration[]>
  >();
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

  /** The route configurations that some listeners ask for. */
  routesOf(listeners: readonly Listener[]): ResultsByProxy<readonly RouteConfiguration[]> {
    let results = this.#routes.get(listeners);
    if (results === undefined) {
      results = new ResultsByProxy(settingsKey);
      this.#routes.set(listeners, results);
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

function routesFor(listeners: readonly Listener[], view: ProxyView): readonly RouteConfiguration[] {
  const sidecarRoutes = new SidecarRoutes(view);
  return routeNames(listeners).map((name) => sidecarRoutes.named(name));
}

/** What was last made for a scope. */
class ScopeMemory {
  readonly routes = new RouteMemory();
  readonly listeners = new ListenerMemory(settingsKey);
  #parts: readonly ListenersAndRoutes[] = [];

  /** The same part for the same listeners and routes. */
  part(listeners: readonly Listener[], routes: readonly RouteConfiguration[]): ListenersAndRoutes {
    const known = this.#parts.find(
      (part) =>
        part.listeners === listeners &&
        part.routes.length === routes.length &&
        routes.every((configuration, index) => configuration === part.routes[index]),
    );
    if (known !== undefined) return known;
    const part = { ...EMPTY_PART, listeners, routes, hasAutoPassthrough: false };
    this.#parts = [part, ...this.#parts].slice(0, REMEMBERED_PARTS);
    return part;
  }
}

const REMEMBERED_PARTS = 8;

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
