import type { Cluster } from '#xds/cluster.ts';
import type { ClusterLoadAssignment } from '#xds/endpoint.ts';
import type { Listener } from '#xds/listener.ts';
import type { RouteConfiguration } from '#xds/route.ts';
import { ClusterGenerator } from './clusters/clusters.ts';
import { LoadAssignments } from './endpoints/load-assignments.ts';
import { type ReducedEndpoints, reducedEndpoints } from './endpoints/reduced-endpoints.ts';
import { listenersAndRoutes } from './listeners-and-routes.ts';
import type { MeshModel } from './model/mesh-model.ts';
import { parseOutboundClusterName } from './model/names.ts';
import type { ProxyModel } from './model/proxy.ts';
import { portByNumber } from './model/service.ts';
import type { FieldOrigins, Origins } from './origin.ts';
import { proxyView } from './proxy-settings.ts';

/** What istiod sends to one proxy. */
export interface ProxyConfig {
  readonly clusters: readonly Cluster[];
  /** By cluster name: what the endpoint service gives for each cluster of type EDS. */
  readonly endpoints: ReadonlyMap<string, ClusterLoadAssignment>;
  readonly listeners: readonly Listener[];
  /** Those that listeners ask for by name. */
  readonly routes: readonly RouteConfiguration[];
  readonly origins: Origins;
  readonly fieldOrigins: FieldOrigins;
}

/** What is made once for all proxies of a model. */
class Generator {
  readonly origins: Origins = new WeakMap();
  readonly fieldOrigins: FieldOrigins = new WeakMap();
  readonly assignments: LoadAssignments;
  readonly clusters: ClusterGenerator;

  constructor(model: MeshModel) {
    this.assignments = new LoadAssignments(model);
    this.clusters = new ClusterGenerator(model, this.assignments, this);
  }
}

const GENERATORS = new WeakMap<MeshModel, Generator>();

function generatorOf(model: MeshModel): Generator {
  let generator = GENERATORS.get(model);
  if (generator === undefined) {
    generator = new Generator(model);
    GENERATORS.set(model, generator);
  }
  return generator;
}

/** The configuration of one proxy. Parts that proxies have in common are the same objects. */
export function generateForProxy(model: MeshModel, proxy: ProxyModel): ProxyConfig {
  const { clusters: generator, assignments, origins, fieldOrigins } = generatorOf(model);
  const view = proxyView(model, proxy, { origins, fieldOrigins });
  const { listeners, routes, hasAutoPassthrough } = listenersAndRoutes(view);
  const clusters = generator.clusters(proxy, hasAutoPassthrough);
  const endpoints = new Map<string, ClusterLoadAssignment>();
  for (const { name, type } of clusters) {
    if (type !== 'EDS') continue;
    endpoints.set(name, endpointsOf(model, assignments, proxy, name));
  }
  return { clusters, endpoints, listeners, routes, origins, fieldOrigins };
}

/** What the endpoint service gives a proxy for a cluster's name. */
function endpointsOf(
  model: MeshModel,
  assignments: LoadAssignments,
  proxy: ProxyModel,
  clusterName: string,
): ClusterLoadAssignment {
  const parts = parseOutboundClusterName(clusterName);
  const scope = model.scopeFor(proxy);
  const service = parts && scope.service(parts.host);
  const port = service && portByNumber(service, parts.port);
  if (parts === undefined || service === undefined || port === undefined) return { clusterName };
  const rule = scope.destinationRule('outbound', proxy, service.hostname);
  return assignments.assignment({ clusterName, service, port, rule, subset: parts.subset }, proxy);
}

/** The endpoints of every cluster of a proxy that has a list of them. */
export function reducedEndpointsOf({ clusters, endpoints }: ProxyConfig): ReducedEndpoints[] {
  return clusters
    .map((cluster) => reducedEndpoints(cluster, endpoints))
    .filter((reduced) => reduced !== undefined);
}
