import type { Cluster } from '#xds/cluster.ts';
import type { LoadAssignments } from '../endpoints/load-assignments.ts';
import type { ConsolidatedDestinationRule } from '../model/destination-rule-merge.ts';
import type { MeshModel } from '../model/mesh-model.ts';
import type { ProxyModel } from '../model/proxy.ts';
import { isResolvedByDns, type Service, type ServicePort } from '../model/service.ts';
import type { OriginNotes } from './cluster-origins.ts';
import { dynamicForwardProxyCluster } from './dynamic-dns-cluster.ts';
import { inboundClusters } from './inbound-clusters.ts';
import { type ClusterContext, clustersOfPort } from './outbound-clusters.ts';
import {
  blackHoleCluster,
  dynamicDnsCluster,
  inboundPassthroughCluster,
  passthroughCluster,
} from './special-clusters.ts';

type Shared = Map<string, readonly Cluster[]>;

/**
 * The clusters of proxies. Those of a service's port are made once for each rule that applies and each
 * kind of proxy, and shared by all proxies of that kind; only clusters whose endpoints stand in
 * themselves are made per locality.
 *
 * @source istio: pilot/pkg/networking/core/cluster.go, BuildClusters
 */
export class ClusterGenerator {
  readonly #model: MeshModel;
  readonly #assignments: LoadAssignments;
  readonly #notes: OriginNotes;
  readonly #blackHole: Cluster;
  readonly #passthrough: Cluster;
  readonly #shared = new WeakMap<ServicePort, WeakMap<object, Shared>>();

  constructor(model: MeshModel, assignments: LoadAssignments, notes: OriginNotes) {
    this.#model = model;
    this.#assignments = assignments;
    this.#notes = notes;
    this.#blackHole = blackHoleCluster(model.meshConfig);
    this.#passthrough = passthroughCluster(model.meshConfig);
  }

  /** The clusters that belong to no service, and those towards the proxy's own workload. */
  own(proxy: ProxyModel): readonly Cluster[] {
    const { meshConfig } = this.#model;
    if (proxy.kind === 'gateway') return [this.#blackHole];
    const { mode } = this.#model.scopeFor(proxy).outboundTrafficPolicy;
    return [
      this.#blackHole,
      this.#passthrough,
      ...(mode === 'ALLOW_ANY_DYNAMIC_DNS' ? [dynamicDnsCluster(meshConfig)] : []),
      ...inboundClusters(this.#context(proxy)),
      inboundPassthroughCluster(meshConfig, proxy),
    ];
  }

  #context(proxy: ProxyModel): ClusterContext {
    return {
      model: this.#model,
      proxy,
      assignments: this.#assignments,
      notes: this.#notes,
    };
  }

  /** The clusters of services. */
  outbound(proxy: ProxyModel, mode: 'default' | 'sni'): readonly Cluster[] {
    const scope = this.#model.scopeFor(proxy);
    const clusters: Cluster[] = [];
    for (const service of scope.services) {
      if (service.resolution === 'Alias') continue;
      if (mode === 'sni' && service.meshExternal) continue;
      const rule = scope.destinationRule('outbound', proxy, service.hostname);
      for (const port of service.ports) {
        if (port.protocol === 'UDP') continue;
        clusters.push(...this.#clustersOfPort(proxy, service, port, rule, mode));
      }
    }
    return clusters;
  }

  #clustersOfPort(
    proxy: ProxyModel,
    service: Service,
    port: ServicePort,
    rule: ConsolidatedDestinationRule | undefined,
    mode: 'default' | 'sni',
  ): readonly Cluster[] {
    const shared = this.#sharedFor(port, rule ?? service.source);
    const key = [mode, proxy.kind, isResolvedByDns(service) ? placeOfDns(proxy) : ''].join('\n');
    let clusters = shared.get(key);
    if (clusters === undefined) {
      clusters =
        service.resolution === 'DynamicDNS'
          ? dynamicForwardProxyCluster(this.#context(proxy), service, port, rule)
          : clustersOfPort(this.#context(proxy), service, port, rule, mode);
      shared.set(key, clusters);
    }
    return clusters;
  }

  /** Ports are objects of one service: a trimmed service has the same ones. */
  #sharedFor(port: ServicePort, rule: object): Shared {
    let byRule = this.#shared.get(port);
    if (byRule === undefined) {
      byRule = new WeakMap();
      this.#shared.set(port, byRule);
    }
    let shared = byRule.get(rule);
    if (shared === undefined) {
      shared = new Map();
      byRule.set(rule, shared);
    }
    return shared;
  }
}

/** What of a proxy decides about the endpoints inside a cluster. */
function placeOfDns(proxy: ProxyModel): string {
  const labels = [...proxy.labels].sort(([a], [b]) => (a < b ? -1 : 1));
  return JSON.stringify([proxy.locality, labels, proxy.ips.every((ip) => ip.includes(':'))]);
}
