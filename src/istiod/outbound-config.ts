import type { Cluster } from '#xds/cluster.ts';
import type { ClusterLoadAssignment } from '#xds/endpoint.ts';
import type { ClusterGenerator } from './clusters/clusters.ts';
import type { LoadAssignments } from './endpoints/load-assignments.ts';
import type { MeshModel } from './model/mesh-model.ts';
import { parseOutboundClusterName } from './model/names.ts';
import type { ProxyModel } from './model/proxy.ts';
import { portByNumber } from './model/service.ts';
import type { SidecarScope } from './model/sidecar-scope.ts';
import { outboundKey, type ScopeSensitivity, scopeSensitivity } from './scope-sensitivity.ts';

/** The clusters of services, and the endpoints of those that are looked up. */
export interface OutboundConfig {
  readonly clusters: readonly Cluster[];
  /** By cluster name. */
  readonly endpoints: ReadonlyMap<string, ClusterLoadAssignment>;
}

interface ScopeConfigs {
  readonly sensitivity: ScopeSensitivity;
  readonly byKey: Map<string, OutboundConfig>;
}

/**
 * Outbound clusters and endpoints, made once for all proxies of a scope that differ in nothing that
 * matters: thousands of proxies share one list and one map.
 */
export class OutboundConfigs {
  readonly #model: MeshModel;
  readonly #clusters: ClusterGenerator;
  readonly #assignments: LoadAssignments;
  readonly #byScope = new WeakMap<SidecarScope, ScopeConfigs>();

  constructor(model: MeshModel, clusters: ClusterGenerator, assignments: LoadAssignments) {
    this.#model = model;
    this.#clusters = clusters;
    this.#assignments = assignments;
  }

  /** `hasAutoPassthrough`: one of the proxy's Gateways routes by SNI to clusters named after it. */
  of(proxy: ProxyModel, hasAutoPassthrough: boolean): OutboundConfig {
    const scope = this.#model.scopeFor(proxy);
    let known = this.#byScope.get(scope);
    if (known === undefined) {
      const sensitivity = scopeSensitivity(scope, this.#model.meshConfig);
      known = { sensitivity, byKey: new Map() };
      this.#byScope.set(scope, known);
    }
    const key = `${hasAutoPassthrough} ${outboundKey(proxy, known.sensitivity)}`;
    let config = known.byKey.get(key);
    if (config === undefined) {
      config = this.#build(proxy, scope, hasAutoPassthrough);
      known.byKey.set(key, config);
    }
    return config;
  }

  #build(proxy: ProxyModel, scope: SidecarScope, hasAutoPassthrough: boolean): OutboundConfig {
    const clusters = [
      ...this.#clusters.outbound(proxy, 'default'),
      ...(hasAutoPassthrough ? this.#clusters.outbound(proxy, 'sni') : []),
    ];
    const endpoints = new Map<string, ClusterLoadAssignment>();
    for (const { name, type } of clusters) {
      if (type === 'EDS') endpoints.set(name, this.#endpoints(proxy, scope, name));
    }
    return { clusters, endpoints };
  }

  /** What the endpoint service gives for a cluster's name. */
  #endpoints(proxy: ProxyModel, scope: SidecarScope, clusterName: string): ClusterLoadAssignment {
    const parts = parseOutboundClusterName(clusterName);
    const service = parts && scope.service(parts.host);
    const port = service && portByNumber(service, parts?.port ?? 0);
    if (parts === undefined || service === undefined || port === undefined) return { clusterName };
    const rule = scope.destinationRule('outbound', proxy, service.hostname);
    const { subset } = parts;
    return this.#assignments.assignment({ clusterName, service, port, rule, subset }, proxy);
  }
}
