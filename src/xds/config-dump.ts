import type { Cluster } from './cluster.ts';
import { cluster, clusterLoadAssignment } from './cluster-schema.ts';
import type { ClusterLoadAssignment } from './endpoint.ts';
import type { Listener } from './listener.ts';
import { listener } from './listener-schema.ts';
import { isObject, problem, type ReadContext, type Reader, type ReadProblem } from './reader.ts';
import type { RouteConfiguration } from './route.ts';
import { routeConfiguration } from './route-schema.ts';

/** What a live proxy says that it runs with. */
export interface ConfigDump {
  readonly listeners: readonly Listener[];
  readonly clusters: readonly Cluster[];
  readonly routeConfigurations: readonly RouteConfiguration[];
  readonly loadAssignments: readonly ClusterLoadAssignment[];
  readonly problems: readonly ReadProblem[];
}

interface Collected {
  readonly listeners: Listener[];
  readonly clusters: Cluster[];
  readonly routeConfigurations: RouteConfiguration[];
  readonly loadAssignments: ClusterLoadAssignment[];
}

/** Where a part of the dump keeps its messages: list, then the path from an item to the message. */
interface Place {
  readonly list: readonly string[];
  readonly path: readonly (readonly string[])[];
  collect(value: unknown, path: string, context: ReadContext, into: Collected): void;
}

const LISTENER: Place['collect'] = (value, path, context, into) =>
  keep(listener, value, path, context, into.listeners);
const CLUSTER: Place['collect'] = (value, path, context, into) =>
  keep(cluster, value, path, context, into.clusters);
const ROUTES: Place['collect'] = (value, path, context, into) =>
  keep(routeConfiguration, value, path, context, into.routeConfigurations);
const ENDPOINTS: Place['collect'] = (value, path, context, into) =>
  keep(clusterLoadAssignment, value, path, context, into.loadAssignments);

const PLACES: readonly Place[] = [
  place(['staticListeners', 'static_listeners'], [['listener']], LISTENER),
  place(
    ['dynamicListeners', 'dynamic_listeners'],
    [['activeState', 'active_state'], ['listener']],
    LISTENER,
  ),
  place(['staticClusters', 'static_clusters'], [['cluster']], CLUSTER),
  place(['dynamicActiveClusters', 'dynamic_active_clusters'], [['cluster']], CLUSTER),
  place(
    ['staticRouteConfigs', 'static_route_configs', 'dynamicRouteConfigs', 'dynamic_route_configs'],
    [['routeConfig', 'route_config']],
    ROUTES,
  ),
  place(
    [
      'staticEndpointConfigs',
      'static_endpoint_configs',
      'dynamicEndpointConfigs',
      'dynamic_endpoint_configs',
    ],
    [['endpointConfig', 'endpoint_config']],
    ENDPOINTS,
  ),
];

/**
 * Reads the answer of a proxy's `/config_dump` (with `?include_eds` for endpoints). What is warming or
 * draining is left out: only what the proxy uses counts.
 *
 * @source envoy: api/envoy/admin/v3/config_dump.proto, config_dump_shared.proto
 */
export function readConfigDump(json: unknown): ConfigDump {
  const context: ReadContext = { problems: [] };
  const into: Collected = {
    listeners: [],
    clusters: [],
    routeConfigurations: [],
    loadAssignments: [],
  };
  const configs = isObject(json) ? json['configs'] : undefined;
  if (!Array.isArray(configs)) {
    problem('error', 'expected a config dump: an object with a list of configs', '', context);
    return { ...into, problems: context.problems };
  }
  configs.forEach((config: unknown, index) => {
    if (isObject(config)) collectPart(config, `configs[${index}]`, context, into);
  });
  return { ...into, problems: context.problems };
}

function collectPart(
  part: Readonly<Record<string, unknown>>,
  path: string,
  context: ReadContext,
  into: Collected,
): void {
  for (const place of PLACES) {
    for (const name of place.list) {
      const items = part[name];
      if (!Array.isArray(items)) continue;
      items.forEach((item: unknown, index) => {
        const found = place.path.reduce<unknown>(
          (value, names) => (isObject(value) ? names.map((it) => value[it]).find(Boolean) : value),
          item,
        );
        const at = `${path}.${name}[${index}]`;
        if (isObject(found)) place.collect(withoutType(found), at, context, into);
      });
    }
  }
}

function place(
  list: readonly string[],
  path: readonly (readonly string[])[],
  collect: Place['collect'],
): Place {
  return { list, path, collect };
}

/** The messages of a dump are Anys. */
function withoutType(value: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const { '@type': _, ...message } = value;
  return message;
}

function keep<Message>(
  reader: Reader<Message>,
  value: unknown,
  path: string,
  context: ReadContext,
  into: Message[],
): void {
  const message = reader(value, path, context);
  if (message !== undefined) into.push(message);
}
