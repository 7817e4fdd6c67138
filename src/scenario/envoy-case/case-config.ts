import { LONE_PROXY_PORT } from '#mesh/lone-proxy.ts';
import { grouped } from '../counted-rows.ts';
import type { CaseCluster, CaseEndpoint, CaseLocality, EnvoyCase } from './case-file.ts';

const MANAGER =
  'type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager';

const TCP_PROXY = 'type.googleapis.com/envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy';

/** The one listener of a case. */
export function caseListener(kase: EnvoyCase): unknown {
  return {
    name: 'in',
    address: { socket_address: { address: '127.0.0.1', port_value: LONE_PROXY_PORT } },
    filter_chains: [{ filters: [kase.tcp === undefined ? manager(kase) : tcpProxy(kase.tcp)] }],
  };
}

function manager(kase: EnvoyCase): unknown {
  const typed_config = {
    '@type': MANAGER,
    stat_prefix: 'ingress',
    route_config: { name: 'local', ...kase.route_config },
    http_filters: kase.http_filters ?? [],
    ...kase.hcm,
  };
  return { name: 'envoy.filters.network.http_connection_manager', typed_config };
}

/** The network filter that a case's TCP proxy is. */
export function tcpProxy(fields: NonNullable<EnvoyCase['tcp']>, statPrefix = 'ingress'): unknown {
  const typed_config = { '@type': TCP_PROXY, stat_prefix: statPrefix, ...fields };
  return { name: 'envoy.filters.network.tcp_proxy', typed_config };
}

/** The cluster of proxies that the case's belongs to. */
export function localClusterName({ cluster_manager }: EnvoyCase): string | undefined {
  const name = cluster_manager?.['local_cluster_name'];
  return typeof name === 'string' ? name : undefined;
}

/** A cluster as Envoy's own configuration has it, without its endpoints. */
export function caseCluster(cluster: CaseCluster): unknown {
  const { endpoints, eds, initial_members, locality_weights, load_assignment_policy, ...rest } =
    cluster;
  return { connect_timeout: '1s', type: eds === true ? 'EDS' : 'STATIC', ...rest };
}

/** The load assignment of some of a cluster's endpoints, grouped as the case lists them. */
export function caseAssignment(
  cluster: CaseCluster,
  endpoints: readonly CaseEndpoint[],
  healthOf: (endpoint: CaseEndpoint) => string | undefined,
): unknown {
  const groups = grouped(endpoints, (it) => groupKey(it.locality, it.priority));
  return {
    cluster_name: cluster.name,
    endpoints: [...groups].map(([key, members]) => ({
      locality: members[0]!.locality,
      priority: members[0]!.priority,
      load_balancing_weight: cluster.locality_weights?.find(
        (it) => groupKey(it.locality, it.priority) === key,
      )?.load_balancing_weight,
      lb_endpoints: members.map((it) => lbEndpoint(it, healthOf(it))),
    })),
    policy: cluster.load_assignment_policy,
  };
}

function groupKey(locality: CaseLocality | undefined, priority: number | undefined): string {
  return JSON.stringify([locality ?? null, priority ?? 0]);
}

function lbEndpoint(endpoint: CaseEndpoint, health: string | undefined): unknown {
  const [address = '', port = '0'] = endpoint.address.split(':');
  return {
    endpoint: {
      address: { socket_address: { address, port_value: Number(port) } },
      hostname: endpoint.hostname,
    },
    load_balancing_weight: endpoint.weight,
    health_status: health,
    metadata: endpoint.metadata && { filter_metadata: endpoint.metadata },
  };
}
