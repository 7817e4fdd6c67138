import type { ConsistentHash } from '#config/istio/destination-rule.ts';
import type { HttpRetry, HttpRouteDestination } from '#config/istio/virtual-service.ts';
import type { OriginNotes } from '../clusters/cluster-origins.ts';
import type { HostName } from '../model/host-name.ts';
import type { IstioBehaviours } from '../model/istio-version.ts';
import type { ProxyModel } from '../model/proxy.ts';
import type { Service } from '../model/service.ts';

/**
 * For whom, and where, the routes of a VirtualService are made: the same VirtualService gives other
 * routes to another proxy or on another port.
 *
 * @source istio: pilot/pkg/networking/core/route/route.go, RouteOptions
 */
export interface RouteContext {
  readonly proxy: ProxyModel;
  /** The sidecar's listener port, or the port number of the Gateway's server. */
  readonly listenPort: number;
  /** `mesh`, or the gateway at hand as `namespace/name`. */
  readonly gateway: string;
  /** The listener terminates TLS. */
  readonly isTls: boolean;
  /** MeshConfig.defaultHttpRetryPolicy. */
  readonly meshRetries: HttpRetry | undefined;
  readonly behaviours: IstioBehaviours;
  readonly lookupService: (host: HostName) => Service | undefined;
  readonly lookupHash: (destination: HttpRouteDestination) => ConsistentHash | undefined;
  readonly notes: OriginNotes;
}
