/**
 * A route configuration ready for use: what the connection manager, the filters and the router read
 * per request. Everything is made once per content (`route-configuration.ts`); times are integer
 * nanoseconds, what is absent is `undefined` so that nothing is paid for it.
 *
 *     configuration ─▶ virtual host ─▶ route ─▶ route entry (one per weighted cluster)
 */
import type { Metadata, TypedConfig } from '#xds/core.ts';
import type { Route, RouteConfiguration, VirtualHost } from '#xds/route.ts';
import type { CorsPolicy } from '../filters/cors.ts';
import type { Fault } from '../filters/fault.ts';
import type { LocalRateLimit } from '../filters/local-rate-limit.ts';
import type { HttpRequest } from '../network.ts';
import type { HashPolicies } from './hash-policy.ts';
import type { HeaderMutation } from './header-mutation.ts';
import type { HostRewrite } from './host-rewrite.ts';
import type { CompiledInternalRedirect } from './internal-redirect.ts';
import type { CompiledMirrorPolicy } from './mirror-policy.ts';
import type { PathRewrite } from './path-rewrite.ts';
import type { CompiledRedirect } from './redirect.ts';
import type { CompiledHedgePolicy, CompiledRetryPolicy } from './retry-policy.ts';
import type { RouteConditions } from './route-match.ts';
import type { VirtualHostTable } from './virtual-host-table.ts';
import type { WeightedClusterChoice } from './weighted-cluster.ts';

export interface CompiledRouteConfiguration {
  readonly xds: RouteConfiguration;
  readonly name: string;
  readonly virtualHosts: readonly CompiledVirtualHost[];
  /** By domain, the place in `virtualHosts`. */
  readonly table: VirtualHostTable<number>;
  /** Domains that an earlier virtual host has taken. */
  readonly duplicates: readonly DuplicateDomain[];
  /** Virtual hosts are looked up by this header's value; undefined = by Host. */
  readonly virtualHostHeader: string | undefined;
  /** Lower case. Removed from external requests. */
  readonly internalOnlyHeaders: readonly string[];
  /** Why Envoy would refuse this configuration; empty for a good one. */
  readonly problems: readonly string[];
}

/** A domain, and the place of the virtual host that comes too late for it. */
export interface DuplicateDomain {
  readonly index: number;
  readonly domain: string;
}

/** A route configuration without its virtual hosts: what all of them have in common. */
export type RouteSettings = Omit<RouteConfiguration, 'virtualHosts'>;

export interface CompiledVirtualHost {
  readonly xds: VirtualHost;
  readonly name: string;
  readonly settings: RouteSettings;
  readonly routes: readonly CompiledRoute[];
  /** Requests over plaintext are redirected to https: all, or those from outside. */
  readonly requireTls: 'NONE' | 'EXTERNAL_ONLY' | 'ALL';
  /** The route that they take; undefined where TLS is not required. */
  readonly tlsRedirect: CompiledRoute | undefined;
  readonly includeRequestAttemptCount: boolean;
  readonly includeAttemptCountInResponse: boolean;
  readonly includeIsTimeoutRetryHeader: boolean;
  /** Why Envoy would refuse its routes; empty for good ones. */
  readonly problems: readonly string[];
}

export interface CompiledRoute {
  readonly xds: Route;
  /** '' if it has none. */
  readonly name: string;
  readonly virtualHost: CompiledVirtualHost;
  /** Its place in the virtual host. */
  readonly index: number;
  readonly conditions: RouteConditions;
  readonly action: CompiledAction;
  /** One, or one for each weighted cluster in the order of the list. */
  readonly entries: readonly RouteEntry[];
  /** A request was given this route, by any of the proxies that share it. */
  isTaken: boolean;
}

export type CompiledAction = ForwardAction | RedirectRoute | DirectResponse | NonForwarding;

export interface RedirectRoute {
  readonly kind: 'redirect';
  readonly redirect: CompiledRedirect;
}

export interface DirectResponse {
  readonly kind: 'direct-response';
  readonly status: number;
  readonly body: string;
}

