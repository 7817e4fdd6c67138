import type { MeshConfigSpec } from '#config/istio/mesh-config.ts';
import type { Gateway, Sidecar } from '#config/resource.ts';
import type { ResourceStore } from '#config/resource-store.ts';
import { append } from './append.ts';
import { compareCreation } from './creation-order.ts';
import { DestinationRuleIndex } from './destination-rule-index.ts';
import type { IstioEndpoint } from './endpoint.ts';
import { EndpointIndex } from './endpoint-index.ts';
import { type IstioBehaviours, istioBehaviours, NEWEST_MINOR } from './istio-version.ts';
import { selects } from './labels.ts';
import { effectiveMeshConfig, type MeshConfig } from './mesh-config.ts';
import { PeerAuthenticationIndex } from './peer-authentication.ts';
import type { ProxyModel } from './proxy.ts';
import { type Aged, createdOf } from './resources.ts';
import type { Service } from './service.ts';
import { ServiceRegistry } from './service-registry.ts';
import {
  kubernetesTargets,
  type RegisteredService,
  type ServiceTarget,
  sortedTargets,
} from './service-targets.ts';
import {
  gatewayScope,
  type ScopeSources,
  type SidecarScope,
  sidecarScope,
} from './sidecar-scope.ts';
import { resolveVirtualService, type VirtualService } from './virtual-service.ts';
import { VirtualServiceIndex } from './virtual-service-index.ts';
import { WorkloadIndex } from './workload-index.ts';

export interface MeshModelOptions {
  readonly meshConfig?: MeshConfigSpec | undefined;
  /** The minor version of Istio: 24 of 1.24; the newest when not given. */
  readonly istioMinor?: number | undefined;
  /** `cluster.local` when not given. */
  readonly domain?: string | undefined;
  /** The age of resources that don't tell theirs, in seconds since 1970. */
  readonly defaultCreatedAtS?: number | undefined;
}

/**
 * Everything that istiod knows, indexed for the questions that proxies ask. Immutable: another set of
 * resources is another model.
 *
 * @source istio: pilot/pkg/model/push_context.go, PushContext
 */
export class MeshModel {
  readonly meshConfig: MeshConfig;
  readonly behaviours: IstioBehaviours;
  readonly domain: string;
  readonly registry: ServiceRegistry;
  readonly workloads: WorkloadIndex;
  readonly endpointIndex: EndpointIndex;
  readonly virtualServices: VirtualServiceIndex;
  readonly destinationRules: DestinationRuleIndex;
  readonly peerAuthentications: PeerAuthenticationIndex;
  /** Oldest first. */
  readonly gateways: readonly Gateway[];
  readonly #sidecars: ReadonlyMap<string, readonly Sidecar[]>;
  readonly #kubernetesServices = new Map<string, RegisteredService[]>();
  readonly #scopes = new Map<Sidecar | undefined, Map<string, SidecarScope>>();
  readonly #gatewayScopes = new Map<string, SidecarScope>();
  readonly #sources: ScopeSources;
  #entryTargetsByIp: ReadonlyMap<string, readonly ServiceTarget[]> | undefined;

  constructor(store: ResourceStore, options: MeshModelOptions = {}) {
    this.meshConfig = effectiveMeshConfig(options.meshConfig);
    this.behaviours = istioBehaviours(options.istioMinor ?? NEWEST_MINOR);
    this.domain = options.domain ?? 'cluster.local';
    const { meshConfig, behaviours, domain } = this;
    const defaultCreatedAtS = options.defaultCreatedAtS ?? 0;
    const aged = <Kind extends Parameters<ResourceStore['of']>[0]>(kind: Kind) =>
      store
        .of(kind)
        .map((resource) => ({ resource, created: createdOf(resource, defaultCreatedAtS) }))
        .sort((a, b) => compareCreation(a.created, b.created));
    this.registry = new ServiceRegistry(store, { meshConfig, domain, defaultCreatedAtS });
    this.workloads = new WorkloadIndex(store, meshConfig.trustDomain);
    this.endpointIndex = new EndpointIndex(store, this.registry, this.workloads, meshConfig);
    const defaultExportTo = meshConfig.defaultVirtualServiceExportTo;
    this.virtualServices = new VirtualServiceIndex(
      aged('VirtualService').map(({ resource, created }) =>
        resolveVirtualService(resource, created, { domain, defaultExportTo }),
      ),
    );
    this.destinationRules = new DestinationRuleIndex(aged('DestinationRule'), {
      rootNamespace: meshConfig.rootNamespace,
      domain,
      defaultExportTo: meshConfig.defaultDestinationRuleExportTo,
      mergesByExportTo: behaviours.mergesDestinationRulesByExportTo,
    });
    const policies = aged('PeerAuthentication');
    this.peerAuthentications = new PeerAuthenticationIndex(policies, meshConfig.rootNamespace);
    this.gateways = aged('Gateway').map(({ resource }) => resource);
    this.#sidecars = sidecarsByNamespace(aged('Sidecar'));
    this.#registerKubernetesServices(store);
    const { registry, virtualServices, destinationRules } = this;
    this.#sources = { registry, virtualServices, destinationRules, meshConfig, behaviours };
  }

