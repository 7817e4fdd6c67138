import type { Resource } from '#config/resource.ts';
import type { ResourceStore } from '#config/resource-store.ts';
import { withAllocatedAddresses } from './address-allocation.ts';
import { append } from './append.ts';
import { compareCreation } from './creation-order.ts';
import { isVisible, NOBODY, PRIVATE, PUBLIC } from './export-to.ts';
import type { HostName } from './host-name.ts';
import { ImportedServices } from './imported-services.ts';
import type { IstioBehaviours } from './istio-version.ts';
import { type ServiceSurroundings, serviceOfKubernetes } from './kubernetes-service.ts';
import type { MeshConfig } from './mesh-config.ts';
import { createdOf } from './resources.ts';
import { type Service, serviceKey } from './service.ts';
import { withAliases } from './service-aliases.ts';
import { servicesOfEntry } from './service-entry-services.ts';

/** What the registry needs to know of the mesh. */
export interface RegistryScope {
  readonly meshConfig: MeshConfig;
  readonly domain: string;
  /** The age of resources that don't tell theirs, in seconds since 1970. */
  readonly defaultCreatedAtS: number;
  readonly behaviours: IstioBehaviours;
  /** The same for all registries that follow each other; a registry by itself has none. */
  readonly known?: KnownServices;
}

/** What resources were read as, and beside which annotations of their namespace. */
export type KnownServices = WeakMap<
  Resource,
  { readonly annotations: Annotations; readonly services: readonly Service[] }
>;

type Annotations = ReadonlyMap<string, string>;

const NO_ANNOTATIONS: Annotations = new Map();

/**
 * Every service of the mesh, oldest first, found by name and by who may see it.
 *
 * @source istio: pilot/pkg/model/push_context.go, initServiceRegistry
 */
export class ServiceRegistry {
  readonly services: readonly Service[];
  readonly #defaultExportTo: ReadonlySet<string>;
  /** By host, then namespace: of several the oldest, a Kubernetes Service before all. */
  readonly #byHost = new Map<HostName, Map<string, Service>>();
  readonly #byKey = new Map<string, Service[]>();
  readonly #public: Service[] = [];
  readonly #exportedTo = new Map<string, Service[]>();
  /** What listeners import of it. */
  readonly imported = new ImportedServices();
  readonly #visibleTo = new Map<string, readonly Service[]>();

  constructor(store: ResourceStore, scope: RegistryScope) {
    this.#defaultExportTo = new Set(scope.meshConfig.defaultServiceExportTo);
    const all = readServices(store, scope).sort(compareCreation);
    this.services = withAllocatedAddresses(withAliases(all));
    for (const service of this.services) this.#add(service);
  }

  #add(service: Service): void {
    const { hostname, namespace } = service;
    let byNamespace = this.#byHost.get(hostname);
    if (byNamespace === undefined) {
      byNamespace = new Map();
      this.#byHost.set(hostname, byNamespace);
    }
    const known = byNamespace.get(namespace);
    const isBetter = known?.registry === 'External' && service.registry === 'Kubernetes';
    if (known === undefined || isBetter) byNamespace.set(namespace, service);
    append(this.#byKey, serviceKey(service), service);
    const exportTo = this.#exportToOf(service);
    if (exportTo.has(PUBLIC)) this.#public.push(service);
    else if (!exportTo.has(NOBODY)) {
      for (const target of new Set([...exportTo].map((to) => (to === PRIVATE ? namespace : to)))) {
        append(this.#exportedTo, target, service);
      }
    }
  }

  #exportToOf(service: Service): ReadonlySet<string> {
    return service.exportTo.size === 0 ? this.#defaultExportTo : service.exportTo;
  }

  /** Whether a service may be called from a namespace. */
  isVisible(service: Service, namespace: string): boolean {
    return isVisible(this.#exportToOf(service), service.namespace, namespace);
  }

  /** The services that a namespace may call: those exported to it by name, then the public ones. */
  visibleTo(namespace: string): readonly Service[] {
    const own = this.#exportedTo.get(namespace);
    if (own === undefined) return this.#public;
    let all = this.#visibleTo.get(namespace);
    if (all === undefined) {
      all = [...own, ...this.#public];
      this.#visibleTo.set(namespace, all);
    }
    return all;
  }

  /** The services of a host, by namespace, whoever may see them. */
  named(hostname: HostName): ReadonlyMap<string, Service> | undefined {
    return this.#byHost.get(hostname);
  }

  /** Every service of one host in one namespace: several for a ServiceEntry with several addresses. */
  allNamed(service: {
    readonly hostname: HostName;
    readonly namespace: string;
  }): readonly Service[] {
    return this.#byKey.get(serviceKey(service)) ?? [];
  }
}

function readServices(store: ResourceStore, scope: RegistryScope): Service[] {
  const annotations = new Map(
    store.of('Namespace').map(({ metadata }) => [metadata.name, metadata.annotations]),
  );
  const { domain, meshConfig, defaultCreatedAtS, behaviours, known } = scope;
  const read = <Kind extends Resource>(
    resource: Kind,
    make: (resource: Kind, around: ServiceSurroundings) => readonly Service[],
  ): readonly Service[] => {
    const namespaceAnnotations = annotations.get(resource.metadata.namespace) ?? NO_ANNOTATIONS;
    const before = known?.get(resource);
    if (before?.annotations === namespaceAnnotations) return before.services;
    const created = createdOf(resource, defaultCreatedAtS);
    const { trustDomain } = meshConfig;
    const around = { created, domain, trustDomain, behaviours, namespaceAnnotations };
    const services = make(resource, around);
    known?.set(resource, { annotations: namespaceAnnotations, services });
    return services;
  };
  return [
    ...store.of('Service').flatMap((it) => read(it, (...of) => [serviceOfKubernetes(...of)])),
    ...store.of('ServiceEntry').flatMap((entry) => read(entry, servicesOfEntry)),
  ];
}
