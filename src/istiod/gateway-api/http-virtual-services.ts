import type { ResourceOf } from '#config/resource.ts';
import { compareText } from '#source/compare-text.ts';
import type { Path } from '#source/path.ts';
import { createdOf } from '../model/resources.ts';
import type { AttachedConversion } from './attached-conversion.ts';
import { type DerivedHttpRoute, writtenPath } from './derived-route.ts';
import type { DerivedConfig } from './made-config.ts';
import { isHostAllowedByIsolation, isMesh } from './route-parents.ts';
import type { WrittenSource } from './written-source.ts';

/** The routes that one HTTPRoute or GRPCRoute has for one host at one parent. */
interface HostRoutes {
  /** Routes of one key share a VirtualService. */
  readonly key: string;
  readonly host: string;
  readonly gateway: string;
  readonly route: ResourceOf<'HTTPRoute'> | ResourceOf<'GRPCRoute'>;
  /** Tells the parts of one route apart. */
  readonly partName: string;
  readonly routes: readonly DerivedHttpRoute[];
}

type Conversion = AttachedConversion<
  ResourceOf<'HTTPRoute'> | ResourceOf<'GRPCRoute'>,
  DerivedHttpRoute
>;

/**
 * One VirtualService for each host at each gateway, and for each host of the mesh in each namespace;
 * the routes of several objects merge into one.
 *
 * @source istio: pilot/pkg/config/kube/gateway/route_collections.go, HTTPRouteCollection, mergeHTTPRoutes
 */
export function httpVirtualServices(conversions: readonly Conversion[]): readonly DerivedConfig[] {
  const byKey = new Map<string, HostRoutes[]>();
  for (const part of conversions.flatMap(hostRoutes)) {
    const parts = byKey.get(part.key);
    if (parts === undefined) byKey.set(part.key, [part]);
    else parts.push(part);
  }
  return [...byKey.values()].map(merged);
}

function hostRoutes({ route, attached, meshHosts, mesh, gateway }: Conversion): HostRoutes[] {
  const parts: HostRoutes[] = [];
  const own = route.spec.hostnames.length === 0 ? ['*'] : route.spec.hostnames;
  for (const parent of attached) {
    const inMesh = isMesh(parent);
    const { port } = parent.reference;
    const routes = inMesh ? withPort(mesh.routes, port) : gateway.routes;
    if (routes.length === 0) continue;
    const { namespace, name } = route.metadata;
    const meshKey = port === undefined ? namespace : `${namespace}/${port}`;
    for (const host of inMesh ? meshHosts(parent.key) : own) {
      if (!isHostAllowedByIsolation(parent, host)) continue;
      parts.push({
        key: `${inMesh ? meshKey : parent.internalName}/${host}`,
        host,
        gateway: parent.internalName,
        route,
        partName: `${name}~${parts.length}`,
        routes,
      });
    }
  }
  return parts;
}

/** @source istio: conversion.go, augmentPortMatch */
function withPort(
  routes: readonly DerivedHttpRoute[],
  port: number | undefined,
): readonly DerivedHttpRoute[] {
  if (port === undefined) return routes;
  return routes.map((route) => ({ ...route, match: { ...route.match, port } }));
}

function merged(parts: readonly HostRoutes[]): DerivedConfig {
  const ordered = [...parts].sort(compareParts);
  const { key, host, gateway, route } = ordered[0]!;
  const routes = ordered.flatMap((part) => inOrder(part.routes));
  const sorted = inOrder(routes);
  const http = sorted.map(({ fields, match }) => ({
    ...fields,
    match: match === undefined ? [] : [match],
  }));
  return {
    kind: 'VirtualService',
    name: key.replaceAll('/', '~'),
    namespace: route.metadata.namespace,
    annotations: routeAnnotations(ordered.map((part) => part.route)),
    creationTimestamp: route.metadata.creationTimestamp,
    spec: { hosts: [host], gateways: [gateway], http },
    written: (path) => writtenInRoutes(sorted, route, path),
  };
}

/** Oldest first, then by namespace and name. @source istio: conversion.go, sortRoutesByCreationTime */
function compareParts(a: HostRoutes, b: HostRoutes): number {
  return (
    createdOf(a.route, 0).createdAtS - createdOf(b.route, 0).createdAtS ||
    compareText(a.route.metadata.namespace, b.route.metadata.namespace) ||
    compareText(a.partName, b.partName)
  );
}

export function routeAnnotations(
  routes: readonly {
    readonly kind: string;
    readonly metadata: { name: string; namespace: string };
  }[],
): ReadonlyMap<string, string> {
  const parents = routes.map(
    ({ kind, metadata }) => `${kind}/${metadata.name}.${metadata.namespace}`,
  );
  return new Map([
    ['internal.istio.io/parents', parents.join(',')],
    ['internal.istio.io/route-semantics', 'gateway'],
  ]);
}

function writtenInRoutes(
  routes: readonly DerivedHttpRoute[],
  route: HostRoutes['route'],
  path: Path,
): WrittenSource {
  const [spec, list, index, ...rest] = path;
  const source = spec === 'spec' && list === 'http' ? routes[Number(index)]?.source : undefined;
  if (source !== undefined) return { resource: source.route, path: writtenPath(source, rest) };
  if (list === 'hosts') return { resource: route, path: ['spec', 'hostnames'] };
  return { resource: route, path: list === 'gateways' ? ['spec', 'parentRefs'] : [] };
}

/**
 * The Gateway API's order: exact paths before prefixes before expressions, longer ones first, then by
 * method, number of headers and of query parameters; those of equal rank as they come. Routes without
 * a match are last.
 *
 * @source istio: conversion.go, sortHTTPRoutes
 */
function inOrder(routes: readonly DerivedHttpRoute[]): readonly DerivedHttpRoute[] {
  return [...routes].sort(compareRank);
}

function compareRank(a: DerivedHttpRoute, b: DerivedHttpRoute): number {
  if (a.match === undefined || b.match === undefined)
    return Number(a.match === undefined) - Number(b.match === undefined);
  const [x, y] = [a.rank ?? NO_RANK, b.rank ?? NO_RANK];
  return (
    y.pathKind - x.pathKind ||
    y.pathLength - x.pathLength ||
    Number(y.hasMethod) - Number(x.hasMethod) ||
    y.headerCount - x.headerCount ||
    y.queryCount - x.queryCount
  );
}

/** A match by nothing but a port. */
const NO_RANK = { pathKind: -1, pathLength: 0, hasMethod: false, headerCount: 0, queryCount: 0 };
