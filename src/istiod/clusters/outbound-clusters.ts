import type { Cluster } from '#xds/cluster.ts';
import type { EndpointQuery } from '../endpoints/endpoint-query.ts';
import type { LoadAssignments } from '../endpoints/load-assignments.ts';
import type { LocalityGroup } from '../endpoints/locality-group.ts';
import type { ConsolidatedDestinationRule, PlacedSubset } from '../model/destination-rule-merge.ts';
import type { MeshModel } from '../model/mesh-model.ts';
import { outboundClusterName, sniClusterName } from '../model/names.ts';
import type { ProxyModel } from '../model/proxy.ts';
import type { Service, ServicePort } from '../model/service.ts';
import { mergeSubsetPolicy, portPolicy, withMeshDefaults } from '../model/traffic-policy.ts';
import { noteClusterOrigins, type OriginNotes, originOf } from './cluster-origins.ts';
import { discoveryType, isDnsType } from './dns-cluster.ts';
import { isPassthrough } from './load-balancer.ts';
import { outboundCluster } from './outbound-cluster.ts';
import { serviceMtlsMode } from './service-mtls-mode.ts';

/** For whom the clusters of a service are made, and with what. */
export interface ClusterContext {
  readonly model: MeshModel;
  readonly proxy: ProxyModel;
  readonly assignments: LoadAssignments;
  readonly notes: OriginNotes;
}

/**
 * The cluster of a service's port and those of its subsets. `sni` clusters are those behind an
 * AUTO_PASSTHROUGH gateway: named by SNI, without TLS of their own.
 *
 * @source istio: pilot/pkg/networking/core/cluster.go, buildOutboundClusters, buildOutboundSniDnatClusters
 */
export function clustersOfPort(
  context: ClusterContext,
  service: Service,
  port: ServicePort,
  rule: ConsolidatedDestinationRule | undefined,
  mode: 'default' | 'sni',
): Cluster[] {
  const own = ownCluster(context, service, port, rule, mode);
  if (own === undefined) return [];
  const subsets = (rule?.subsets ?? []).map((subset) =>
    subsetCluster(context, { service, port, rule: rule!, subset, mode, own }),
  );
  return [own, ...subsets.filter((cluster) => cluster !== undefined)];
}

function ownCluster(
  context: ClusterContext,
  service: Service,
  port: ServicePort,
  rule: ConsolidatedDestinationRule | undefined,
  mode: 'default' | 'sni',
): Cluster | undefined {
  const { model, proxy, notes } = context;
  const { host, name } = names(service, port, '', mode);
  const policy = withMeshDefaults(portPolicy(rule?.policy, port.port).blocks, model.meshConfig);
  const type = discoveryType(service, proxy);
  const cluster = outboundCluster({
    model,
    proxy,
    name,
    type,
    service,
    port,
    subset: undefined,
    rule,
    policy,
    groups: isDnsType(type)
      ? dnsGroups(context, { clusterName: name, service, port, rule, subset: '' })
      : [],
    serviceMode: serviceMtlsMode(model, service, port, rule?.policy),
    sni: mode === 'sni' ? undefined : host,
  });
  if (cluster === undefined) return undefined;
  notes.later(() =>
    noteClusterOrigins(notes, cluster, originOf(service.source, ['metadata', 'name']), policy),
  );
  return cluster;
}

interface SubsetInput {
  readonly service: Service;
  readonly port: ServicePort;
  readonly rule: ConsolidatedDestinationRule;
  readonly subset: PlacedSubset;
  readonly mode: 'default' | 'sni';
  /** The service's own cluster: a subset is found as it is found. */
  readonly own: Cluster;
}

/** @source istio: pilot/pkg/networking/core/cluster_builder.go, buildSubsetCluster */
function subsetCluster(context: ClusterContext, input: SubsetInput): Cluster | undefined {
  const { model, proxy, notes } = context;
  const { service, port, rule, subset, mode, own } = input;
  const { host, name } = names(service, port, subset.subset.name, mode);
  const base = withMeshDefaults(portPolicy(rule.policy, port.port).blocks, model.meshConfig);
  const policy = mergeSubsetPolicy(base, subset.policy, port.port);
  const passesThrough = isPassthrough(subset.policy?.policy.loadBalancer);
  const type = passesThrough ? 'ORIGINAL_DST' : (own.type ?? 'STATIC');
  const query = { clusterName: name, service, port, rule, subset: subset.subset.name };
  const cluster = outboundCluster({
    model,
    proxy,
    name,
    type,
    service,
    port,
    subset: subset.subset.name,
    rule,
    policy,
    groups: isDnsType(type) ? dnsGroups(context, query) : [],
    serviceMode: serviceMtlsMode(model, service, port, subset.policy),
    sni: mode === 'sni' ? undefined : host,
  });
  if (cluster === undefined) return undefined;
  notes.later(() => noteClusterOrigins(notes, cluster, originOf(subset.rule, subset.path), policy));
  return cluster;
}

function names(
  service: Service,
  port: ServicePort,
  subset: string,
  mode: 'default' | 'sni',
): { readonly host: string; readonly name: string } {
  const host = sniClusterName(port.port, subset, service.hostname);
  const name = mode === 'sni' ? host : outboundClusterName(port.port, subset, service.hostname);
  return { host, name };
}

/** The endpoints that stand in a DNS cluster, by locality. */
function dnsGroups(context: ClusterContext, query: EndpointQuery): readonly LocalityGroup[] {
  return context.assignments.groups(context.model, query, context.proxy, 'cluster');
}
