import type { ConnectionPoolSettings } from '#config/istio/destination-rule.ts';
import type { Destination } from '#config/istio/shared-shapes.ts';
import type { Sidecar } from '#config/resource.ts';
import type { Path } from '#source/path.ts';
import { compareCreation } from './creation-order.ts';
import type { DestinationRuleIndex } from './destination-rule-index.ts';
import type { ConsolidatedDestinationRule } from './destination-rule-merge.ts';
import { type EgressListener, egressListener, withOnlyPort } from './egress-listener.ts';
import type { HostName } from './host-name.ts';
import type { ServicesOfScope } from './imported-services.ts';
import type { IstioBehaviours } from './istio-version.ts';
import { selects } from './labels.ts';
import type { MeshConfig } from './mesh-config.ts';
import { MESH_GATEWAY } from './names.ts';
import type { ProxyModel } from './proxy.ts';
import { ScopeServices } from './scope-services.ts';
import type { Service } from './service.ts';
import type { ServiceRegistry } from './service-registry.ts';
import { ANY_PORT, destinationsOf } from './virtual-service-destinations.ts';
import type { VirtualServiceIndex } from './virtual-service-index.ts';

export type { EgressListener } from './egress-listener.ts';

/** What becomes of traffic to hosts that nobody declared. */
export interface OutboundTrafficPolicy {
  readonly mode: MeshConfig['outboundTrafficPolicy'];
  readonly egressProxy: Destination | undefined;
}

/** What a scope chooses from. */
export interface ScopeSources {
  readonly registry: ServiceRegistry;
  readonly virtualServices: VirtualServiceIndex;
  readonly destinationRules: DestinationRuleIndex;
  readonly meshConfig: MeshConfig;
  readonly behaviours: IstioBehaviours;
}

/** A connection pool of a Sidecar, and where it stands. */
export interface SidecarConnectionPool {
  readonly settings: ConnectionPoolSettings;
  readonly path: Path;
}

/**
 * What the proxies of a namespace that a Sidecar selects, or all of them, may see of the mesh.
 *
 * @source istio: pilot/pkg/model/sidecar.go, SidecarScope
 */
export class SidecarScope {
  /** The namespace in which the Sidecar takes effect; its own may be the root namespace. */
  readonly namespace: string;
  readonly sidecar: Sidecar | undefined;
  readonly egressListeners: readonly EgressListener[];
  /** Everything that clusters are made for, one service per host. */
  readonly services: readonly Service[];
  readonly outboundTrafficPolicy: OutboundTrafficPolicy;
  readonly #byHost: ReadonlyMap<HostName, Service>;
  readonly #sources: ScopeSources;

  constructor(
    namespace: string,
    sidecar: Sidecar | undefined,
    egressListeners: readonly EgressListener[],
    services: ServicesOfScope,
    sources: ScopeSources,
  ) {
    this.namespace = namespace;
    this.sidecar = sidecar;
    this.egressListeners = egressListeners;
    this.#byHost = services.byHost;
    this.services = services.list;
    this.#sources = sources;
    this.outboundTrafficPolicy = sidecar?.spec.outboundTrafficPolicy ?? {
      mode: sources.meshConfig.outboundTrafficPolicy,
      egressProxy: undefined,
    };
  }

  service(hostname: HostName): Service | undefined {
    return this.#byHost.get(hostname);
  }

  /**
   * The egress listener that serves a port: the one with that port, else the catch-all.
   *
   * @source istio: pilot/pkg/model/sidecar.go, GetEgressListenerForRDS
   */
  egressListenerFor(port: number, bind: string): EgressListener | undefined {
    return this.egressListeners.find(({ listener }) => {
      if (listener?.port === undefined) return true;
      return listener.port.number === port && (port !== 0 || listener.bind === bind);
    });
  }

  get hasIngressListener(): boolean {
    return (this.sidecar?.spec.ingress.length ?? 0) > 0;
  }

  /** @source istio: pilot/pkg/model/sidecar.go, InboundConnectionPoolForPort */
  inboundConnectionPool(port: number): SidecarConnectionPool | undefined {
    const spec = this.sidecar?.spec;
    if (spec === undefined) return undefined;
    const index = spec.ingress.findIndex(
      (listener) => listener.port?.number === port && listener.connectionPool !== undefined,
    );
    const own = spec.ingress[index]?.connectionPool;
    if (own !== undefined) {
      return { settings: own, path: ['spec', 'ingress', index, 'connectionPool'] };
    }
    const settings = spec.inboundConnectionPool;
    return settings && { settings, path: ['spec', 'inboundConnectionPool'] };
  }

  /**
   * The rule for a service: one whose selector names the proxy, else the last without a selector. On
   * the way in selectors don't count.
   *
   * @source istio: pilot/pkg/model/sidecar.go, DestinationRule
   */
  destinationRule(
    direction: 'outbound' | 'inbound',
    proxy: ProxyModel,
    hostname: HostName,
  ): ConsolidatedDestinationRule | undefined {
    const rules = this.destinationRules(hostname);
    if (direction === 'outbound') {
      const selected = rules.find(
        ({ namespace, workloadSelector }) =>
          namespace === this.namespace &&
          workloadSelector !== undefined &&
          selects(workloadSelector, proxy.labels),
      );
      if (selected !== undefined) return selected;
    }
    return rules.findLast(({ workloadSelector }) => workloadSelector === undefined);
  }

