import type { Cluster } from '#xds/cluster.ts';
import type { Locality } from '#xds/core.ts';
import type { ClusterLoadAssignment, LbEndpoint, LocalityLbEndpoints } from '#xds/endpoint.ts';

/** An endpoint as tables show it. */
export interface ReducedHost {
  readonly address: string;
  /** Absent where the assignment gives none; Envoy takes it for 1. */
  readonly weight?: number;
  readonly health: string;
  /** `region/zone/subzone`, without empty parts at the end. */
  readonly locality: string;
  readonly localityWeight: number | undefined;
  readonly priority: number;
  readonly tlsMode?: string;
  readonly workload?: string;
}

export interface ReducedEndpoints {
  readonly cluster: string;
  /** `eds`: the endpoint service gives them; `cluster`: they stand in the cluster. */
  readonly source: 'eds' | 'cluster';
  readonly hosts: readonly ReducedHost[];
}

/** The endpoints of a cluster, one line each; none for a cluster that has no list of endpoints. */
export function reducedEndpoints(
  cluster: Cluster,
  assignments: ReadonlyMap<string, ClusterLoadAssignment>,
): ReducedEndpoints | undefined {
  const source = cluster.type === 'EDS' ? 'eds' : 'cluster';
  const assignment = source === 'eds' ? assignments.get(cluster.name) : cluster.loadAssignment;
  if (assignment === undefined) return undefined;
  const hosts = (assignment.endpoints ?? []).flatMap((group) =>
    (group.lbEndpoints ?? []).map((endpoint) => reducedHost(endpoint, group)),
  );
  return { cluster: cluster.name, source, hosts };
}

function reducedHost(endpoint: LbEndpoint, group: LocalityLbEndpoints): ReducedHost {
  const metadata = endpoint.metadata?.filterMetadata;
  const tlsMode = metadata?.['envoy.transport_socket_match']?.['tlsMode'];
  const workload = metadata?.['istio']?.['workload'];
  return {
    address: addressText(endpoint),
    ...(endpoint.loadBalancingWeight === undefined ? {} : { weight: endpoint.loadBalancingWeight }),
    health: endpoint.healthStatus ?? 'UNKNOWN',
    locality: localityText(group.locality),
    localityWeight: group.loadBalancingWeight,
    priority: group.priority ?? 0,
    ...(typeof tlsMode === 'string' ? { tlsMode } : {}),
    ...(typeof workload === 'string' ? { workload } : {}),
  };
}

function addressText({ endpoint }: LbEndpoint): string {
  const socket = endpoint?.address.socketAddress;
  if (socket === undefined) return endpoint?.address.pipe?.path ?? '';
  const host = socket.address.includes(':') ? `[${socket.address}]` : socket.address;
  return `${host}:${socket.portValue ?? 0}`;
}

/** @source istio: pkg/util/util.go, LocalityToString */
export function localityText(locality: Locality | undefined): string {
  const { region = '', zone = '', subZone = '' } = locality ?? {};
  return [region, zone, subZone].join('/').replace(/\/+$/, '');
}
