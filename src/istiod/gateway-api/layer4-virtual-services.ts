import type { ResourceOf } from '#config/resource.ts';
import { type HostName, hostsOverlap, isSubsetOf } from '../model/host-name.ts';
import type { AttachedConversion } from './attached-conversion.ts';
import { type DerivedRoute, writtenPath } from './derived-route.ts';
import { routeAnnotations } from './http-virtual-services.ts';
import { DERIVED_NAME } from './listeners.ts';
import type { DerivedConfig } from './made-config.ts';
import { isMesh, type RouteParent } from './route-parents.ts';

type TcpConversion = AttachedConversion<ResourceOf<'TCPRoute'>, DerivedRoute>;
type TlsConversion = AttachedConversion<ResourceOf<'TLSRoute'>, DerivedRoute>;

/**
 * One VirtualService for each parent of a TCPRoute: a listener has at most one such route.
 *
 * @source istio: pilot/pkg/config/kube/gateway/route_collections.go, TCPRouteCollection
 */
export function tcpVirtualServices(conversion: TcpConversion): readonly DerivedConfig[] {
  const { route, attached, meshHosts, mesh, gateway } = conversion;
  const services = attached.flatMap((parent) => {
    const inMesh = isMesh(parent);
    const { port } = parent.reference;
    const match = inMesh && port !== undefined ? [{ port }] : [];
    const entries = (inMesh ? mesh : gateway).routes.map(({ fields, source }) => ({
      fields: { ...fields, match },
      source,
    }));
    const hosts = inMesh ? meshHosts(parent.key) : ['*'];
    return hosts.map((host) => ({ host, gateway: parent.internalName, entries }));
  });
  return services.map((service, index) => derived(route, 'tcp', index, service));
}

/**
 * One VirtualService for each host of a TLSRoute at each parent.
 *
 * @source istio: the same file, TLSRouteCollection
 */
export function tlsVirtualServices(conversion: TlsConversion): readonly DerivedConfig[] {
  const { route } = conversion;
  const services = conversion.attached.flatMap((parent) =>
    isMesh(parent) ? meshTlsServices(conversion, parent) : gatewayTlsServices(conversion, parent),
  );
  return services.map((service, index) => derived(route, 'tls', index, service));
}

interface Layer4Service {
  readonly host: HostName;
  readonly gateway: string;
  readonly entries: readonly DerivedRoute[];
}

/** @source istio: conversion.go, augmentTLSPortMatch, compatibleRoutesForHost */
function meshTlsServices(
  { route, meshHosts, mesh }: TlsConversion,
  parent: RouteParent,
): Layer4Service[] {
  const hosts = meshHosts(parent.key);
  const own = route.spec.hostnames;
  const isAny = own.length === 0 || (own.length === 1 && own[0] === '*');
  const names = isAny ? hosts : own;
  return hosts.map((host) => {
    const sniHosts = names.length > 1 ? names.filter((name) => hostsOverlap(host, name)) : names;
    const match = { sniHosts, port: parent.reference.port };
    return { host, gateway: parent.internalName, entries: withMatch(mesh.routes, match) };
  });
}

/** What a listener serves of the route's hosts. @source istio: conversion.go, constrainTLSRoutesToListenerHost */
function gatewayTlsServices({ route, gateway }: TlsConversion, parent: RouteParent) {
  const own = route.spec.hostnames.length === 0 ? ['*'] : route.spec.hostnames;
  const names = parent.hostname === '' ? own : commonHosts(own, parent.hostname);
  const entries = withMatch(gateway.routes, { sniHosts: names });
  return names.map((host) => ({ host, gateway: parent.internalName, entries }));
}

/** A route to nobody takes everything: it has no match. */
function withMatch(
  routes: readonly DerivedRoute[],
  match: { readonly sniHosts: readonly string[]; readonly port?: number | undefined },
): readonly DerivedRoute[] {
  return routes.map((route) => {
    const isServed = route.source.backendIndexes.length > 0;
    return isServed ? { ...route, fields: { ...route.fields, match: [match] } } : route;
  });
}

/** @source istio: pkg/config/host/names.go, Intersection */
function commonHosts(hosts: readonly HostName[], listener: HostName): readonly HostName[] {
  const common = hosts.flatMap((host) => {
    if (isSubsetOf(host, listener)) return [host];
    return isSubsetOf(listener, host) ? [listener] : [];
  });
  return [...new Set(common)];
}

function derived(
  route: ResourceOf<'TCPRoute'> | ResourceOf<'TLSRoute'>,
  list: 'tcp' | 'tls',
  index: number,
  { host, gateway, entries }: Layer4Service,
): DerivedConfig {
  const { name, namespace, creationTimestamp } = route.metadata;
  return {
    kind: 'VirtualService',
    name: `${name}~${list}~${index}~${DERIVED_NAME}`,
    namespace,
    annotations: routeAnnotations([route]),
    creationTimestamp,
    spec: { hosts: [host], gateways: [gateway], [list]: entries.map(({ fields }) => fields) },
    written: ([, , at, ...rest]) => {
      const entry = entries[Number(at)];
      return { resource: route, path: entry === undefined ? [] : writtenPath(entry.source, rest) };
    },
  };
}
