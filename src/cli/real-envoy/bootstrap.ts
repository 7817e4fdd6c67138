import { tcpProxy } from '#scenario/envoy-case/case-config.ts';
import type { CaseCluster, CaseEndpoint, EnvoyCase } from '#scenario/envoy-case/case-file.ts';
import { ISTIO_TEXT_FORMAT } from '#xds/istio-access-log-format.ts';
import { hostAndPort } from './backend.ts';

const FIRST_PORT = 24_000;
export const ADMIN_PORT = 24_001;

/** Where the listener of the case number `index` listens: one case alone does so where the engine does. */
export const listenerPort = (index: number): number =>
  index === 0 ? FIRST_PORT : ADMIN_PORT + index;

/** Files below the work folder that Envoy writes and reads, of the case number `index` or of all. */
export const accessLog = (index: number): string => `access-${index}.log`;
export const upstreamLog = (index: number): string => `upstream-${index}.log`;
export const OUTLIER_LOG = 'outlier.log';
export const edsFile = (cluster: string): string => `eds-${cluster}.json`;

/** The stat prefix of a case's connection manager. */
export const statPrefix = (index: number): string => (index === 0 ? 'ingress' : `ingress${index}`);

const PREFIX = 'type.googleapis.com/envoy.extensions';
const LOG_FORMAT = {
  id: '%REQ(X-ORACLE-ID)%',
  start: '%START_TIME(%s.%6f)%',
  flags: '%RESPONSE_FLAGS%',
  details: '%RESPONSE_CODE_DETAILS%',
  attempts: '%UPSTREAM_REQUEST_ATTEMPT_COUNT%',
  host: '%UPSTREAM_HOST%',
  cluster: '%UPSTREAM_CLUSTER_RAW%',
  route: '%ROUTE_NAME%',
  duration: '%DURATION%',
  line: ISTIO_TEXT_FORMAT.trimEnd(),
};

/**
 * The bootstrap that makes a real Envoy of some cases: a listener on the loopback interface each. What
 * a process has once is the first case's.
 */
export function bootstrapOf(cases: readonly EnvoyCase[], folder: string): unknown {
  const first = cases[0];
  return {
    node: first?.node ?? { id: 'meshsim', cluster: 'meshsim' },
    admin: { address: loopback(ADMIN_PORT) },
    layered_runtime: { layers: [{ name: 'case', static_layer: first?.runtime ?? {} }] },
    cluster_manager: {
      outlier_detection: { event_log_path: `${folder}/${OUTLIER_LOG}` },
      ...first?.cluster_manager,
    },
    static_resources: {
      clusters: cases.flatMap(({ clusters }) => clusters.map((it) => clusterOf(it, folder))),
      listeners: cases.map((it, index) => listenerOf(it, index, folder)),
    },
  };
}

function listenerOf(kase: EnvoyCase, index: number, folder: string): unknown {
  const { tcp } = kase;
  const filter =
    tcp === undefined ? managerOf(kase, index, folder) : tcpProxy(tcp, statPrefix(index));
  return {
    name: `in${index}`,
    address: loopback(listenerPort(index)),
    filter_chains: [{ filters: [filter] }],
  };
}

function managerOf(kase: EnvoyCase, index: number, folder: string): unknown {
  const router = {
    name: 'envoy.filters.http.router',
    typed_config: {
      '@type': `${PREFIX}.filters.http.router.v3.Router`,
      upstream_log: fileLog(`${folder}/${upstreamLog(index)}`),
      ...kase.router,
    },
  };
  const manager = {
    '@type': `${PREFIX}.filters.network.http_connection_manager.v3.HttpConnectionManager`,
    stat_prefix: statPrefix(index),
    route_config: { name: 'local', ...kase.route_config },
    access_log: fileLog(`${folder}/${accessLog(index)}`),
    http_filters: [...(kase.http_filters ?? []), router],
    ...kase.hcm,
  };
  return { name: 'envoy.filters.network.http_connection_manager', typed_config: manager };
}

function clusterOf(cluster: CaseCluster, folder: string): unknown {
  const { endpoints, eds, initial_members, locality_weights, load_assignment_policy, ...rest } =
    cluster;
  if (eds === true) {
    const source = {
      resource_api_version: 'V3',
      path_config_source: { path: `${folder}/${edsFile(cluster.name)}` },
    };
    return {
      connect_timeout: '1s',
      ...rest,
      type: 'EDS',
      eds_cluster_config: { eds_config: source },
    };
  }
  const load_assignment = loadAssignmentOf(cluster, endpoints ?? []);
  return { connect_timeout: '1s', type: 'STATIC', ...rest, load_assignment };
}

/** `ClusterLoadAssignment` of the given endpoints, grouped by locality and priority. */
export function loadAssignmentOf(cluster: CaseCluster, endpoints: readonly CaseEndpoint[]) {
  const groups = new Map<string, { lb_endpoints: unknown[] }>();
  for (const endpoint of endpoints) {
    const key = localityKey(endpoint);
    const group = groups.get(key) ?? { ...groupHead(cluster, endpoint, key), lb_endpoints: [] };
    groups.set(key, group);
    group.lb_endpoints.push(lbEndpointOf(endpoint));
  }
  return {
    cluster_name: cluster.name,
    endpoints: [...groups.values()],
    ...(cluster.load_assignment_policy === undefined
      ? {}
      : { policy: cluster.load_assignment_policy }),
  };
}

function localityKey(it: { readonly locality?: unknown; readonly priority?: number }): string {
  return JSON.stringify([it.locality ?? null, it.priority ?? 0]);
}

function groupHead(cluster: CaseCluster, endpoint: CaseEndpoint, key: string) {
  const weight = cluster.locality_weights?.find((it) => localityKey(it) === key);
  return {
    ...(endpoint.locality === undefined ? {} : { locality: endpoint.locality }),
    ...(endpoint.priority === undefined ? {} : { priority: endpoint.priority }),
    ...(weight === undefined ? {} : { load_balancing_weight: weight.load_balancing_weight }),
  };
}

function lbEndpointOf(endpoint: CaseEndpoint): unknown {
  const [address, port_value] = hostAndPort(endpoint.address);
  return {
    endpoint: {
      address: { socket_address: { address, port_value } },
      ...(endpoint.hostname === undefined ? {} : { hostname: endpoint.hostname }),
    },
    ...(endpoint.weight === undefined ? {} : { load_balancing_weight: endpoint.weight }),
    ...(endpoint.health_status === undefined ? {} : { health_status: endpoint.health_status }),
    ...(endpoint.metadata === undefined
      ? {}
      : { metadata: { filter_metadata: endpoint.metadata } }),
  };
}

function loopback(port: number): unknown {
  return { socket_address: { address: '127.0.0.1', port_value: port } };
}

function fileLog(path: string): unknown {
  const typed_config = {
    '@type': `${PREFIX}.access_loggers.file.v3.FileAccessLog`,
    path,
    log_format: { json_format: LOG_FORMAT },
  };
  return [{ name: 'envoy.access_loggers.file', typed_config }];
}
