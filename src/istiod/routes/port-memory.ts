import type { VirtualHost } from '#xds/route.ts';
import type { DestinationRuleIndex } from '../model/destination-rule-index.ts';
import { compareText } from '../model/host-name.ts';
import type { VirtualService } from '../model/virtual-service.ts';
import { type GuardedRoutes, isSameForCallers } from './guarded-group.ts';
import type { ServicesByHost } from './sidecar-virtual-service-hosts.ts';

/** The virtual hosts of a port, and what they were made of. */
interface Written {
  /** Under which names the client asks. */
  readonly askerKey: string;
  readonly guarded: readonly GuardedRoutes[];
  /** Of each group of routes. */
  readonly virtualHosts: readonly (readonly VirtualHost[])[];
  readonly sorted: readonly VirtualHost[];
}

/** Makes virtual hosts. */
export interface WritesVirtualHosts {
  all(): readonly (readonly VirtualHost[])[];
  withRoutes(virtualHost: VirtualHost, group: GuardedRoutes): VirtualHost;
}

/**
 * What was last made for one listener port of a namespace's sidecars.
 *
 * @source istio: pilot/pkg/networking/core/httproute.go, BuildSidecarOutboundVirtualHosts
 */
export class PortMemory {
  #services: ServicesByHost | undefined;
  #rules: DestinationRuleIndex | undefined;
  #guarded = new WeakMap<VirtualService, readonly GuardedRoutes[]>();
  #written: Written | undefined;

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

  /**
   * The virtual hosts of groups of routes, by name. Where only routes differ from the last time, names
   * and domains are as they were.
   */
  virtualHosts(
    guarded: readonly GuardedRoutes[],
    askerKey: string,
    writes: WritesVirtualHosts,
  ): readonly VirtualHost[] {
    const before = this.#written;
    const isLike =
      before !== undefined &&
      before.askerKey === askerKey &&
      before.guarded.length === guarded.length &&
      guarded.every((group, index) => haveSameHosts(group, before.guarded[index]!));
    const virtualHosts = isLike
      ? guarded.map((group, index) =>
          group.routes === before.guarded[index]!.routes
            ? before.virtualHosts[index]!
            : before.virtualHosts[index]!.map((it) => writes.withRoutes(it, group)),
        )
      : writes.all();
    const sorted = isLike ? replaced(before, virtualHosts) : byName(virtualHosts.flat());
    this.#written = { askerKey, guarded, virtualHosts, sorted };
    return sorted;
  }
}

function byName(virtualHosts: readonly VirtualHost[]): readonly VirtualHost[] {
  return [...virtualHosts].sort((a, b) => compareText(a.name, b.name));
}

/** The same order with other objects; the very same list where there are none. */
function replaced(
  { virtualHosts: before, sorted }: Written,
  now: readonly (readonly VirtualHost[])[],
): readonly VirtualHost[] {
  const successors = new Map<VirtualHost, VirtualHost>();
  for (const [index, virtualHosts] of now.entries()) {
    const old = before[index]!;
    if (virtualHosts === old) continue;
    for (const [at, virtualHost] of virtualHosts.entries()) successors.set(old[at]!, virtualHost);
  }
  if (successors.size === 0) return sorted;
  return sorted.map((virtualHost) => successors.get(virtualHost) ?? virtualHost);
}

function haveSameHosts(a: GuardedRoutes, b: GuardedRoutes): boolean {
  return (
    a === b ||
    (a.port === b.port &&
      (a.virtualService === undefined) === (b.virtualService === undefined) &&
      areSame(a.services, b.services) &&
      areSame(a.otherHosts, b.otherHosts))
  );
}

function areSame(a: readonly unknown[], b: readonly unknown[]): boolean {
  return a.length === b.length && a.every((item, index) => item === b[index]);
}
