import type { Cluster } from '#xds/cluster.ts';
import type { Address } from '#xds/core.ts';
import type { ClusterLoadAssignment, LbEndpoint } from '#xds/endpoint.ts';
import { proxyConfigTable } from './proxy-config-table.ts';

/** What `istioctl proxy-config endpoints` can be asked for. */
export interface EndpointFilter {
  readonly cluster: string | undefined;
  readonly port: number | undefined;
}

/** Every cluster's endpoints, whichever way it gets them. */
export function loadAssignments(
  clusters: readonly Cluster[],
  endpoints: readonly ClusterLoadAssignment[],
): readonly ClusterLoadAssignment[] {
  const inline = clusters.flatMap(({ name, loadAssignment }) =>
    loadAssignment === undefined ? [] : [{ ...loadAssignment, clusterName: name }],
  );
  return [...endpoints, ...inline];
}

/**
 * Nothing has been ejected yet: what istiod sends, not what a run has come to.
 *
 * @source istio: istioctl/pkg/writer/envoy/clusters/clusters.go, PrintEndpointsSummary
 */
export function endpointsTable(
  assignments: readonly ClusterLoadAssignment[],
  filter: EndpointFilter,
): string {
  const rows = assignments
    .filter(({ clusterName }) => filter.cluster === undefined || clusterName === filter.cluster)
    .flatMap(({ clusterName, endpoints }) =>
      (endpoints ?? []).flatMap(({ lbEndpoints }) =>
        (lbEndpoints ?? []).map((endpoint) => ({ clusterName, endpoint, ...addressOf(endpoint) })),
      ),
    )
    .filter(({ port }) => filter.port === undefined || port === filter.port)
    .sort((a, b) => order(a.ip, b.ip) || a.port - b.port || order(a.clusterName, b.clusterName))
    .map(({ ip, port, endpoint, clusterName }) => [
      port === 0 ? ip : `${ip}:${port}`,
      statusOf(endpoint),
      'OK',
      clusterName,
    ]);
  return proxyConfigTable(['ENDPOINT', 'STATUS', 'OUTLIER CHECK', 'CLUSTER'], rows, 5);
}

/** UNKNOWN is what Envoy takes for healthy, and shows so. */
function statusOf({ healthStatus }: LbEndpoint): string {
  return healthStatus === undefined || healthStatus === 'UNKNOWN' ? 'HEALTHY' : healthStatus;
}

function addressOf({ endpoint }: LbEndpoint): { readonly ip: string; readonly port: number } {
  const address: Address | undefined = endpoint?.address;
  const socket = address?.socketAddress;
  if (socket === undefined) return { ip: endpoint?.hostname ?? '', port: 0 };
  return { ip: socket.address, port: Number(socket.portValue ?? 0) };
}

function order(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
