import type { Cluster } from '#xds/cluster.ts';
import type { ClusterLoadAssignment } from '#xds/endpoint.ts';
import type { ClusterGenerator } from './clusters/clusters.ts';
import type { LoadAssignments } from './endpoints/load-assignments.ts';
import { EMPTY_PART, type GeneratedPart } from './generated-parts.ts';
import type { MeshModel } from './model/mesh-model.ts';
import { parseOutboundClusterName } from './model/names.ts';
import type { ProxyModel } from './model/proxy.ts';
import { portByNumber } from './model/service.ts';
import type { SidecarScope } from './model/sidecar-scope.ts';
import { outboundKey, type ScopeSensitivity, scopeSensitivity } from './scope-sensitivity.ts';

type ConfigsByKey = Map<string, GeneratedPart>;

/**
 * Outbound clusters and endpoints, made once for all proxies of a scope that differ in nothing that
 * matters: thousands of proxies share one list and one map.
 */
export class OutboundConfigs {
  readonly #clusters: ClusterGenerator;
  readonly #assignments: LoadAssignments;
  readonly #sensitivities = new WeakMap<SidecarScope, ScopeSensitivity>();
  /** A scope outlives its model, the endpoints of its services don't. */
  readonly #byModel = new WeakMap<MeshModel, Map<SidecarScope, ConfigsByKey>>();

  constructor(clusters: ClusterGenerator, assignments: LoadAssignments) {
    this.#clusters = clusters;
    this.#assignments = assignments;
  }

  /** `hasAutoPassthrough`: one of the proxy's Gateways routes by SNI to clusters named after it. */
  of(model: MeshModel, proxy: ProxyModel, hasAutoPassthrough: boolean): GeneratedPart {
    const scope = model.scopeFor(proxy);
    const byKey = this.#configsOf(model, scope);
    const sensitivity = this.#sensitivityOf(model, scope);
    const key = `${hasAutoPassthrough} ${outboundKey(proxy, sensitivity)}`;
    let config = byKey.get(key);
    if (config === undefined) {
      config = this.#build(model, proxy, hasAutoPassthrough);
      byKey.set(key, config);
    }
    return config;
  }

  #configsOf(model: MeshModel, scope: SidecarScope): ConfigsByKey {
    let byScope = this.#byModel.get(model);
    if (byScope === undefined) {
      byScope = new Map();
      this.#byModel.set(model, byScope);
    }
    let byKey = byScope.get(scope);
    if (byKey === undefined) {
      byKey = new Map();
      byScope.set(scope, byKey);
    }
    return byKey;
  }

  #sensitivityOf(model: MeshModel, scope: SidecarScope): ScopeSensitivity {
    let sensitivity = this.#sensitivities.get(scope);
    if (sensitivity === undefined) {
      sensitivity = scopeSensitivity(scope, model.meshConfig);
      this.#sensitivities.set(scope, sensitivity);
    }
    return sensitivity;
  }

  #build(model: MeshModel, proxy: ProxyModel, hasAutoPassthrough: boolean): GeneratedPart {
    const clusters = withoutDuplicates([
      ...this.#clusters.outbound(model, proxy, 'default'),
      ...(hasAutoPassthrough ? this.#clusters.outbound(model, proxy, 'sni') : []),
    ]);
    const endpoints = new Map<string, ClusterLoadAssignment>();
    for (const { name, type } of clusters) {
      if (type === 'EDS') endpoints.set(name, this.#endpoints(model, proxy, name));
    }
    return { ...EMPTY_PART, clusters, endpoints };
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
function withoutDuplicates(clusters: readonly Cluster[]): readonly Cluster[] {
  const byName = new Map<string, Cluster>();
  for (const cluster of clusters) if (!byName.has(cluster.name)) byName.set(cluster.name, cluster);
  return [...byName.values()];
}
