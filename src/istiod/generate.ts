import type { Cluster } from '#xds/cluster.ts';
import type { ClusterLoadAssignment } from '#xds/endpoint.ts';
import type { Listener } from '#xds/listener.ts';
import type { RouteConfiguration } from '#xds/route.ts';
import { ClusterGenerator } from './clusters/clusters.ts';
import { LoadAssignments } from './endpoints/load-assignments.ts';
import { type ReducedEndpoints, reducedEndpoints } from './endpoints/reduced-endpoints.ts';
import { EMPTY_PART, type GeneratedParts } from './generated-parts.ts';
import { ListenerAndRouteGenerator } from './listeners-and-routes.ts';
import type { MeshConfig } from './model/mesh-config.ts';
import type { MeshModel } from './model/mesh-model.ts';
import type { ProxyModel } from './model/proxy.ts';
import type { FieldOrigins, Origins } from './origin.ts';
import { OriginBook } from './origin-book.ts';
import { OutboundConfigs } from './outbound-config.ts';
import { OwnConfigs } from './own-configs.ts';

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
  readonly provenance = new OriginBook();
  readonly clusters: ClusterGenerator;
  readonly outbound: OutboundConfigs;
  readonly listenersAndRoutes: ListenerAndRouteGenerator;
  readonly own = new OwnConfigs();

  constructor(meshConfig: MeshConfig) {
    const { notes } = this.provenance;
    const assignments = new LoadAssignments(notes);
    this.clusters = new ClusterGenerator(meshConfig, assignments, notes);
    this.outbound = new OutboundConfigs(this.clusters, assignments);
    this.listenersAndRoutes = new ListenerAndRouteGenerator(notes);
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

/**
 * The configuration of one proxy in parts: the way out to services, the listeners and routes that lead
 * there, and what is the proxy's own. Proxies that have a part in common get the same object, and so
 * does a later model that changes nothing of it.
 */
export function generateParts(model: MeshModel, proxy: ProxyModel): GeneratedParts {
  const generator = generatorOf(model);
  const { listenersAndRoutes, provenance } = generator;
  const outgoing = listenersAndRoutes.outgoing(model, proxy);
  const services = generator.outbound.of(model, proxy, outgoing.hasAutoPassthrough);
  const own = generator.own.of(model, proxy, () => ({
    ...EMPTY_PART,
    clusters: generator.clusters.own(model, proxy),
    listeners: listenersAndRoutes.inbound(model, proxy),
  }));
  return { parts: [services, outgoing, own], provenance };
}

/** The configuration of one proxy. Parts that proxies have in common are the same objects. */
export function generateForProxy(model: MeshModel, proxy: ProxyModel): ProxyConfig {
  const { parts, provenance } = generateParts(model, proxy);
  const { origins, fieldOrigins } = provenance;
  return {
    clusters: joined(parts.map(({ clusters }) => clusters)),
    endpoints: new Map(parts.flatMap(({ endpoints }) => [...endpoints])),
    listeners: joined(parts.map(({ listeners }) => listeners)),
    routes: joined(parts.map(({ routes }) => routes)),
    origins,
    fieldOrigins,
  };
}

function joined<Item>(lists: readonly (readonly Item[])[]): readonly Item[] {
  const filled = lists.filter(({ length }) => length > 0);
  return filled.length === 1 ? filled[0]! : filled.flat();
}

/** The endpoints of every cluster of a proxy that has a list of them. */
export function reducedEndpointsOf({ clusters, endpoints }: ProxyConfig): ReducedEndpoints[] {
  return clusters
    .map((cluster) => reducedEndpoints(cluster, endpoints))
    .filter((reduced) => reduced !== undefined);
}
