import { compareText } from '#source/compare-text.ts';
import type { Cluster } from '#xds/cluster.ts';
import { configName, proxyConfigTable } from './proxy-config-table.ts';

/** What `istioctl proxy-config clusters` can be asked for. */
export interface ClusterFilter {
  readonly fqdn: string | undefined;
  readonly port: number | undefined;
  readonly subset: string | undefined;
  readonly direction: string | undefined;
}

interface ClusterLine {
  readonly cluster: Cluster;
  readonly fqdn: string;
  readonly port: number | undefined;
  readonly subset: string;
  readonly direction: string;
}

/** In the order of the table: FQDN, subset, port, direction. */
export function sortedClusters(
  clusters: readonly Cluster[],
  filter: ClusterFilter,
): readonly Cluster[] {
  return lines(clusters, filter).map(({ cluster }) => cluster);
}

/**
 * @source istio: istioctl/pkg/writer/envoy/configdump/cluster.go, PrintClusterSummary
 */
export function clustersTable(clusters: readonly Cluster[], filter: ClusterFilter): string {
  const rows = lines(clusters, filter).map(({ cluster, fqdn, port, subset, direction }) => [
    fqdn,
    port === undefined ? '-' : String(port),
    subset || '-',
    direction || '-',
    typeOf(cluster),
    configName(cluster.metadata, 'destination-rule'),
  ]);
  const header = ['SERVICE FQDN', 'PORT', 'SUBSET', 'DIRECTION', 'TYPE', 'DESTINATION RULE'];
  return proxyConfigTable(header, rows, 5);
}

function lines(clusters: readonly Cluster[], filter: ClusterFilter): readonly ClusterLine[] {
  return clusters
    .map(lineOf)
    .filter(
      (line) =>
        (filter.fqdn === undefined || line.fqdn.includes(filter.fqdn)) &&
        (filter.port === undefined || line.port === filter.port) &&
        (filter.subset === undefined || line.subset === filter.subset) &&
        (filter.direction === undefined || line.direction === filter.direction),
    )
    .sort(
      (a, b) =>
        compareText(a.fqdn, b.fqdn) ||
        compareText(a.subset, b.subset) ||
        (a.port ?? 0) - (b.port ?? 0) ||
        compareText(a.direction, b.direction) ||
        compareText(a.cluster.name, b.cluster.name),
    );
}

/** `dir|port|subset|host`; any other name is shown as the FQDN. */
function lineOf(cluster: Cluster): ClusterLine {
  const parts = cluster.name.split('|');
  if (parts.length !== 4)
    return { cluster, fqdn: cluster.name, port: undefined, subset: '', direction: '' };
  const [direction = '', port = '', subset = '', fqdn = ''] = parts;
  return { cluster, fqdn, port: Number(port), subset, direction };
}

function typeOf(cluster: Cluster): string {
  return cluster.type ?? (cluster.clusterType === undefined ? 'STATIC' : cluster.clusterType.name);
}
