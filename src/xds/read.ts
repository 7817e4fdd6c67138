import type { Cluster } from './cluster.ts';
import { cluster, clusterLoadAssignment } from './cluster-schema.ts';
import type { NamedTypedConfig } from './core.ts';
import type { ClusterLoadAssignment } from './endpoint.ts';
import type { Listener } from './listener.ts';
import { listener } from './listener-schema.ts';
import type { ReadContext, Reader, ReadProblem } from './reader.ts';
import type { RouteConfiguration } from './route.ts';
import { httpFilter, routeConfiguration } from './route-schema.ts';

/**
 * Envoy's configuration from JSON (or YAML read to the same values): camelCase or snake_case names,
 * durations as `"2.5s"`, defaults left out. What is wrong is listed, never thrown; `value` holds what
 * could be read, and is undefined only when it is no message at all.
 */
export interface ReadResult<Message> {
  readonly value: Message | undefined;
  readonly problems: readonly ReadProblem[];
}

export function readRouteConfiguration(json: unknown): ReadResult<RouteConfiguration> {
  return read(routeConfiguration, json);
}

export function readCluster(json: unknown): ReadResult<Cluster> {
  return read(cluster, json);
}

export function readClusterLoadAssignment(json: unknown): ReadResult<ClusterLoadAssignment> {
  return read(clusterLoadAssignment, json);
}

export function readListener(json: unknown): ReadResult<Listener> {
  return read(listener, json);
}

/** One of a connection manager's `http_filters`. */
export function readHttpFilter(json: unknown): ReadResult<NamedTypedConfig> {
  return read(httpFilter, json);
}

function read<Message>(reader: Reader<Message>, json: unknown): ReadResult<Message> {
  const context: ReadContext = { problems: [] };
  return { value: reader(json, '', context), problems: context.problems };
}
