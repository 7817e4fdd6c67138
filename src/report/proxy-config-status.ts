import type { Cluster } from '#xds/cluster.ts';
import type { ClusterLoadAssignment } from '#xds/endpoint.ts';
import { type EndpointFilter, filteredEndpoints } from './proxy-config-endpoints.ts';

/**
 * Endpoints as `istioctl proxy-config endpoints -o json` has them: the clusters of Envoy's `/clusters`,
 * before any traffic.
 *
 * @source envoy: api/envoy/admin/v3/clusters.proto, ClusterStatus
 */
export function clusterStatuses(
  clusters: readonly Cluster[],
  assignments: readonly ClusterLoadAssignment[],
  filter: EndpointFilter,
): readonly unknown[] {
  const byName = new Map(clusters.map((cluster) => [cluster.name, cluster]));
  const hosts = new Map<string, unknown[]>();
  for (const { clusterName, status, endpoint, group } of filteredEndpoints(assignments, filter)) {
    const list = hosts.get(clusterName) ?? [];
    hosts.set(clusterName, list);
    list.push({
      address: endpoint.endpoint?.address,
      healthStatus: { edsHealthStatus: status },
      weight: Number(endpoint.loadBalancingWeight ?? 1),
      locality: group.locality ?? {},
      ...(group.priority ? { priority: group.priority } : {}),
    });
  }
  return [...hosts].map(([name, hostStatuses]) => {
    const cluster = byName.get(name);
    const thresholds = cluster?.circuitBreakers?.thresholds;
    const serviceName = cluster?.edsClusterConfig?.serviceName;
    return {
      name,
      ...(cluster?.type === 'EDS' ? { addedViaApi: true } : {}),
      hostStatuses,
      ...(thresholds === undefined ? {} : { circuitBreakers: { thresholds } }),
      observabilityName: cluster?.altStatName || name,
      ...(serviceName === undefined ? {} : { edsServiceName: serviceName }),
    };
  });
}
