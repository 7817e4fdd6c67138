import type { RouteConfiguration, VirtualHost } from '#xds/route.ts';
import { PortMemory } from './port-memory.ts';

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
