import { compareText } from '#source/compare-text.ts';
import type { Cluster } from '#xds/cluster.ts';
import type { Address } from '#xds/core.ts';
import type { ClusterLoadAssignment, LbEndpoint, LocalityLbEndpoints } from '#xds/endpoint.ts';
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
  // A dump lists those of static clusters twice.
  const listed = new Set(endpoints.map(({ clusterName }) => clusterName));
  const inline = clusters.flatMap(({ name, loadAssignment }) =>
    loadAssignment === undefined || listed.has(name)
      ? []
      : [{ ...loadAssignment, clusterName: name }],
  );
  return [...endpoints, ...inline];
}

/** One endpoint of one cluster. */
export interface EndpointLine {
  readonly clusterName: string;
  readonly endpoint: LbEndpoint;
  readonly group: LocalityLbEndpoints;
  /** `ip:port`. */
  readonly address: string;
  readonly status: string;
}

/** In the order of the table: address, port, cluster. */
export function filteredEndpoints(
  assignments: readonly ClusterLoadAssignment[],
  filter: EndpointFilter,
): readonly EndpointLine[] {
  return assignments
    .filter(({ clusterName }) => filter.cluster === undefined || clusterName === filter.cluster)
    .flatMap(({ clusterName, endpoints }) =>
      (endpoints ?? []).flatMap((group) =>
        (group.lbEndpoints ?? []).map((endpoint) => ({
          clusterName,
          endpoint,
          group,
          ...addressOf(endpoint),
        })),
      ),
    )
    .filter(({ port }) => filter.port === undefined || port === filter.port)
    .sort(
      (a, b) =>
        compareText(a.ip, b.ip) || a.port - b.port || compareText(a.clusterName, b.clusterName),
    )
    .map(({ ip, port, ...line }) => ({
      ...line,
      address: port === 0 ? ip : `${ip}:${port}`,
      status: statusOf(line.endpoint),
    }));
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
  const rows = filteredEndpoints(assignments, filter).map(({ address, status, clusterName }) => [
    address,
    status,
    'OK',
    clusterName,
  ]);
  return proxyConfigTable(['ENDPOINT', 'STATUS', 'OUTLIER CHECK', 'CLUSTER'], rows, 5);
}

/**
 * A config dump does not say what has been ejected.
 *
 * @source istio: istioctl/pkg/writer/envoy/configdump/endpoint.go, PrintEndpointsSummary
 */
export function dumpedEndpointsTable(
  assignments: readonly ClusterLoadAssignment[],
  filter: EndpointFilter,
): string {
  const rows = filteredEndpoints(assignments, filter).map(
    ({ address, status, group, clusterName }) => [
      address,
      status,
      localityText(group),
      clusterName,
    ],
  );
  return proxyConfigTable(['NAME', 'STATUS', 'LOCALITY', 'CLUSTER'], rows, 5);
}

function localityText({ locality }: LocalityLbEndpoints): string {
  const parts = [locality?.region, locality?.zone, locality?.subZone];
  return parts.filter((part) => part !== undefined && part !== '').join('/');
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
