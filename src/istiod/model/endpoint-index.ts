import type { ResourceOf } from '#config/resource.ts';
import type { ResourceStore } from '#config/resource-store.ts';
import { append } from './append.ts';
import { type IstioEndpoint, unchangedEndpoints } from './endpoint.ts';
import {
  endpointsOfEntries,
  endpointsOfExternalName,
  endpointsOfObject,
  endpointsOfPods,
  endpointsOfSlices,
} from './kubernetes-endpoints.ts';
import type { MeshConfig } from './mesh-config.ts';
import { namespacedName } from './names.ts';
import { type NamespacedHost, type Service, serviceKey } from './service.ts';
import { endpointsOfServiceEntry } from './service-entry-endpoints.ts';
import type { ServiceRegistry } from './service-registry.ts';
import type { WorkloadIndex } from './workload-index.ts';

const NONE: readonly IstioEndpoint[] = [];
const NO_SLICES: readonly never[] = [];
const SERVICE_NAME_LABEL = 'kubernetes.io/service-name';

/** What endpoints follow from. */
interface Sources {
  readonly registry: ServiceRegistry;
  readonly workloads: WorkloadIndex;
  /** By `namespace/name`, as the others. */
  readonly services: ReadonlyMap<string, ResourceOf<'Service'>>;
  readonly serviceEntries: ReadonlyMap<string, ResourceOf<'ServiceEntry'>>;
  readonly objects: ReadonlyMap<string, ResourceOf<'Endpoints'>>;
  /** Of each service. */
  readonly slices: ReadonlyMap<string, readonly ResourceOf<'EndpointSlice'>[]>;
}

/**
 * The endpoints of every service by the name of the service's port, worked out when a service is
 * first asked for.
 *
 * @source istio: pilot/pkg/model/endpointshards.go; pilot/pkg/model/push_context.go
 */
export class EndpointIndex {
  readonly #meshConfig: MeshConfig;
  readonly #byService = new Map<string, ReadonlyMap<string, readonly IstioEndpoint[]>>();
  /** Of the model before: lists that did not change stay the same objects. */
  readonly #before: ReadonlyMap<string, ReadonlyMap<string, readonly IstioEndpoint[]>>;
  readonly #sources: Sources;
  readonly #sourcesBefore: Sources | undefined;
  readonly #accounts = new Map<string, readonly string[]>();

