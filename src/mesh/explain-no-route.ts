import type { Resource, VirtualService } from '#config/resource.ts';
import { withoutPort } from '#envoy/http/authority.ts';
import { compileRouteConfiguration, selectVirtualHost } from '#envoy/router/route-configuration.ts';
import { originOf } from '#istiod/clusters/cluster-origins.ts';
import { type HostName, isSubsetOf } from '#istiod/model/host-name.ts';
import { isCatchAll } from '#istiod/routes/route-match.ts';
import type { Asked } from '#telemetry/labels.ts';
import type { VirtualHost } from '#xds/route.ts';
import type { Cause, ExplainedConfig } from './explained-config.ts';
import { type ServedHosts, servedHosts } from './served-hosts.ts';

/**
 * Why a proxy answered 404 NR, the nearest reason first: somebody routes the host but no match takes the
 * request; the Gateway's hosts do not cover it; a VirtualService has the host and is bound elsewhere;
 * nobody routes it.
 */
export function explainNoRoute(asked: Asked, config: ExplainedConfig): Cause | undefined {
  const host = withoutPort(asked.host).toLowerCase();
  return unmatched(asked, config) ?? atGateway(host, servedHosts(asked.routes, config), config);
}

/** The virtual host that stands for the Host, if none of its routes takes every request. */
function unmatched({ host, routes }: Asked, config: ExplainedConfig): Cause | undefined {
  const all = config.snapshot.parts.flatMap((part) => part.routes);
  const configuration = all.find(({ name }) => name === routes);
  if (configuration === undefined) return undefined;
  const selected = selectVirtualHost(compileRouteConfiguration(configuration), host);
  const virtualHost = configuration.virtualHosts?.find(({ name }) => name === selected?.name);
  return virtualHost && noneMatched(virtualHost, config);
}

function noneMatched({ routes = [] }: VirtualHost, config: ExplainedConfig): Cause | undefined {
  if (routes.length === 0 || routes.some(isCatchAll)) return undefined;
  const origin = config.provenance.origins.get(routes[0]!);
  const setting =
    routes.length === 1
      ? 'match: the only one does not take the request'
      : `match: none of the ${routes.length} takes the request`;
  return origin && { origin, setting };
}

function atGateway(
  host: HostName,
  served: readonly ServedHosts[],
  config: ExplainedConfig,
): Cause | undefined {
  const [first] = served;
  if (first === undefined) return undefined;
  const serving = served.find(({ hosts }) => covers(hosts, host));
  if (serving === undefined) return notServed(host, first, served);
  const routing = config.given.of('VirtualService').filter(({ spec }) => covers(spec.hosts, host));
  const elsewhere = routing.find((it) => !boundGateways(it).includes(gatewayName(serving)));
  return elsewhere === undefined
    ? nobodyRoutes(host, serving, routing.length > 0)
    : boundElsewhere(elsewhere, serving);
}

function notServed(host: HostName, first: ServedHosts, served: readonly ServedHosts[]): Cause {
  const hosts = [...new Set(served.flatMap((server) => server.hosts))];
  return {
    origin: originOf(first.gateway, first.path),
    setting: `hosts: ${hosts.join(', ')}; ${host} is not among them`,
  };
}

/** The usual mistake: a VirtualService for the host that names another gateway, or none. */
function boundElsewhere(virtualService: VirtualService, serving: ServedHosts): Cause {
  const { gateways } = virtualService.spec;
  const written = gateways.length === 0 ? 'none, so the mesh alone' : gateways.join(', ');
  return {
    origin: originOf(virtualService, ['spec', gateways.length === 0 ? 'hosts' : 'gateways']),
    setting: `gateways: ${written}; ${gatewayName(serving)} is not among them`,
  };
}

function nobodyRoutes(host: HostName, { gateway, path }: ServedHosts, isBound: boolean): Cause {
  const kind = isKubernetes(gateway) ? 'HTTPRoute' : 'VirtualService';
  const setting = isBound
    ? `hosts: the ${kind} for ${host} may not be routed to, or has no http route`
    : `hosts: no ${kind} routes ${host}`;
  return { origin: originOf(gateway, path), setting };
}

/** `namespace/name` of the gateways that a VirtualService names. */
function boundGateways({ spec, metadata }: VirtualService): readonly string[] {
  return spec.gateways.map((name) =>
    name === 'mesh' || name.includes('/') ? name : `${metadata.namespace}/${name}`,
  );
}

function gatewayName({ gateway: { metadata } }: ServedHosts): string {
  return `${metadata.namespace}/${metadata.name}`;
}

function isKubernetes({ apiVersion }: Resource): boolean {
  return apiVersion.startsWith('gateway.networking.k8s.io/');
}

function covers(hosts: readonly HostName[], host: HostName): boolean {
  return hosts.some((cover) => isSubsetOf(host, cover.toLowerCase()));
}
