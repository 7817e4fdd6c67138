import type { MeshConfigSpec } from '#config/istio/mesh-config.ts';
import type { Gateway, ResourceOf } from '#config/resource.ts';
import type { KindName } from '#config/resource-kinds.ts';
import type { ResourceStore } from '#config/resource-store.ts';
import { type DerivedStore, derivedStore } from '../gateway-api/derived-store.ts';
import { append } from './append.ts';
import { compareCreation } from './creation-order.ts';
import { DestinationRuleIndex } from './destination-rule-index.ts';
import { discovered } from './discovery.ts';
import type { IstioEndpoint } from './endpoint.ts';
import { EndpointIndex } from './endpoint-index.ts';
import { type IstioBehaviours, istioBehaviours, NEWEST_MINOR } from './istio-version.ts';
import { effectiveMeshConfig, type MeshConfig } from './mesh-config.ts';
import { PeerAuthenticationIndex } from './peer-authentication.ts';
import type { ProxyModel } from './proxy.ts';
import { areUnchanged } from './resource-changes.ts';
import { type Aged, createdOf } from './resources.ts';
import { ScopeDirectory } from './scope-directory.ts';
import type { Service } from './service.ts';
import { type KnownServices, ServiceRegistry } from './service-registry.ts';
import {
  kubernetesTargets,
  type RegisteredService,
  type ServiceTarget,
  sortedTargets,
} from './service-targets.ts';
import type { SidecarScope } from './sidecar-scope.ts';
import { TelemetryIndex } from './telemetry-index.ts';
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
 * resources is another model, made by `next`, which takes over what did not change.
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
  readonly telemetries: TelemetryIndex;
  /** Oldest first. */
  readonly gateways: readonly Gateway[];
  /** The same for a model and all that follow it: what is made for one may serve the next. */
  readonly lineage: object;
  readonly #store: ResourceStore;
  readonly #options: MeshModelOptions;
  readonly #derived: DerivedStore;
  readonly #scopes: ScopeDirectory;
  /** Of a lineage: its models have the same settings. */
  readonly #resolved: WeakMap<ResourceOf<'VirtualService'>, VirtualService>;
  readonly #knownServices: KnownServices;
  readonly #kubernetesServices: ReadonlyMap<string, readonly RegisteredService[]>;
  #entryTargetsByIp: ReadonlyMap<string, readonly ServiceTarget[]> | undefined;

  /** `previous` has the same options. */
  constructor(given: ResourceStore, options: MeshModelOptions = {}, previous?: MeshModel) {
    this.domain = options.domain ?? 'cluster.local';
    const seen = discovered(given, options.meshConfig?.discoverySelectors ?? []);
    this.#derived = derivedStore(
      seen,
      this.domain,
      previous === undefined ? undefined : previous.#derived,
    );
    const { store } = this.#derived;
    this.#store = store;
    this.#options = options;
    this.lineage = previous?.lineage ?? {};
    this.#resolved = previous === undefined ? new WeakMap() : previous.#resolved;
    this.#knownServices = previous === undefined ? new WeakMap() : previous.#knownServices;
    this.meshConfig = previous?.meshConfig ?? effectiveMeshConfig(options.meshConfig);
    this.behaviours = previous?.behaviours ?? istioBehaviours(options.istioMinor ?? NEWEST_MINOR);
    const keep = <Part>(
      part: (model: MeshModel) => Part,
      kinds: readonly KindName[],
      make: () => Part,
    ): Part =>
      previous !== undefined && areUnchanged(previous.#store, store, kinds)
        ? part(previous)
        : make();
    const registryKinds = ['Service', 'ServiceEntry', 'Namespace'] as const;
    this.registry = keep(
      (model) => model.registry,
      registryKinds,
      () => this.#readRegistry(),
    );
    this.virtualServices = keep(
      (model) => model.virtualServices,
      ['VirtualService'],
      () => this.#readVirtualServices(),
    );
    this.destinationRules = keep(
      (model) => model.destinationRules,
      ['DestinationRule'],
      () => this.#readDestinationRules(),
    );
    this.peerAuthentications = keep(
      (model) => model.peerAuthentications,
      ['PeerAuthentication'],
      () => this.#readPeerAuthentications(),
    );
    this.telemetries = keep(
      (model) => model.telemetries,
      ['Telemetry'],
      () => this.#readTelemetries(),
    );
    this.#scopes = keep(
      (model) => model.#scopes,
      [...registryKinds, 'VirtualService', 'DestinationRule', 'Sidecar'],
      () => this.#readScopes(),
    );
    this.gateways = this.#aged('Gateway').map(({ resource }) => resource);
    this.#kubernetesServices = keep(
      (model) => model.#kubernetesServices,
      registryKinds,
      () => kubernetesServices(store, this.registry),
    );
    const workloadKinds = ['Pod', 'Node', 'WorkloadEntry'] as const;
    this.workloads = keep(
      (model) => model.workloads,
      workloadKinds,
      () => new WorkloadIndex(store, this.meshConfig.trustDomain, previous?.workloads),
    );
    this.endpointIndex = keep(
      (model) => model.endpointIndex,
      [...registryKinds, ...workloadKinds, 'Endpoints', 'EndpointSlice'],
      () => this.#readEndpoints(previous?.endpointIndex),
    );
  }

  /** The model of other resources under the same settings. */
  next(store: ResourceStore): MeshModel {
    return new MeshModel(store, this.#options, this);
  }

  #aged<Kind extends KindName>(kind: Kind): Aged<ResourceOf<Kind>>[] {
    const defaultCreatedAtS = this.#options.defaultCreatedAtS ?? 0;
    return this.#store
      .of(kind)
      .map((resource) => ({ resource, created: createdOf(resource, defaultCreatedAtS) }))
      .sort((a, b) => compareCreation(a.created, b.created));
  }

  #readRegistry(): ServiceRegistry {
    const { meshConfig, domain, behaviours } = this;
    const defaultCreatedAtS = this.#options.defaultCreatedAtS ?? 0;
    const scope = { meshConfig, domain, behaviours, defaultCreatedAtS, known: this.#knownServices };
    return new ServiceRegistry(this.#store, scope);
  }

  #readEndpoints(previous: EndpointIndex | undefined): EndpointIndex {
    const { registry, workloads, meshConfig } = this;
    return new EndpointIndex(this.#store, registry, workloads, meshConfig, previous);
  }

  /** The same objects for the same resources: routes made of them serve the next model as well. */
  #readVirtualServices(): VirtualServiceIndex {
    const { domain } = this;
    const defaultExportTo = this.meshConfig.defaultVirtualServiceExportTo;
    const resolved = this.#aged('VirtualService').map(({ resource, created }) => {
      const known = this.#resolved.get(resource);
      if (known !== undefined) return known;
      const made = resolveVirtualService(resource, created, { domain, defaultExportTo });
      this.#resolved.set(resource, made);
      return made;
    });
    return new VirtualServiceIndex(resolved);
  }

  #readDestinationRules(): DestinationRuleIndex {
    const { rootNamespace, defaultDestinationRuleExportTo } = this.meshConfig;
    return new DestinationRuleIndex(this.#aged('DestinationRule'), {
      rootNamespace,
      domain: this.domain,
      defaultExportTo: defaultDestinationRuleExportTo,
      mergesByExportTo: this.behaviours.mergesDestinationRulesByExportTo,
    });
  }

  #readPeerAuthentications(): PeerAuthenticationIndex {
    const policies = this.#aged('PeerAuthentication');
    return new PeerAuthenticationIndex(policies, this.meshConfig.rootNamespace);
  }

  #readTelemetries(): TelemetryIndex {
    const telemetries = this.#aged('Telemetry').map(({ resource }) => resource);
    return new TelemetryIndex(telemetries, this.meshConfig.rootNamespace);
  }

  #readScopes(): ScopeDirectory {
    const { registry, virtualServices, destinationRules, meshConfig, behaviours } = this;
    // Not the model itself: the next one takes the scopes over, and this one's store shall go.
    const sources = { registry, virtualServices, destinationRules, meshConfig, behaviours };
    return new ScopeDirectory(this.#aged('Sidecar'), sources);
  }

  /** What a proxy may see of the mesh. */
  scopeFor(proxy: ProxyModel): SidecarScope {
    return this.#scopes.scopeFor(proxy);
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

function kubernetesServices(
  store: ResourceStore,
  registry: ServiceRegistry,
): ReadonlyMap<string, readonly RegisteredService[]> {
  const byNamespace = new Map<string, RegisteredService[]>();
  const bySource = new Map(registry.services.map((service) => [service.source, service]));
  for (const resource of store.of('Service')) {
    const service = bySource.get(resource);
    if (service !== undefined) append(byNamespace, service.namespace, { resource, service });
  }
  return byNamespace;
}
