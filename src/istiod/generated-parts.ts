import type { Cluster } from '#xds/cluster.ts';
import type { ClusterLoadAssignment } from '#xds/endpoint.ts';
import type { Listener } from '#xds/listener.ts';
import type { RouteConfiguration } from '#xds/route.ts';
import type { Provenance } from './origin.ts';

/** Some of a proxy's configuration. Proxies that have it in common have the same object. */
export interface GeneratedPart {
  readonly clusters: readonly Cluster[];
  /** By cluster name: what the endpoint service gives for each cluster of type EDS. */
  readonly endpoints: ReadonlyMap<string, ClusterLoadAssignment>;
  readonly listeners: readonly Listener[];
  /** Those that listeners ask for by name. */
  readonly routes: readonly RouteConfiguration[];
}

/** A proxy's whole configuration, in parts. */
export interface GeneratedParts {
  readonly parts: readonly GeneratedPart[];
  readonly provenance: Provenance;
}

/** A part without anything. */
export const EMPTY_PART: GeneratedPart = {
  clusters: [],
  endpoints: new Map(),
  listeners: [],
  routes: [],
};

/** How connections and requests come in and where they go on. */
export interface ListenersAndRoutes extends GeneratedPart {
  /** A Gateway routes by SNI to clusters that are named after it. */
  readonly hasAutoPassthrough: boolean;
}