  constructor(
    store: ResourceStore,
    registry: ServiceRegistry,
    workloads: WorkloadIndex,
    meshConfig: MeshConfig,
    previous?: EndpointIndex,
  ) {
    this.#before = previous === undefined ? new Map() : previous.#byService;
    this.#sourcesBefore = previous === undefined ? undefined : previous.#sources;
    this.#meshConfig = meshConfig;
    const slices = new Map<string, ResourceOf<'EndpointSlice'>[]>();
    for (const slice of store.of('EndpointSlice')) {
      const service = slice.metadata.labels.get(SERVICE_NAME_LABEL) ?? '';
      if (service !== '') append(slices, namespacedName(slice.metadata.namespace, service), slice);
    }
    this.#sources = {
      registry,
      workloads,
      services: byName(store, 'Service'),
      serviceEntries: byName(store, 'ServiceEntry'),
      objects: byName(store, 'Endpoints'),
      slices,
    };
  }

  /** The endpoints of a service's port. */
  endpoints(service: Service, portName: string): readonly IstioEndpoint[] {
    return this.endpointsByPort(service).get(portName) ?? NONE;
  }

  /**
   * The identities of everybody behind a service, sorted.
   *
   * @source istio: pilot/pkg/model/push_context.go, addServiceAccounts
   */
  serviceAccounts(service: Service): readonly string[] {
    const key = serviceKey(service);
    let accounts = this.#accounts.get(key);
    if (accounts === undefined) {
      const all = new Set(
        this.#sources.registry.allNamed(service).flatMap((one) => one.serviceAccounts),
      );
      for (const endpoints of this.endpointsByPort(service).values()) {
        for (const { serviceAccount } of endpoints)
          if (serviceAccount !== '') all.add(serviceAccount);
      }
      accounts = [...withTrustDomains(all, this.#meshConfig.trustDomainAliases)].sort();
      this.#accounts.set(key, accounts);
    }
    return accounts;
  }

  /** By the name of the port: the same map as in the model before if nothing in it has changed. */
  endpointsByPort(service: NamespacedHost): ReadonlyMap<string, readonly IstioEndpoint[]> {
    const key = serviceKey(service);
    let ports = this.#byService.get(key);
    if (ports === undefined) {
      const before = this.#before.get(key);
      ports =
        before !== undefined && this.#isUnchanged(service)
          ? before
          : withKnown(byPortName(this.#build(service)), before);
      this.#byService.set(key, ports);
    }
    return ports;
  }

  /** Whether everything that the endpoints of a service follow from is what it was. */
  #isUnchanged(service: NamespacedHost): boolean {
    const [before, now] = [this.#sourcesBefore, this.#sources];
    if (before === undefined) return false;
    const { namespace } = service;
    if (before.workloads.of(namespace) !== now.workloads.of(namespace)) return false;
    const named = now.registry.allNamed(service);
    if (!areSame(before.registry.allNamed(service), named)) return false;
    // A service is the same as long as its resource is; what is listed for it stands beside it.
    return named.every(({ name }) => {
      const key = namespacedName(namespace, name);
      return (
        before.services.get(key) === now.services.get(key) &&
        before.objects.get(key) === now.objects.get(key) &&
        areSame(before.slices.get(key) ?? NO_SLICES, now.slices.get(key) ?? NO_SLICES)
      );
    });
  }

  /** What ServiceEntries list comes before what Kubernetes does. */
  #build(service: NamespacedHost): IstioEndpoint[] {
    const all = this.#sources.registry.allNamed(service);
    const external = all.filter(({ registry }) => registry === 'External');
    const kubernetes = all.find(({ registry }) => registry === 'Kubernetes');
    return [
      ...this.#entryEndpoints(external),
      ...(kubernetes === undefined ? [] : this.#kubernetesEndpoints(kubernetes)),
    ];
  }

  #entryEndpoints(services: readonly Service[]): IstioEndpoint[] {
    const rotating = new Set<string>();
    // Each address of an entry is a service of its own, with all of the entry's endpoints.
    return services.flatMap((service) => {
      const { namespace, name } = service.source.metadata;
      const entry = this.#sources.serviceEntries.get(namespacedName(namespace, name));
      if (entry === undefined) return [];
      const selector = entry.spec.workloadSelector?.labels;
      const workloads =
        selector === undefined ? [] : this.#sources.workloads.instances(namespace, selector);
      const { trustDomain } = this.#meshConfig;
      const endpoints = endpointsOfServiceEntry(entry, service, workloads, trustDomain);
      if (service.resolution !== 'DNSRoundRobinLB') return endpoints;
      // One endpoint per port: Envoy's logical DNS cluster has room for no more.
      return endpoints.filter(({ servicePortName }) => {
        const isFirst = !rotating.has(servicePortName);
        rotating.add(servicePortName);
        return isFirst;
      });
    });
  }

  #kubernetesEndpoints(service: Service): IstioEndpoint[] {
    const { namespace, name } = service;
    const resource = this.#sources.services.get(namespacedName(namespace, name));
    if (resource === undefined) return [];
    // Known by DNS alone: an ExternalName Service that is a service of its own.
    if (service.resolution === 'DNSLB') return endpointsOfExternalName(resource, service);
    const entries = endpointsOfEntries(
      resource,
      service,
      this.#sources.workloads.entries(namespace),
    );
    return [...this.#listedEndpoints(resource, service), ...entries];
  }

  /** Endpoints listed by hand or by a cluster's controller; else what a controller would list. */
  #listedEndpoints(resource: ResourceOf<'Service'>, service: Service): IstioEndpoint[] {
    const { namespace, name } = service;
    const slices = this.#sources.slices.get(namespacedName(namespace, name));
    if (slices !== undefined) return endpointsOfSlices(slices, service, this.#sources.workloads);
    const object = this.#sources.objects.get(namespacedName(namespace, name));
    if (object !== undefined) return endpointsOfObject(object, this.#sources.workloads);
    const pods = this.#sources.workloads.podsSelectedBy(namespace, resource.spec.selector);
    return endpointsOfPods(resource, pods, (pod) => this.#sources.workloads.factsOf(pod));
  }
}

function byName<Kind extends 'Service' | 'ServiceEntry' | 'Endpoints'>(
  store: ResourceStore,
  kind: Kind,
): ReadonlyMap<string, ResourceOf<Kind>> {
  return new Map(
    store
      .of(kind)
      .map((resource) => [
        namespacedName(resource.metadata.namespace, resource.metadata.name),
        resource,
      ]),
  );
}

function areSame(a: readonly unknown[], b: readonly unknown[]): boolean {
  return a === b || (a.length === b.length && a.every((item, index) => item === b[index]));
}

function withKnown(
  ports: ReadonlyMap<string, readonly IstioEndpoint[]>,
  before: ReadonlyMap<string, readonly IstioEndpoint[]> | undefined,
): ReadonlyMap<string, readonly IstioEndpoint[]> {
  if (before === undefined) return ports;
  const merged = new Map(
    [...ports].map(([name, endpoints]) => {
      const known = before.get(name);
      return [name, known === undefined ? endpoints : unchangedEndpoints(known, endpoints)];
    }),
  );
  const isSame =
    merged.size === before.size &&
    [...merged].every(([name, endpoints]) => before.get(name) === endpoints);
  return isSame ? before : merged;
}

function byPortName(
  endpoints: readonly IstioEndpoint[],
): ReadonlyMap<string, readonly IstioEndpoint[]> {
  const ports = new Map<string, IstioEndpoint[]>();
  for (const endpoint of endpoints) append(ports, endpoint.servicePortName, endpoint);
  return ports;
}

const SPIFFE = 'spiffe://';

/** Identities under every alias of the trust domain too. @source istio: pkg/spiffe/spiffe.go, ExpandWithTrustDomains */
function withTrustDomains(accounts: ReadonlySet<string>, aliases: readonly string[]): Set<string> {
  const all = new Set(accounts);
  for (const account of accounts) {
    if (!account.startsWith(SPIFFE)) continue;
    const path = account.slice(account.indexOf('/', SPIFFE.length));
    for (const alias of aliases) all.add(`${SPIFFE}${alias}${path}`);
  }
  return all;
}
