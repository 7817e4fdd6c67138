import type { IstioEgressListener } from '#config/istio/sidecar.ts';
import { keptIn } from '#source/memo.ts';
import type { HostName } from './host-name.ts';
import { ScopeServices } from './scope-services.ts';
import type { Service } from './service.ts';
import type { VirtualService } from './virtual-service.ts';
import { allDestinationsOf } from './virtual-service-destinations.ts';

/** Services in order, and by host: one per host. */
export interface ServicesOfScope {
  readonly list: readonly Service[];
  readonly byHost: ReadonlyMap<HostName, Service>;
}

type Lists = Map<string, readonly Service[]>;

/**
 * What egress listeners import from one registry: worked out once for a namespace, whatever becomes of
 * VirtualServices and rules meanwhile, and one list for all namespaces that see the same.
 *
 * @source istio: pilot/pkg/model/sidecar.go, selectServices
 */
export class ImportedServices {
  readonly #byListener = new Map<IstioEgressListener | undefined, Lists>();
  readonly #distinct: (readonly Service[])[] = [];
  readonly #complete = new WeakMap<readonly VirtualService[], WeakMap<ServicesOfScope, boolean>>();
  readonly #scopes = new WeakMap<readonly Service[], ServicesOfScope>();

  /** `make` depends on the registry, the listener and the namespace alone. */
  get(
    listener: IstioEgressListener | undefined,
    namespace: string,
    make: () => readonly Service[],
  ): readonly Service[] {
    let byNamespace = this.#byListener.get(listener);
    if (byNamespace === undefined) {
      byNamespace = new Map();
      this.#byListener.set(listener, byNamespace);
    }
    let services = byNamespace.get(namespace);
    if (services === undefined) {
      services = this.distinct(make());
      byNamespace.set(namespace, services);
    }
    return services;
  }

  /** The first list with these services: what is made of them is made once. */
  distinct(services: readonly Service[]): readonly Service[] {
    const known = this.#distinct.find(
      (other) =>
        other.length === services.length &&
        other.every((service, index) => service === services[index]),
    );
    if (known !== undefined) return known;
    this.#distinct.push(services);
    return services;
  }

  /**
   * Whether everything that VirtualServices send to is there already, whichever namespace asks: a host
   * that one namespace alone declares can be nobody else's.
   */
  hasDestinationsOf(
    virtualServices: readonly VirtualService[],
    scope: ServicesOfScope,
    registry: { named(host: HostName): ReadonlyMap<string, Service> | undefined },
  ): boolean {
    const byScope = keptIn(this.#complete, virtualServices, () => new WeakMap());
    const isComplete = keptIn(byScope, scope, () =>
      virtualServices.every((virtualService) => {
        for (const host of allDestinationsOf(virtualService).keys()) {
          const declared = registry.named(host);
          if (declared === undefined) continue;
          const [only] = declared.values();
          if (declared.size > 1 || scope.byHost.get(host) !== only) return false;
        }
        return true;
      }),
    );
    return isComplete;
  }

  /** The services of a scope that imports a list and nothing else. */
  scopeOf(imported: readonly Service[]): ServicesOfScope {
    return keptIn(this.#scopes, imported, () => {
      const services = new ScopeServices();
      for (const service of imported) services.add(service);
      return { byHost: services.byHost, list: this.distinct([...services.byHost.values()]) };
    });
  }
}
