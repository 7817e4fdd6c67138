import type { Cluster } from '#xds/cluster.ts';
import type { LoadAssignments } from '../endpoints/load-assignments.ts';
import type { ConsolidatedDestinationRule } from '../model/destination-rule-merge.ts';
import type { IstioEndpoint } from '../model/endpoint.ts';
import type { MeshConfig } from '../model/mesh-config.ts';
import type { MeshModel } from '../model/mesh-model.ts';
import type { ProxyModel } from '../model/proxy.ts';
import { isResolvedByDns, type Service, type ServicePort } from '../model/service.ts';
import type { OriginNotes } from './cluster-origins.ts';
import { dynamicForwardProxyCluster } from './dynamic-dns-cluster.ts';
import { inboundClusters } from './inbound-clusters.ts';
import { isPassthrough } from './load-balancer.ts';
import { type ClusterContext, clustersOfPort } from './outbound-clusters.ts';
import { serviceMtlsMode } from './service-mtls-mode.ts';
import {
  blackHoleCluster,
  dynamicDnsCluster,
  inboundPassthroughCluster,
  passthroughCluster,
} from './special-clusters.ts';

type Shared = Map<string, readonly Cluster[]>;

/**
 * The clusters of proxies. Those of a service's port are made once for each rule that applies and each
 * kind of proxy, and shared by all proxies of that kind and by successive models as long as nothing
 * that they are made from changes; only clusters whose endpoints stand in themselves are made per
 * locality.
 *
 * @source istio: pilot/pkg/networking/core/cluster.go, BuildClusters
 */
export class ClusterGenerator {
  readonly #assignments: LoadAssignments;
  readonly #notes: OriginNotes;
  readonly #blackHole: Cluster;
  readonly #passthrough: Cluster;
  readonly #shared = new WeakMap<ServicePort, WeakMap<object, Shared>>();
  readonly #listNumbers = new WeakMap<readonly IstioEndpoint[], number>();
  #listCount = 0;

  constructor(meshConfig: MeshConfig, assignments: LoadAssignments, notes: OriginNotes) {
    this.#assignments = assignments;
    this.#notes = notes;
    this.#blackHole = blackHoleCluster(meshConfig);
    this.#passthrough = passthroughCluster(meshConfig);
  }

  /** The clusters that belong to no service, and those towards the proxy's own workload. */
  own(model: MeshModel, proxy: ProxyModel): readonly Cluster[] {
    const { meshConfig } = model;
    if (proxy.kind === 'gateway') return [this.#blackHole];
    const { mode } = model.scopeFor(proxy).outboundTrafficPolicy;
    return [
      this.#blackHole,
      this.#passthrough,
      ...(mode === 'ALLOW_ANY_DYNAMIC_DNS' ? [dynamicDnsCluster(meshConfig, proxy)] : []),
      ...inboundClusters(this.#context(model, proxy)),
      inboundPassthroughCluster(meshConfig, proxy),
    ];
  }

  #context(model: MeshModel, proxy: ProxyModel): ClusterContext {
    return { model, proxy, assignments: this.#assignments, notes: this.#notes };
  }

  /** The clusters of a service under a rule, and of its subsets. */
  ofService(
    model: MeshModel,
    proxy: ProxyModel,
    { service, rule, mode }: RuledService,
  ): readonly Cluster[] {
    if (service.resolution === 'Alias') return [];
    if (mode === 'sni' && service.meshExternal) return [];
    const context = this.#context(model, proxy);
    return service.ports
      .filter(({ protocol }) => protocol !== 'UDP')
      .flatMap((port) => this.#clustersOfPort(context, { service, port, rule, mode }));
  }

  #clustersOfPort(context: ClusterContext, of: PortOfService): readonly Cluster[] {
    const { service, port, rule, mode } = of;
    const shared = this.#sharedFor(port, rule ?? service.source);
    const key = this.#key(context, of);
    let clusters = shared.get(key);
    if (clusters === undefined) {
      clusters =
        service.resolution === 'DynamicDNS'
          ? dynamicForwardProxyCluster(context, service, port, rule)
          : clustersOfPort(context, service, port, rule, mode);
      shared.set(key, clusters);
    }
    return clusters;
  }

  /** Everything else that the clusters of a port are made from. */
  #key({ model, proxy }: ClusterContext, { service, port, rule, mode }: PortOfService): string {
    const passing = rule?.subsets.find(({ policy }) => isPassthrough(policy?.policy.loadBalancer));
    return [
      mode,
      proxy.kind,
      model.endpointIndex.serviceAccounts(service).join(','),
      serviceMtlsMode(model, service, port, rule?.policy),
      passing === undefined ? '' : serviceMtlsMode(model, service, port, passing.policy),
      isResolvedByDns(service) ? this.#dnsKey(model, proxy, service, port) : '',
    ].join('\n');
  }

  /** What decides about endpoints inside a cluster: the list, and the client that they are for. */
  #dnsKey(model: MeshModel, proxy: ProxyModel, service: Service, port: ServicePort): string {
    const list = model.endpoints(service, port.name);
    let number = this.#listNumbers.get(list);
    if (number === undefined) {
      this.#listCount += 1;
      number = this.#listCount;
      this.#listNumbers.set(list, number);
    }
    const labels = [...proxy.labels].sort(([a], [b]) => (a < b ? -1 : 1));
    const isV6Only = proxy.ips.every((ip) => ip.includes(':'));
    return JSON.stringify([number, proxy.locality, labels, isV6Only]);
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

/** A service, the rule for it, and the names that its clusters get. */
export interface RuledService {
  readonly service: Service;
  readonly rule: ConsolidatedDestinationRule | undefined;
  readonly mode: 'default' | 'sni';
}

interface PortOfService extends RuledService {
  readonly port: ServicePort;
}
