import type { ConsistentHash } from '#config/istio/destination-rule.ts';
import type { Destination } from '#config/istio/shared-shapes.ts';
import type { HttpRetry } from '#config/istio/virtual-service.ts';
import type { OriginNotes } from '../clusters/cluster-origins.ts';
import type { ConsolidatedDestinationRule } from '../model/destination-rule-merge.ts';
import type { HostName } from '../model/host-name.ts';
import type { IstioBehaviours } from '../model/istio-version.ts';
import type { Labels } from '../model/labels.ts';

/**
 * For whom, and where, the routes of a VirtualService are made: the same VirtualService gives other
 * routes to another proxy or on another port.
 *
 * @source istio: pilot/pkg/networking/core/route/route.go, RouteOptions
 */
export interface RouteContext {
  /** The sidecar's listener port, or the port number of the Gateway's server. */
  readonly listenPort: number;
  /** `mesh`, or the gateway at hand as `namespace/name`. */
  readonly gateway: string;
  /** The listener terminates TLS. */
  readonly isTls: boolean;
  /** All of this in one word. */
  readonly placeKey: string;
  /** Where destinations are looked up: the same object answers the same. Undefined = it has none. */
  readonly services: object | undefined;
  /** MeshConfig.defaultHttpRetryPolicy. */
  readonly meshRetries: HttpRetry | undefined;
  readonly behaviours: IstioBehaviours;
  /** The cluster that a destination means. */
  readonly clusterOf: (destination: Destination | undefined) => string;
  /** The rule for a host, from which its hash follows. */
  readonly ruleOf: (host: HostName) => ConsolidatedDestinationRule | undefined;
  readonly hashOf: (destination: Destination | undefined) => ConsistentHash | undefined;
  /** Whether the caller has these labels and is in this namespace (empty = any). */
  readonly isCalledBy: (labels: Labels, namespace: string) => boolean;
  readonly notes: OriginNotes;
}
