import type { Route } from '#xds/route.ts';
import type { VirtualService } from '../model/virtual-service.ts';
import type { RouteContext } from './route-context.ts';
import { buildVirtualServiceRoutes } from './virtual-service-routes.ts';

/** Whether another context would have given an answer that was given. */
type Answer = (context: RouteContext) => boolean;

interface SeenRoutes {
  readonly answers: readonly Answer[];
  readonly routes: readonly Route[];
}

/**
 * The routes of VirtualServices, made once for all proxies of the mesh to which they look the same:
 * whatever their context was asked while they were made, it answers alike.
 */
export class SharedRoutes {
  readonly #known = new WeakMap<VirtualService, Map<string, readonly SeenRoutes[]>>();

  of(virtualService: VirtualService, context: RouteContext): readonly Route[] {
    const byPlace = this.#placesOf(virtualService);
    const place = `${context.listenPort} ${context.gateway} ${context.isTls}`;
    const known = byPlace.get(place) ?? [];
    const match = known.find(({ answers }) => answers.every((holdsFor) => holdsFor(context)));
    if (match !== undefined) return match.routes;
    const answers: Answer[] = [];
    const routes = buildVirtualServiceRoutes(virtualService, observed(context, answers));
    byPlace.set(place, [...known, { answers, routes }]);
    return routes;
  }

  #placesOf(virtualService: VirtualService): Map<string, readonly SeenRoutes[]> {
    let byPlace = this.#known.get(virtualService);
    if (byPlace === undefined) {
      byPlace = new Map();
      this.#known.set(virtualService, byPlace);
    }
    return byPlace;
  }
}

/** The same context, taking down what it answers. */
function observed(context: RouteContext, answers: Answer[]): RouteContext {
  return {
    ...context,
    clusterOf: (destination) => {
      const cluster = context.clusterOf(destination);
      answers.push((other) => other.clusterOf(destination) === cluster);
      return cluster;
    },
    hashOf: (destination) => {
      const hash = context.hashOf(destination);
      answers.push((other) => other.hashOf(destination) === hash);
      return hash;
    },
    isCalledBy: (labels, namespace) => {
      const isCaller = context.isCalledBy(labels, namespace);
      answers.push((other) => other.isCalledBy(labels, namespace) === isCaller);
      return isCaller;
    },
  };
}
