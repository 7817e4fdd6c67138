import { keptIn } from '#source/memo.ts';
import type { Cluster } from '#xds/cluster.ts';
import type { ClusterLoadAssignment } from '#xds/endpoint.ts';
import type { ClusterGenerator, RuledService } from './clusters/clusters.ts';
import type { LoadAssignments } from './endpoints/load-assignments.ts';
import { EMPTY_PART, type GeneratedPart } from './generated-parts.ts';
import type { EndpointIndex } from './model/endpoint-index.ts';
import type { MeshModel } from './model/mesh-model.ts';
import { parseOutboundClusterName } from './model/names.ts';
import type { ProxyModel } from './model/proxy.ts';
import { portByNumber, type Service } from './model/service.ts';
import { RuledServiceLists, type RuledServices } from './ruled-services.ts';
import { outboundKey } from './scope-sensitivity.ts';

/** What clusters and endpoints are made from beside services and rules. */
type Sources = Pick<MeshModel, 'registry' | 'endpointIndex' | 'peerAuthentications'>;

interface Known {
  readonly sources: Sources;
  readonly part: GeneratedPart;
}

/** The clusters of one service and their endpoints. */
interface Slice {
  readonly rule: RuledService['rule'];
  readonly endpointsByPort: ReturnType<EndpointIndex['endpointsByPort']>;
  /** Those of its host and namespace. */
  readonly named: readonly Service[];
  readonly peerAuthentications: MeshModel['peerAuthentications'];
  readonly clusters: readonly Cluster[];
  readonly endpoints: readonly ClusterLoadAssignment[];
}

/**
 * Outbound clusters and endpoints, made once for all proxies that see the same services and rules and
 * differ in nothing that matters: thousands of proxies share one list and one map. After a change only
 * the services that it is about are looked at again.
 *
 * @source istio: pilot/pkg/networking/core/cluster.go, buildOutboundClusters
 */
export class OutboundConfigs {
  readonly #clusters: ClusterGenerator;
  readonly #assignments: LoadAssignments;
  readonly #ruled = new RuledServiceLists();
  readonly #known = new WeakMap<RuledServices, Map<string, Known>>();
  /** By service, then what of proxies matters. */
  readonly #slices = new WeakMap<Service, Map<string, Slice>>();

  constructor(clusters: ClusterGenerator, assignments: LoadAssignments) {
    this.#clusters = clusters;
    this.#assignments = assignments;
  }

  /** `hasAutoPassthrough`: one of the proxy's Gateways routes by SNI to clusters named after it. */
  of(model: MeshModel, proxy: ProxyModel, hasAutoPassthrough: boolean): GeneratedPart {
    const scope = model.scopeFor(proxy);
    const ruled = this.#ruled.of(model, scope);
    // Rules with selectors are for workloads of their own namespace alone.
    const namespace = ruled.sensitivity.toLabels ? scope.namespace : '';
    const proxyKey = `${namespace} ${outboundKey(proxy, ruled.sensitivity)}`;
    const key = `${hasAutoPassthrough} ${proxyKey}`;
    const byKey = keptIn(this.#known, ruled, () => new Map<string, Known>());
    const known = byKey.get(key);
    if (known !== undefined && areSameSources(known.sources, model)) return known.part;
    const modes: readonly RuledService['mode'][] = hasAutoPassthrough
      ? ['default', 'sni']
      : ['default'];
    const slices = modes.flatMap((mode) =>
      ruled.services.map((service) => {
        const rule = scope.destinationRule('outbound', proxy, service.hostname);
        return this.#slice(model, proxy, { service, rule, mode }, `${mode} ${proxyKey}`);
      }),
    );
    const part = partOf(slices, known?.part);
    byKey.set(key, { sources: sourcesOf(model), part });
    return part;
  }

  #slice(model: MeshModel, proxy: ProxyModel, ruled: RuledService, key: string): Slice {
    const { service, rule } = ruled;
    const { peerAuthentications } = model;
    const named = model.registry.allNamed(service);
    const endpointsByPort = model.endpointIndex.endpointsByPort(service);
    const byKey = keptIn(this.#slices, service, () => new Map<string, Slice>());
    const known = byKey.get(key);
    const isCurrent =
      known !== undefined &&
      known.rule === rule &&
      known.endpointsByPort === endpointsByPort &&
      areSame(known.named, named) &&
      known.peerAuthentications === peerAuthentications;
    if (isCurrent) return known;
    const clusters = this.#clusters.ofService(model, proxy, ruled);
    const endpoints = clusters
      .filter(({ type }) => type === 'EDS')
      .map(({ name }) => this.#endpoints(model, proxy, name));
    const basis = { rule, endpointsByPort, named, peerAuthentications };
    const slice = { ...basis, clusters, endpoints };
    byKey.set(key, slice);
    return slice;
  }

  /** What the endpoint service gives for a cluster's name. */
  #endpoints(model: MeshModel, proxy: ProxyModel, clusterName: string): ClusterLoadAssignment {
    const scope = model.scopeFor(proxy);
    const parts = parseOutboundClusterName(clusterName);
    const service = parts && scope.service(parts.host);
    const port = service && portByNumber(service, parts?.port ?? 0);
    if (parts === undefined || service === undefined || port === undefined) return { clusterName };
    const rule = scope.destinationRule('outbound', proxy, service.hostname);
    const query = { clusterName, service, port, rule, subset: parts.subset };
    return this.#assignments.assignment(model, query, proxy);
  }
}

/**
 * Of clusters of one name the first; only resources that no API server would take give several.
 *
 * @source istio: pilot/pkg/networking/core/cluster_builder.go, normalizeClusters
 */
function partOf(slices: readonly Slice[], before: GeneratedPart | undefined): GeneratedPart {
  const byName = new Map<string, Cluster>();
  const endpoints = new Map<string, ClusterLoadAssignment>();
  for (const slice of slices) {
    for (const cluster of slice.clusters) {
      if (!byName.has(cluster.name)) byName.set(cluster.name, cluster);
    }
    for (const assignment of slice.endpoints) {
      const { clusterName } = assignment;
      if (!endpoints.has(clusterName)) endpoints.set(clusterName, assignment);
    }
  }
  const clusters = [...byName.values()];
  return before !== undefined && isSamePart(before, clusters, endpoints)
    ? before
    : { ...EMPTY_PART, clusters, endpoints };
}

function isSamePart(
  before: GeneratedPart,
  clusters: readonly Cluster[],
  endpoints: ReadonlyMap<string, ClusterLoadAssignment>,
): boolean {
  return (
    before.clusters.length === clusters.length &&
    before.endpoints.size === endpoints.size &&
    clusters.every((cluster, index) => cluster === before.clusters[index]) &&
    [...endpoints].every(([name, assignment]) => before.endpoints.get(name) === assignment)
  );
}

function areSame(a: readonly unknown[], b: readonly unknown[]): boolean {
  return a === b || (a.length === b.length && a.every((item, index) => item === b[index]));
}

function sourcesOf({ registry, endpointIndex, peerAuthentications }: Sources): Sources {
  return { registry, endpointIndex, peerAuthentications };
}

function areSameSources(a: Sources, b: Sources): boolean {
  return (
    a.registry === b.registry &&
    a.endpointIndex === b.endpointIndex &&
    a.peerAuthentications === b.peerAuthentications
  );
}
