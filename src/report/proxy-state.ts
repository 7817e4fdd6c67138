import type { Cluster } from '#xds/cluster.ts';
import type { ClusterLoadAssignment } from '#xds/endpoint.ts';
import type { Listener } from '#xds/listener.ts';
import type { RouteConfiguration } from '#xds/route.ts';

/** All that a proxy runs with: as istiod would send it, or as a live one dumps it. */
export interface ProxyState {
  readonly listeners: readonly Listener[];
  readonly clusters: readonly Cluster[];
  readonly routes: readonly RouteConfiguration[];
  /** Of clusters that get theirs from the endpoint service. */
  readonly endpoints: readonly ClusterLoadAssignment[];
}