  #registerKubernetesServices(store: ResourceStore): void {
    const bySource = new Map(this.registry.services.map((service) => [service.source, service]));
    for (const resource of store.of('Service')) {
      const service = bySource.get(resource);
      if (service === undefined) continue;
      append(this.#kubernetesServices, service.namespace, { resource, service });
    }
  }

  /**
   * What a proxy may see of the mesh: the Sidecar that selects it, else its namespace's, else the root
   * namespace's, else everything that is exported to it.
   *
   * @source istio: pilot/pkg/model/push_context.go, getSidecarScope
   */
  scopeFor(proxy: ProxyModel): SidecarScope {
    const { namespace } = proxy;
    if (proxy.kind === 'gateway') {
      return this.#cached(this.#gatewayScopes, namespace, () =>
        gatewayScope(namespace, this.#sources),
      );
    }
    const sidecar = this.#sidecarFor(proxy);
    let scopes = this.#scopes.get(sidecar);
    if (scopes === undefined) {
      scopes = new Map();
      this.#scopes.set(sidecar, scopes);
    }
    return this.#cached(scopes, namespace, () => sidecarScope(namespace, sidecar, this.#sources));
  }

  #cached(
    scopes: Map<string, SidecarScope>,
    namespace: string,
    make: () => SidecarScope,
  ): SidecarScope {
    let scope = scopes.get(namespace);
    if (scope === undefined) {
      scope = make();
      scopes.set(namespace, scope);
    }
    return scope;
  }

  #sidecarFor(proxy: ProxyModel): Sidecar | undefined {
    const own = this.#sidecars.get(proxy.namespace)?.find(({ spec }) => {
      const selector = spec.workloadSelector?.labels;
      return selector === undefined || selects(selector, proxy.labels);
    });
    if (own !== undefined) return own;
    return this.#sidecars
      .get(this.meshConfig.rootNamespace)
      ?.find(({ spec }) => spec.workloadSelector === undefined);
  }

  /**
   * The VirtualServices bound to a gateway (`namespace/name`, or `mesh`) that a namespace may use, in
   * order of precedence.
   */
  virtualServicesFor(namespace: string, gateway: string): readonly VirtualService[] {
    return this.virtualServices.forGateway(namespace, gateway);
  }

  /** The endpoints of a service's port, whoever asks. */
  endpoints(service: Service, portName: string): readonly IstioEndpoint[] {
    return this.endpointIndex.endpoints(service, portName);
  }

  /**
   * The ports on which a proxy's own workload serves, oldest service first.
   *
   * @source istio: pilot/pkg/serviceregistry/aggregate/controller.go, GetProxyServiceTargets
   */
  serviceTargets(proxy: ProxyModel): readonly ServiceTarget[] {
    const services = this.#kubernetesServices.get(proxy.namespace) ?? [];
    const kubernetes = kubernetesTargets(proxy, services, this.workloads);
    return sortedTargets([...kubernetes, ...this.#entryTargets(proxy)]);
  }

  /** Ports of ServiceEntries of which the workload is an endpoint. */
  #entryTargets(proxy: ProxyModel): readonly ServiceTarget[] {
    this.#entryTargetsByIp ??= this.#indexEntryTargets();
    return proxy.ips
      .flatMap((ip) => this.#entryTargetsByIp?.get(ip) ?? [])
      .filter(({ service }) => service.namespace === proxy.namespace);
  }

  #indexEntryTargets(): ReadonlyMap<string, readonly ServiceTarget[]> {
    const byIp = new Map<string, ServiceTarget[]>();
    for (const service of this.registry.services) {
      if (service.registry !== 'External') continue;
      for (const port of service.ports) {
        for (const endpoint of this.endpoints(service, port.name)) {
          append(byIp, endpoint.address, { service, port, targetPort: endpoint.port });
        }
      }
    }
    return byIp;
  }
}

/** Those with a selector first, each part oldest first. */
function sidecarsByNamespace(
  sidecars: readonly Aged<Sidecar>[],
): ReadonlyMap<string, readonly Sidecar[]> {
  const byNamespace = new Map<string, Sidecar[]>();
  const isSelecting = ({ resource }: Aged<Sidecar>) => resource.spec.workloadSelector !== undefined;
  const ordered = [
    ...sidecars.filter(isSelecting),
    ...sidecars.filter((sidecar) => !isSelecting(sidecar)),
  ];
  for (const { resource } of ordered) append(byNamespace, resource.metadata.namespace, resource);
  return byNamespace;
}
