import type { Route } from '#xds/route.ts';
import type { ConsolidatedDestinationRule } from '../model/destination-rule-merge.ts';
import type { HostName } from '../model/host-name.ts';
import type { VirtualService } from '../model/virtual-service.ts';
import { DefaultRoutes } from './default-routes.ts';
import type { RouteContext } from './route-context.ts';
import { VirtualHostWriter } from './virtual-host-writer.ts';
import { buildVirtualServiceRoutes } from './virtual-service-routes.ts';

/** Whether another context would have given an answer that was given. */
type Answer = (context: RouteContext) => boolean;

/** Routes, and what their context was asked while they were made. */
class SeenRoutes {
  routes: readonly Route[] = [];
  readonly clusters: Answer[] = [];
  readonly hashes: Answer[] = [];
  readonly callers: Answer[] = [];
  readonly rules = new Map<HostName, ConsolidatedDestinationRule | undefined>();
  readonly #services: object | undefined;

  constructor({ services }: RouteContext) {
    this.#services = services;
  }

  /** Whether another context would have given the same answers. */
  holdsFor(context: RouteContext): boolean {
    return (
      ((this.#services !== undefined && context.services === this.#services) ||
        this.clusters.every((isSame) => isSame(context))) &&
      (this.#hasSameRules(context) || this.hashes.every((isSame) => isSame(context))) &&
      this.callers.every((isSame) => isSame(context))
    );
  }

  /** The same rules give the same hashes. */
  #hasSameRules({ ruleOf }: RouteContext): boolean {
    for (const [host, rule] of this.rules) if (ruleOf(host) !== rule) return false;
    return true;
  }
}

/**
 * The routes of VirtualServices, made once for all proxies of the mesh to which they look the same:
 * whatever their context was asked while they were made, it answers alike.
 */
export class SharedRoutes {
  /** Of services that no VirtualService speaks of. */
  readonly defaults = new DefaultRoutes();
  readonly writer = new VirtualHostWriter();
  readonly #known = new WeakMap<VirtualService, Map<string, SeenRoutes[]>>();

  of(virtualService: VirtualService, context: RouteContext): readonly Route[] {
    const known = this.#seenAt(virtualService, context.placeKey);
    const match = known.find((seen) => seen.holdsFor(context));
    if (match !== undefined) return match.routes;
    const seen = new SeenRoutes(context);
    seen.routes = buildVirtualServiceRoutes(virtualService, observed(context, seen));
    known.push(seen);
    return seen.routes;
  }

  #seenAt(virtualService: VirtualService, placeKey: string): SeenRoutes[] {
    let byPlace = this.#known.get(virtualService);
    if (byPlace === undefined) {
      byPlace = new Map();
      this.#known.set(virtualService, byPlace);
    }
    let seen = byPlace.get(placeKey);
    if (seen === undefined) {
      seen = [];
      byPlace.set(placeKey, seen);
    }
    return seen;
  }
}

/** The same context, taking down what it answers. */
function observed(context: RouteContext, seen: SeenRoutes): RouteContext {
  return {
    ...context,
    clusterOf: (destination) => {
      const cluster = context.clusterOf(destination);
      seen.clusters.push((other) => other.clusterOf(destination) === cluster);
      return cluster;
    },
    hashOf: (destination) => {
      const hash = context.hashOf(destination);
      seen.hashes.push((other) => other.hashOf(destination) === hash);
      if (destination !== undefined)
        seen.rules.set(destination.host, context.ruleOf(destination.host));
      return hash;
    },
    isCalledBy: (labels, namespace) => {
      const isCaller = context.isCalledBy(labels, namespace);
      seen.callers.push((other) => other.isCalledBy(labels, namespace) === isCaller);
      return isCaller;
    },
  };
}