  /** The rules for a service, before selectors choose. */
  destinationRules(hostname: HostName): readonly ConsolidatedDestinationRule[] {
    const service = this.#byHost.get(hostname);
    if (service === undefined) return NO_RULES;
    return this.#sources.destinationRules.rulesFor(this.namespace, service);
  }
}

const NO_RULES: readonly ConsolidatedDestinationRule[] = [];

/**
 * The scope of the proxies of a namespace under a Sidecar, or under none.
 *
 * @source istio: pilot/pkg/model/sidecar.go, convertToSidecarScope
 */
export function sidecarScope(
  namespace: string,
  sidecar: Sidecar | undefined,
  sources: ScopeSources,
): SidecarScope {
  const candidates = {
    namespace,
    registry: sources.registry,
    virtualServices: sources.virtualServices.forGateway(namespace, MESH_GATEWAY),
    behaviours: sources.behaviours,
  };
  const written = sidecar?.spec.egress ?? [];
  const listeners =
    written.length === 0
      ? [egressListener(undefined, candidates)]
      : written.map((listener) => egressListener(listener, candidates));
  const services = scopeServices(namespace, listeners, sources);
  return new SidecarScope(namespace, sidecar, listeners, services, sources);
}

/**
 * The scope of a gateway: everything that its namespace may see. Sidecars don't concern it.
 *
 * @source istio: pilot/pkg/model/sidecar.go, DefaultSidecarScopeForGateway
 */
export function gatewayScope(namespace: string, sources: ScopeSources): SidecarScope {
  const { imported } = sources.registry;
  const services = imported.scopeOf(imported.distinct(sources.registry.visibleTo(namespace)));
  const listener: EgressListener = {
    listener: undefined,
    matchesPort: false,
    services: [],
    virtualServices: sources.virtualServices.forGateway(namespace, MESH_GATEWAY),
    mostSpecificVirtualService: new Map(),
  };
  return new SidecarScope(namespace, undefined, [listener], services, sources);
}

/**
 * What the listeners import, and what their VirtualServices send to.
 *
 * @source istio: pilot/pkg/model/sidecar.go, collectImportedServices
 */
function scopeServices(
  namespace: string,
  listeners: readonly EgressListener[],
  sources: ScopeSources,
): ServicesOfScope {
  const { imported } = sources.registry;
  const [only] = listeners;
  if (only !== undefined && listeners.length === 1) {
    const plain = imported.scopeOf(only.services);
    if (imported.hasDestinationsOf(only.virtualServices, plain, sources.registry)) return plain;
  }
  const services = new ScopeServices();
  for (const listener of listeners) {
    for (const service of listener.services) services.add(service);
    for (const service of destinationServices(listener, namespace, sources)) services.add(service);
  }
  return { byHost: services.byHost, list: imported.distinct([...services.byHost.values()]) };
}

/** What the VirtualServices of a listener send to, in their order. */
function destinationServices(
  listener: EgressListener,
  namespace: string,
  sources: ScopeSources,
): readonly Service[] {
  const found: Service[] = [];
  for (const virtualService of listener.virtualServices) {
    for (const [host, ports] of destinationsOf(virtualService, namespace)) {
      const service = destinationService(host, namespace, sources);
      const trimmed = service && withDestinationPorts(service, listener, ports);
      if (trimmed !== undefined) found.push(trimmed);
    }
  }
  return found;
}

/** The service that a destination means: the proxy's own namespace's, else the best that it may see. */
function destinationService(
  host: HostName,
  namespace: string,
  { registry, behaviours }: ScopeSources,
): Service | undefined {
  const byNamespace = registry.named(host);
  if (byNamespace === undefined) return undefined;
  const own = byNamespace.get(namespace);
  if (own !== undefined) return own;
  if (byNamespace.size === 1) {
    for (const only of byNamespace.values()) {
      return registry.isVisible(only, namespace) ? only : undefined;
    }
  }
  const visible = [...byNamespace.values()].filter((service) =>
    registry.isVisible(service, namespace),
  );
  if (!behaviours.picksBestNamespace) {
    return visible.sort((a, b) => (a.namespace < b.namespace ? -1 : 1))[0];
  }
  return (
    visible.find(({ registry: from }) => from === 'Kubernetes') ?? visible.sort(compareCreation)[0]
  );
}

/** @source istio: pilot/pkg/model/sidecar.go, serviceMatchingVirtualServicePorts */
function withDestinationPorts(
  service: Service,
  { listener, matchesPort }: EgressListener,
  wanted: ReadonlySet<number>,
): Service | undefined {
  if (matchesPort) return withOnlyPort(service, listener?.port?.number ?? 0);
  if (wanted.has(ANY_PORT)) return service;
  const ports = service.ports.filter(({ port }) => wanted.has(port));
  if (ports.length === service.ports.length) return service;
  return ports.length === 0 ? undefined : { ...service, ports };
}
