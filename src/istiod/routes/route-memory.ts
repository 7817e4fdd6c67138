import type { RouteConfiguration, VirtualHost } from '#xds/route.ts';
import type { DestinationRuleIndex } from '../model/destination-rule-index.ts';
import { compareText } from '../model/host-name.ts';
import type { VirtualService } from '../model/virtual-service.ts';
import { type GuardedRoutes, isSameForCallers } from './guarded-group.ts';
import type { ServicesByHost } from './sidecar-virtual-service-hosts.ts';

/**
 * What was last made for the sidecars of a namespace under one Sidecar: the next model changes little
 * of it, and what it leaves alone is the same object again.
 *
 * @source istio: pilot/pkg/networking/core/route/route_cache.go
 */
export class RouteMemory {
  readonly #ports = new Map<string, PortMemory>();
  #catchAll: VirtualHost | undefined;
  readonly #configurations = new Map<string, RouteConfiguration>();

  /** `place`: the egress listener's place in the Sidecar. */
  port(place: number, listenPort: number): PortMemory {
    const key = `${place} ${listenPort}`;
    let memory = this.#ports.get(key);
    if (memory === undefined) {
      memory = new PortMemory();
      this.#ports.set(key, memory);
    }
    return memory;
  }

  /** What happens to requests for hosts that nobody declared. */
  catchAll(make: () => VirtualHost): VirtualHost {
    this.#catchAll ??= make();
    return this.#catchAll;
  }

  /** The configuration that was made last, if it says the same. */
  same(configuration: RouteConfiguration): RouteConfiguration {
    const known = this.#configurations.get(configuration.name);
    const before = known?.virtualHosts ?? [];
    const now = configuration.virtualHosts ?? [];
    const isSame = before.length === now.length && now.every((it, index) => it === before[index]);
    if (known !== undefined && isSame) return known;
    this.#configurations.set(configuration.name, configuration);
    return configuration;
  }
}

/** Of one listener port. */
export class PortMemory {
  #services: ServicesByHost | undefined;
  #rules: DestinationRuleIndex | undefined;
  #guarded = new WeakMap<VirtualService, readonly GuardedRoutes[]>();
  #names: readonly string[] = [];
  #order: readonly number[] = [];

  /** What a VirtualService guards; made anew when services or rules are others. */
  guarded(
    virtualService: VirtualService,
    services: ServicesByHost,
    rules: DestinationRuleIndex,
    make: () => readonly GuardedRoutes[],
  ): readonly GuardedRoutes[] {
    if (services !== this.#services || rules !== this.#rules) {
      this.#services = services;
      this.#rules = rules;
      this.#guarded = new WeakMap();
    }
    let guarded = this.#guarded.get(virtualService);
    if (guarded === undefined) {
      guarded = make();
      const isKept = !rules.hasSelectors && isSameForCallers(virtualService);
      if (isKept) this.#guarded.set(virtualService, guarded);
    }
    return guarded;
  }

  /** The virtual hosts in the order of their names. */
  sorted(virtualHosts: readonly VirtualHost[]): VirtualHost[] {
    const names = this.#names;
    const isSame =
      names.length === virtualHosts.length &&
      virtualHosts.every(({ name }, index) => name === names[index]);
    if (!isSame) {
      this.#names = virtualHosts.map(({ name }) => name);
      this.#order = this.#names
        .map((_, index) => index)
        .sort((a, b) => compareText(this.#names[a]!, this.#names[b]!));
    }
    return this.#order.map((index) => virtualHosts[index]!);
  }
}
