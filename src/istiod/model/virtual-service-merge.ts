import type { HttpRoute } from '#config/istio/virtual-service.ts';
import { PUBLIC } from './export-to.ts';
import { namespacedName } from './names.ts';
import type { RouteSource, VirtualService } from './virtual-service.ts';
import { mergeMatches } from './virtual-service-match-merge.ts';

/**
 * The VirtualServices that have hosts, each with the routes of its delegates in place of the routes
 * that name them. A delegate that is missing or not exported here takes its root route along.
 *
 * @source istio: pilot/pkg/model/virtualservice_controller.go, mergeVirtualServices
 */
export function withDelegates(all: readonly VirtualService[]): readonly VirtualService[] {
  const delegates = new Map(
    all
      .filter(({ hosts }) => hosts.length === 0)
      .map((delegate) => [namespacedName(delegate.namespace, delegate.name), delegate]),
  );
  return all
    .filter(({ hosts }) => hosts.length > 0)
    .map((root) =>
      root.spec.http.some(({ delegate }) => delegate !== undefined)
        ? withRoutesOf(root, delegates)
        : root,
    );
}

function withRoutesOf(
  root: VirtualService,
  delegates: ReadonlyMap<string, VirtualService>,
): VirtualService {
  const routes: { readonly route: HttpRoute; readonly source: RouteSource }[] = [];
  for (const [index, route] of root.spec.http.entries()) {
    const { delegate } = route;
    if (delegate === undefined) {
      routes.push({ route, source: root.httpSources[index]! });
      continue;
    }
    const key = namespacedName(delegate.namespace || root.namespace, delegate.name);
    const target = delegates.get(key);
    if (target === undefined || !isExportedTo(target, root.namespace)) continue;
    for (const [at, own] of target.spec.http.entries()) {
      const merged = mergeRoute(route, own);
      if (merged !== undefined) routes.push({ route: merged, source: target.httpSources[at]! });
    }
  }
  return {
    ...root,
    spec: { ...root.spec, http: routes.map(({ route }) => route) },
    httpSources: routes.map(({ source }) => source),
  };
}

function isExportedTo({ exportTo }: VirtualService, namespace: string): boolean {
  return exportTo.has(PUBLIC) || exportTo.has(namespace);
}

/**
 * A delegate's route under its root route: its own fields, and the root's where it has none. Undefined
 * when their conditions exclude each other.
 *
 * @source istio: pilot/pkg/model/virtualservice.go, mergeHTTPRoute
 */
function mergeRoute(root: HttpRoute, delegate: HttpRoute): HttpRoute | undefined {
  const match = mergeMatches(root.match, delegate.match);
  if (match === undefined) return undefined;
  return {
    ...delegate,
    match,
    name: root.name && delegate.name ? `${root.name}-${delegate.name}` : delegate.name || root.name,
    rewrite: delegate.rewrite ?? root.rewrite,
    directResponse: delegate.directResponse ?? root.directResponse,
    timeout: delegate.timeout ?? root.timeout,
    retries: delegate.retries ?? root.retries,
    fault: delegate.fault ?? root.fault,
    mirror: delegate.mirror ?? root.mirror,
    mirrorPercent: delegate.mirrorPercent ?? root.mirrorPercent,
    mirrorPercentage: delegate.mirrorPercentage ?? root.mirrorPercentage,
    corsPolicy: delegate.corsPolicy ?? root.corsPolicy,
    mirrors: delegate.mirrors.length === 0 ? root.mirrors : delegate.mirrors,
    headers: delegate.headers ?? root.headers,
  };
}
