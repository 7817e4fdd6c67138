import type { HeaderMap } from '../http/header-map.ts';
import type { HttpRequest } from '../network.ts';
import type { ForwardAction } from './compiled-route.ts';
import { isGrpcRequest } from './route-match.ts';

/** The timeouts of one request; 0 = none. */
export interface Timeouts {
  globalNs: number;
  perTryNs: number;
}

/** The timeouts of one request and what happens when they are over. */
export interface RequestTimeouts extends Timeouts {
  /** A per-try timeout starts another attempt beside the slow one. */
  hedgesOnPerTry: boolean;
  /** A timeout is answered with an empty 204 instead of 504. */
  hasAltResponse: boolean;
}

/**
 * What holds for a request, written into `timeouts`. The headers of an internal request have the last
 * word; an external one was cleared of them.
 *
 * @source envoy: source/common/router/router.cc, FilterUtility::finalTimeout, finalHedgingParams
 */
export function requestTimeouts(
  forward: ForwardAction,
  request: HttpRequest,
  isInternal: boolean,
  timeouts: RequestTimeouts,
): void {
  timeouts.hedgesOnPerTry = forward.hedgePolicy?.hedgeOnPerTryTimeout ?? false;
  timeouts.hasAltResponse = false;
  timeouts.globalNs = routeTimeoutNs(forward, request);
  timeouts.perTryNs = forward.retryPolicy?.perTryTimeoutNs ?? 0;
  if (isInternal) applyTimeoutHeaders(request.headers, timeouts);
  dropUselessPerTry(timeouts);
}

function applyTimeoutHeaders(headers: HeaderMap, timeouts: RequestTimeouts): void {
  const globalMs = millisecondsHeader(headers, 'x-envoy-upstream-rq-timeout-ms');
  if (globalMs !== undefined) timeouts.globalNs = globalMs * 1e6;
  const perTryMs = millisecondsHeader(headers, 'x-envoy-upstream-rq-per-try-timeout-ms');
  if (perTryMs !== undefined) timeouts.perTryNs = perTryMs * 1e6;
  const hedges = headers.get('x-envoy-hedge-on-per-try-timeout');
  if (hedges === 'true' || hedges === 'false') timeouts.hedgesOnPerTry = hedges === 'true';
  timeouts.hasAltResponse = headers.has('x-envoy-upstream-rq-timeout-alt-response');
}

/** A per-try timeout that is not below the global one has no use. */
function dropUselessPerTry(timeouts: Timeouts): void {
  if (timeouts.globalNs !== 0 && timeouts.perTryNs >= timeouts.globalNs) timeouts.perTryNs = 0;
}

/**
 * The route's own share of the global timeout: its `timeout`, or for gRPC requests what `grpc-timeout`
 * asks for where the route lets it; none where `max_stream_duration` is set.
 *
 * @source envoy: source/common/router/router.cc, FilterUtility::finalTimeout
 */
function routeTimeoutNs(forward: ForwardAction, request: HttpRequest): number {
  if (forward.limitsStreamDuration) return 0;
  const { grpcTimeout } = forward;
  if (grpcTimeout === undefined || !isGrpcRequest(request)) return forward.timeoutNs;
  const asked = grpcTimeoutNs(request.headers.get('grpc-timeout')) ?? 0;
  const shortened = asked > grpcTimeout.offsetNs ? asked - grpcTimeout.offsetNs : asked;
  const isCapped = grpcTimeout.maxNs !== 0 && (shortened === 0 || shortened > grpcTimeout.maxNs);
  return isCapped ? grpcTimeout.maxNs : shortened;
}

/**
 * How long a stream of this route may last, by its `max_stream_duration`: what `grpc-timeout` asks for
 * where the route lets it, else the configured duration; 0 = no limit. Undefined when the route does
 * not say.
 *
 * @source envoy: source/common/http/conn_manager_impl.cc, ActiveStream::refreshDurationTimeout
 */
export function streamDurationNs(forward: ForwardAction, request: HttpRequest): number | undefined {
  if (!forward.limitsStreamDuration) return undefined;
  const { grpcTimeout } = forward;
  const asked = grpcTimeout && grpcTimeoutNs(request.headers.get('grpc-timeout'));
  if (grpcTimeout === undefined || asked === undefined) return forward.maxStreamDurationNs;
  const capped = grpcTimeout.maxNs === 0 ? asked : Math.min(asked, grpcTimeout.maxNs);
  return Math.max(0, capped - grpcTimeout.offsetNs);
}

/**
 * `x-envoy-expected-rq-timeout-ms` of an attempt; 0 = not set. `elapsedNs`: since the request came in
 * completely.
 *
 * @source envoy: source/common/router/router.cc, FilterUtility::setTimeoutHeaders
 */
export function expectedTimeoutMs(timeouts: RequestTimeouts, elapsedNs: number): number {
  const globalMs = Math.trunc(timeouts.globalNs / 1e6);
  const perTryMs = timeouts.hedgesOnPerTry ? 0 : Math.trunc(timeouts.perTryNs / 1e6);
  const ownMs = perTryMs > 0 ? perTryMs : globalMs;
  if (ownMs === 0 || globalMs === 0) return ownMs;
  const elapsedMs = Math.trunc(elapsedNs / 1e6);
  const leftMs = elapsedMs >= globalMs ? 1 : globalMs - elapsedMs;
  return Math.min(ownMs, leftMs);
}

/** A header of whole milliseconds; undefined when absent or no number. */
/**
 * How long an attempt may last, by a header of requests from inside; undefined without one.
 *
 * @source envoy: source/common/router/router.cc, Filter::decodeHeaders (dynamic_max_stream_duration_)
 */
export function attemptDurationNs({ headers }: HttpRequest): number | undefined {
  const timeMs = millisecondsHeader(headers, STREAM_DURATION);
  return timeMs === undefined ? undefined : timeMs * 1e6;
}

/** Asks for an attempt's longest duration, and ends at the router. */
export const STREAM_DURATION = 'x-envoy-upstream-stream-duration-ms';

function millisecondsHeader(headers: HeaderMap, name: string): number | undefined {
  const value = headers.get(name);
  return value !== undefined && /^[0-9]{1,12}$/.test(value) ? Number(value) : undefined;
}

const GRPC_UNIT_NS: ReadonlyMap<string, number> = new Map([
  ['H', 3_600_000_000_000],
  ['M', 60_000_000_000],
  ['S', 1_000_000_000],
  ['m', 1_000_000],
  ['u', 1_000],
  ['n', 1],
]);

/**
 * `grpc-timeout`: at most eight digits and a unit; rounded up to whole milliseconds.
 *
 * @source envoy: source/common/grpc/common.cc, Common::getGrpcTimeout
 */
function grpcTimeoutNs(value: string | undefined): number | undefined {
  const match = value === undefined ? null : /^([0-9]{1,8})([HMSmun])$/.exec(value);
  if (match === null) return undefined;
  return Math.ceil((Number(match[1]) * GRPC_UNIT_NS.get(match[2]!)!) / 1e6) * 1e6;
}
