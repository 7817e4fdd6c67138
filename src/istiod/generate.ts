import type { Cluster } from '#xds/cluster.ts';
import type { ClusterLoadAssignment } from '#xds/endpoint.ts';
import type { Listener } from '#xds/listener.ts';
import type { RouteConfiguration } from '#xds/route.ts';
import { ClusterGenerator } from './clusters/clusters.ts';
import { LoadAssignments } from './endpoints/load-assignments.ts';
import { type ReducedEndpoints, reducedEndpoints } from './endpoints/reduced-endpoints.ts';
import { ListenerAndRouteGenerator } from './listeners-and-routes.ts';
import type { MeshConfig } from './model/mesh-config.ts';
import type { MeshModel } from './model/mesh-model.ts';
import type { ProxyModel } from './model/proxy.ts';
import type { FieldOrigins, Origins } from './origin.ts';
import { OutboundConfigs } from './outbound-config.ts';

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

/** What is made once for all proxies of a model, and of those that follow it. */
class Generator {
  readonly origins: Origins = new WeakMap();
  readonly fieldOrigins: FieldOrigins = new WeakMap();
  readonly clusters: ClusterGenerator;
  readonly outbound: OutboundConfigs;
  readonly listenersAndRoutes: ListenerAndRouteGenerator;

  constructor(meshConfig: MeshConfig) {
    const assignments = new LoadAssignments(this);
    this.clusters = new ClusterGenerator(meshConfig, assignments, this);
    this.outbound = new OutboundConfigs(this.clusters, assignments);
    this.listenersAndRoutes = new ListenerAndRouteGenerator(this);
  }
}

/** By lineage of models. */
const GENERATORS = new WeakMap<object, Generator>();

function generatorOf({ lineage, meshConfig }: MeshModel): Generator {
  let generator = GENERATORS.get(lineage);
  if (generator === undefined) {
    generator = new Generator(meshConfig);
    GENERATORS.set(lineage, generator);
  }
  return generator;
}

/** The configuration of one proxy. Parts that proxies have in common are the same objects. */
export function generateForProxy(model: MeshModel, proxy: ProxyModel): ProxyConfig {
  const generator = generatorOf(model);
  const { origins, fieldOrigins } = generator;
  const incoming = generator.listenersAndRoutes.generate(model, proxy);
  const { listeners, routes, hasAutoPassthrough } = incoming;
  const outbound = generator.outbound.of(model, proxy, hasAutoPassthrough);
  const clusters = [...outbound.clusters, ...generator.clusters.own(model, proxy)];
  return { clusters, endpoints: outbound.endpoints, listeners, routes, origins, fieldOrigins };
}

/** The endpoints of every cluster of a proxy that has a list of them. */
export function reducedEndpointsOf({ clusters, endpoints }: ProxyConfig): ReducedEndpoints[] {
  return clusters
    .map((cluster) => reducedEndpoints(cluster, endpoints))
    .filter((reduced) => reduced !== undefined);
}
