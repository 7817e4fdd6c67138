import { compareText } from '#source/compare-text.ts';
import type { VirtualHost } from '#xds/route.ts';
import type { GuardedRoutes } from './guarded-group.ts';
import {
  type GuardedList,
  type GuardsHosts,
  nextGuardedList,
  replacedPlaces,
} from './guarded-list.ts';
import type { RouteSources } from './stale-virtual-services.ts';

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
  all(guarded: readonly GuardedRoutes[]): readonly (readonly VirtualHost[])[];
  withRoutes(virtualHost: VirtualHost, group: GuardedRoutes): VirtualHost;
}

/**
 * What was last made for one listener port of a namespace's sidecars.
 *
 * @source istio: pilot/pkg/networking/core/httproute.go, BuildSidecarOutboundVirtualHosts
 */
export class PortMemory {
  #guarded: GuardedList | undefined;
  #written: Written | undefined;

  /** What guards the port's hosts; what a change is not about is the same as the last time. */
  guarded(sources: RouteSources, makes: GuardsHosts): GuardedList {
    this.#guarded = nextGuardedList(this.#guarded, sources, makes);
    return this.#guarded;
  }

  /**
   * The virtual hosts of groups of routes, by name. Where only routes differ from the last time, names
   * and domains are as they were.
   */
  virtualHosts(
    list: GuardedList,
    askerKey: string,
    writes: WritesVirtualHosts,
  ): readonly VirtualHost[] {
    const before = this.#written?.askerKey === askerKey ? this.#written : undefined;
    const places = before && replacedPlaces(before.guarded, list);
    const written =
      before === undefined || places === undefined
        ? wholly(writes.all(list.all))
        : replaced(before, places, list.all, writes);
    this.#written = { askerKey, guarded: list.all, ...written };
    return written.sorted;
  }
}

type InOrder = Pick<Written, 'virtualHosts' | 'sorted'>;

function wholly(virtualHosts: readonly (readonly VirtualHost[])[]): InOrder {
  const sorted = virtualHosts.flat().sort((a, b) => compareText(a.name, b.name));
  return { virtualHosts, sorted };
}

/** The same order with other objects at some places; the very same lists where there are none. */
function replaced(
  { guarded: before, virtualHosts, sorted }: Written,
  places: readonly number[],
  guarded: readonly GuardedRoutes[],
  writes: WritesVirtualHosts,
): InOrder {
  const successors = new Map<VirtualHost, VirtualHost>();
  const now = [...virtualHosts];
  for (const place of places) {
    const group = guarded[place]!;
    if (group.routes === before[place]!.routes) continue;
    now[place] = virtualHosts[place]!.map((old) => {
      const successor = writes.withRoutes(old, group);
      successors.set(old, successor);
      return successor;
    });
  }
  if (successors.size === 0) return { virtualHosts, sorted };
  return {
    virtualHosts: now,
    sorted: sorted.map((virtualHost) => successors.get(virtualHost) ?? virtualHost),
  };
}