export interface NonForwarding {
  readonly kind: 'non-forwarding';
}

/** What happens to a request that is sent on: the same for all weighted clusters of a route. */
export interface ForwardAction {
  readonly kind: 'forward';
  readonly clusters: ClusterSpecifier;
  /** The answer for a cluster that does not exist: 503, 404 or 500. */
  readonly clusterNotFoundStatus: number;
  /** 0 = none. */
  readonly timeoutNs: number;
  /** Undefined = the connection manager's; 0 = none. */
  readonly idleTimeoutNs: number | undefined;
  /** `max_stream_duration`; undefined where the route has none, 0 = no limit. */
  readonly maxStreamDurationNs: number | undefined;
  /** `max_stream_duration` is there: it takes the place of `timeout`, and `grpcTimeout` is its part. */
  readonly limitsStreamDuration: boolean;
  readonly grpcTimeout: GrpcTimeoutSettings | undefined;
  /** The route's policy, else its virtual host's. */
  readonly retryPolicy: CompiledRetryPolicy | undefined;
  readonly hedgePolicy: CompiledHedgePolicy | undefined;
  readonly hashPolicies: HashPolicies | undefined;
  /** The route's policies, else the virtual host's, else the configuration's. */
  readonly mirrorPolicies: readonly CompiledMirrorPolicy[];
  /** A longer body is not kept: such requests are neither retried nor redirected. */
  readonly bufferLimitBytes: number;
  readonly priority: 'DEFAULT' | 'HIGH';
  readonly hostRewrite: HostRewrite | undefined;
  readonly appendXForwardedHost: boolean;
  readonly pathRewrite: PathRewrite | undefined;
  /** Undefined = an upstream's redirect is passed on. */
  readonly internalRedirect: CompiledInternalRedirect | undefined;
  /** Upper case: `WEBSOCKET`, `CONNECT`. */
  readonly upgradeTypes: ReadonlySet<string>;
}

export interface GrpcTimeoutSettings {
  /** `grpc-timeout` counts, capped at this; 0 = not capped. */
  readonly maxNs: number;
  /** Taken off the header's value. */
  readonly offsetNs: number;
}

export type ClusterSpecifier =
  | { readonly kind: 'cluster'; readonly name: string }
  | { readonly kind: 'header'; readonly header: string }
  | { readonly kind: 'weighted'; readonly choice: WeightedClusterChoice };

/**
 * What a request is bound to once its route and weighted cluster are chosen: Envoy's RouteEntry.
 *
 * @source envoy: source/common/router/config_impl.h, RouteEntryImplBase; weighted_cluster_specifier.h,
 *   WeightedClusterEntry
 */
export interface RouteEntry {
  readonly route: CompiledRoute;
  /** Undefined unless the route forwards. */
  readonly forward: ForwardAction | undefined;
  /** '' when `clusterHeader` names it. */
  readonly clusterName: string;
  readonly clusterHeader: string | undefined;
  /** Its place in the list of weighted clusters; 0 for any other route. */
  readonly index: number;
  /** For subset load balancing: the weighted cluster's criteria over the route's. */
  readonly metadataMatch: Metadata | undefined;
  readonly requestHeaders: HeaderMutation | undefined;
  readonly responseHeaders: HeaderMutation | undefined;
  /** The weighted cluster's own `host_rewrite_literal`; '' = none. */
  readonly hostRewriteLiteral: string;
  /** False when the request goes on as it is: no header, host or path changes. */
  readonly changesRequest: boolean;
  /** What was made of which request; undefined when that follows from more than the request. */
  readonly finalized: WeakMap<HttpRequest, HttpRequest> | undefined;
  /** Most specific first found: weighted cluster, route, virtual host, configuration. By filter name. */
  readonly perFilterConfig: ReadonlyMap<string, TypedConfig>;
  /** Of `perFilterConfig`; undefined = the filter's own configuration holds. */
  readonly fault: Fault | undefined;
  readonly cors: CorsPolicy | undefined;
  readonly localRateLimit: LocalRateLimit | undefined;
}
