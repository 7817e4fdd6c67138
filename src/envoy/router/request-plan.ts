import type { HttpRequest } from '../network.ts';
import type { ForwardAction, RouteEntry } from './compiled-route.ts';
import { clusterNameOf } from './route-configuration.ts';
import {
  attemptDurationNs,
  type RequestTimeouts,
  requestTimeouts,
  streamDurationNs,
} from './timeouts.ts';
import { withoutRouterHeaders } from './upstream-head.ts';

/**
 * What follows from one request object on one route entry, whatever the moment: where it goes, its
 * timeouts, whether it may be retried, what else the router has to think of. Clients send the same
 * object again and again, so this is worked out once; what is not configured is one condition here
 * and nothing per request.
 *
 * @source envoy: source/common/router/router.cc, Filter::decodeHeaders
 */
export class RequestPlan implements RequestTimeouts {
  declare readonly entry: RouteEntry;
  declare readonly forward: ForwardAction;
  /** '' when the header that names it is missing. */
  declare readonly clusterName: string;
  globalNs = 0;
  perTryNs = 0;
  hedgesOnPerTry = false;
  hasAltResponse = false;
  /** There is a timeout that the next hop is told of. */
  declare readonly tellsTimeout: boolean;
  /** There is a timeout of single attempts, as far as the route says. */
  declare readonly timesAttempts: boolean;
  declare readonly perTryIdleNs: number;
  /** See `streamDurationNs`; undefined when the route does not say. */
  declare readonly durationNs: number | undefined;
  /** See `attemptDurationNs`; undefined where the cluster says. */
  declare readonly attemptNs: number | undefined;
  /** The conditions of retries hang on the request: they are read at once. */
  declare readonly readsRetries: boolean;
  /** Of all other requests: the route asks for retries. */
  declare readonly mayRetry: boolean;
  /** Its body is too long to be kept for what might follow the first attempt. */
  declare readonly abandonsBuffer: boolean;
  /** The balancer is told of the request. */
  declare readonly tellsBalancer: boolean;
  declare readonly countsAttempts: boolean;
  declare readonly mirrors: boolean;
  /** The request goes on under the name of its host. */
  declare readonly takesHostName: boolean;
  #passes: boolean | undefined = undefined;
  /** As it goes upstream; undefined when that hangs on the stream. */
  declare readonly head: HttpRequest | undefined;

  constructor(
    entry: RouteEntry,
    forward: ForwardAction,
    request: HttpRequest,
    isInternal: boolean,
  ) {
    const { retryPolicy } = forward;
    this.entry = entry;
    this.forward = forward;
    this.clusterName = clusterNameOf(entry, request);
    requestTimeouts(forward, request, isInternal, this);
    this.tellsTimeout = this.globalNs > 0 || this.perTryNs > 0;
    this.perTryIdleNs = retryPolicy?.perTryIdleTimeoutNs ?? 0;
    this.timesAttempts = this.perTryNs > 0 || this.perTryIdleNs > 0;
    this.durationNs = streamDurationNs(forward, request);
    this.attemptNs = attemptDurationNs(request);
    const readsRetries =
      (isInternal && RETRY_HEADERS.some((name) => request.headers.has(name))) ||
      (retryPolicy?.retriableRequestHeaders.length ?? 0) > 0;
    const mayRetry = retryPolicy !== undefined && retryPolicy.retryOn !== 0;
    const isKept = request.bodyBytes <= forward.bufferLimitBytes;
    this.readsRetries = isKept && readsRetries;
    this.mayRetry = isKept && mayRetry;
    this.abandonsBuffer =
      !isKept && (readsRetries || mayRetry || forward.internalRedirect !== undefined);
    this.tellsBalancer = forward.hashPolicies !== undefined || entry.metadataMatch !== undefined;
    this.countsAttempts = entry.route.virtualHost.includeRequestAttemptCount;
    this.mirrors = forward.mirrorPolicies.length > 0;
    this.takesHostName = forward.hostRewrite?.kind === 'auto';
    this.head = entry.changesRequest ? undefined : withoutRouterHeaders(request, isInternal);
  }

  /** Whether the connection manager's filters have nothing to do with it. They are asked once. */
  passes(filters: { passes(entry: RouteEntry): boolean }): boolean {
    this.#passes ??= filters.passes(this.entry);
    return this.#passes;
  }
}

/** Headers by which an internal request sets conditions of its own (`retry-state.ts`). */
const RETRY_HEADERS = [
  'x-envoy-retry-on',
  'x-envoy-retry-grpc-on',
  'x-envoy-max-retries',
  'x-envoy-retriable-status-codes',
  'x-envoy-retriable-header-names',
];
