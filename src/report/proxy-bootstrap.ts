import type { Cluster } from '#xds/cluster.ts';
import type { ClusterLoadAssignment } from '#xds/endpoint.ts';
import type { RouteConfiguration } from '#xds/route.ts';
import type { ProxyState } from './proxy-state.ts';

export interface BootstrapIdentity {
  readonly id: string;
  readonly cluster: string;
  readonly adminPort: number;
}

type Json = null | boolean | number | string | readonly Json[] | JsonObject;
interface JsonObject {
  readonly [name: string]: Json | undefined;
}

/** Filters that only Istio's own build of Envoy has; none of them changes where requests go. */
const ISTIO_ONLY =
  /^(?:istio\.|envoy\.filters\.(?:http|network|listener)\.(?:peer_metadata|alpn|istio_))/;

/**
 * A whole bootstrap of the proxy, without a control plane: endpoints and routes stand where they are
 * used, so that any Envoy runs it. What only Istio's build knows is left out, and so is the mesh's TLS,
 * whose certificates come from an agent.
 */
export function proxyBootstrap(state: ProxyState, identity: BootstrapIdentity): unknown {
  const endpoints = new Map(state.endpoints.map((it) => [it.clusterName, it]));
  const routes = new Map(state.routes.map((it) => [it.name, it]));
  return {
    node: { id: identity.id, cluster: identity.cluster },
    admin: {
      address: { socketAddress: { address: '127.0.0.1', portValue: identity.adminPort } },
    },
    staticResources: {
      clusters: state.clusters.map((cluster) => staticCluster(cluster, endpoints)),
      listeners: state.listeners.map((listener) => portable(jsonOf(listener), routes)),
    },
  };
}

/** A cluster of the endpoint service becomes a static one. */
function staticCluster(
  cluster: Cluster,
  endpoints: ReadonlyMap<string, ClusterLoadAssignment>,
): Json {
  const { edsClusterConfig, transportSocketMatches, transportSocket, ...rest } = cluster;
  if (edsClusterConfig === undefined) return portable(jsonOf(rest), new Map());
  const found = endpoints.get(cluster.name);
  const loadAssignment = { ...found, clusterName: cluster.name };
  return portable(jsonOf({ ...rest, type: 'STATIC', loadAssignment }), new Map());
}

/** The message without what needs Istio's build or an agent; routes asked for by name are put in. */
function portable(value: Json, routes: ReadonlyMap<string, RouteConfiguration>): Json {
  if (isList(value))
    return value.filter((item) => !isIstioOnly(item)).map((item) => portable(item, routes));
  if (typeof value !== 'object' || value === null) return value;
  const fields = Object.entries(value).flatMap(([name, field]): [string, Json][] => {
    if (field === undefined || DROPPED.has(name)) return [];
    if (name === 'rds') return [['routeConfig', inlineRoutes(field, routes)]];
    return [[name, portable(field, routes)]];
  });
  return Object.fromEntries(fields);
}

/** Certificates are the agent's, and so is the tracing and the log service. */
const DROPPED = new Set(['transportSocket', 'tracing']);

function inlineRoutes(rds: Json, routes: ReadonlyMap<string, RouteConfiguration>): Json {
  const name = isObject(rds) ? String(rds['routeConfigName'] ?? '') : '';
  return portable(jsonOf(routes.get(name) ?? { name, virtualHosts: [] }), routes);
}

function isIstioOnly(item: Json): boolean {
  return isObject(item) && typeof item['name'] === 'string' && ISTIO_ONLY.test(item['name']);
}

function isObject(value: Json): value is JsonObject {
  return typeof value === 'object' && value !== null && !isList(value);
}

function isList(value: Json): value is readonly Json[] {
  return Array.isArray(value);
}

/** Configuration is JSON; its types say more than that. */
function jsonOf(value: unknown): Json {
  return JSON.parse(JSON.stringify(value)) as Json;
}
