import type { FormatContext } from '#envoy/access-log/format-context.ts';
import { addCorsHeaders, type CorsStep, corsStep } from '#envoy/filters/cors.ts';
import { ActiveStreamInfo } from '#envoy/http/active-stream-info.ts';
import { HeaderMap } from '#envoy/http/header-map.ts';
import { localReplyResponse } from '#envoy/http/local-reply.ts';
import { RequestHead } from '#envoy/http/request-head.ts';
import type { HttpRequest, HttpResponse } from '#envoy/network.ts';
import type { CompiledRoute, ForwardAction, RouteEntry } from '#envoy/router/compiled-route.ts';
import { finalizeRequest } from '#envoy/router/finalize-request.ts';
import { mirrorCluster, mirroredRequest } from '#envoy/router/mirror-policy.ts';
import { redirectLocation } from '#envoy/router/redirect.ts';
import { clusterNameOf } from '#envoy/router/route-configuration.ts';
import { isGrpcRequest } from '#envoy/router/route-match.ts';
import { expectedTimeoutMs, requestTimeouts } from '#envoy/router/timeouts.ts';

/** A request on its way to one cluster, if nothing fails. */
export interface Forwarding {
  readonly entry: RouteEntry;
  readonly cluster: string;
  /** Share of this cluster among the route's. */
  readonly weight: number;
  /** As the upstream gets it, first attempt. */
  readonly request: HttpRequest;
  /** What a plain 200 from upstream becomes. */
  readonly response: HttpResponse;
}

/** A copy that goes to another cluster. */
export interface Mirroring {
  readonly cluster: string;
  /** In percent of requests. */
  readonly percent: number;
  readonly request: HttpRequest;
}

/** A fault that is in the way. */
export interface InjectedFault {
  readonly delayPercent: number;
  readonly delayMs: number;
  readonly abortPercent: number;
  /** What an aborted request is answered. */
  readonly abort: HttpResponse | undefined;
}

/** What becomes of a request that has a route. */
export type RouteOutcome =
  | { readonly kind: 'redirect'; readonly location: string; readonly response: HttpResponse }
  | { readonly kind: 'direct-response'; readonly response: HttpResponse }
  /** Answered by the CORS filter; `cluster` is where it would have gone. */
  | { readonly kind: 'cors-preflight'; readonly response: HttpResponse; readonly cluster: string }
  | {
      readonly kind: 'forward';
      readonly to: readonly Forwarding[];
      readonly mirrors: readonly Mirroring[];
    }
  /** The route has no action. */
  | { readonly kind: 'nothing' };

/**
 * Follows a request through its route: what the filters and the router would do with it, on the first
 * attempt and with an upstream that answers 200.
 */
export function followRoute(route: CompiledRoute, request: HttpRequest): RouteOutcome {
  const entry = route.entries[0]!;
  const cors: CorsStep = entry.cors ? corsStep(entry.cors, request) : { kind: 'continue' };
  if (cors.kind === 'reply') {
    const response = localReply(entry, request, { status: 200, body: '', headers: cors.headers });
    return { kind: 'cors-preflight', response, cluster: clusterNameOf(entry, request) };
  }
  const { action } = route;
  switch (action.kind) {
    case 'redirect': {
      const location = redirectLocation(action.redirect, route.conditions.path, request);
      const headers = [['location', location]] as const;
      const reply = { status: action.redirect.status, body: '', headers };
      return { kind: 'redirect', location, response: localReply(entry, request, reply) };
    }
    case 'direct-response': {
      const { status, body } = action;
      const response = localReply(entry, request, { status, body, headers: [] });
      return { kind: 'direct-response', response };
    }
    case 'forward': {
      const to = forwardings(route, request, cors);
      return { kind: 'forward', to, mirrors: mirrorings(action, to[0]!.request) };
    }
    case 'non-forwarding':
      return { kind: 'nothing' };
  }
}

/** The faults of a route for a request; undefined without any. */
export function faultOf(route: CompiledRoute, request: HttpRequest): InjectedFault | undefined {
  const entry = route.entries[0]!;
  const { fault } = entry;
  if (fault === undefined) return undefined;
  const { delay, abort } = fault;
  const status = abort?.httpStatus || 200;
  const reply = { status, body: 'fault filter abort', headers: [] };
  return {
    delayPercent: delay === undefined ? 0 : percentOf(delay.fraction),
    delayMs: delay?.fixedMs ?? 0,
    abortPercent: abort === undefined ? 0 : percentOf(abort.fraction),
    abort: abort === undefined ? undefined : localReply(entry, request, reply),
  };
}

function percentOf({ numerator, denominator }: { numerator: number; denominator: number }): number {
  return Math.min(100, (100 * numerator) / denominator);
}

function forwardings(route: CompiledRoute, request: HttpRequest, cors: CorsStep): Forwarding[] {
  const weights = route.xds.route?.weightedClusters?.clusters;
  return route.entries.map((entry, index) => ({
    entry,
    cluster: clusterNameOf(entry, request),
    weight: weights?.[index]?.weight ?? 1,
    request: upstreamRequest(entry, request),
    response: upstreamResponse(entry, request, cors),
  }));
}

/** The first attempt: the router's own headers, then those of the configuration, host and path. */
function upstreamRequest(entry: RouteEntry, request: HttpRequest): HttpRequest {
  const head = new RequestHead(request);
  const timeoutMs = entry.forward === undefined ? 0 : firstTimeoutMs(entry.forward, request);
  if (timeoutMs > 0) head.headers.set('x-envoy-expected-rq-timeout-ms', String(timeoutMs));
  if (entry.route.virtualHost.includeRequestAttemptCount) {
    head.headers.set('x-envoy-attempt-count', '1');
  }
  return finalizeRequest(entry, head, contextOf(head, request));
}

function firstTimeoutMs(forward: ForwardAction, request: HttpRequest): number {
  const timeouts = { globalNs: 0, perTryNs: 0, hedgesOnPerTry: false, hasAltResponse: false };
  requestTimeouts(forward, request, false, timeouts);
  return expectedTimeoutMs(timeouts, 0);
}

function upstreamResponse(entry: RouteEntry, request: HttpRequest, cors: CorsStep): HttpResponse {
  const headers = new HeaderMap();
  entry.responseHeaders?.apply(headers, contextOf(request, request, headers));
  if (cors.kind === 'allow' && entry.cors) addCorsHeaders(entry.cors, cors.origin, headers);
  return { status: 200, headers, bodyBytes: 0, bodyText: '' };
}

interface ReplyParts {
  readonly status: number;
  readonly body: string;
  readonly headers: readonly (readonly [name: string, value: string])[];
}

/** An answer of the proxy itself, with the route's response headers. */
function localReply(entry: RouteEntry, request: HttpRequest, reply: ReplyParts): HttpResponse {
  const response = localReplyResponse({ ...reply, isGrpc: isGrpcRequest(request) });
  entry.responseHeaders?.apply(response.headers, contextOf(request, request, response.headers));
  return response;
}

function mirrorings(forward: ForwardAction, request: HttpRequest): Mirroring[] {
  return forward.mirrorPolicies.map((policy) => ({
    cluster: mirrorCluster(policy, request),
    percent: policy.fraction === undefined ? 100 : percentOf(policy.fraction),
    request: mirroredRequest(policy, request, ''),
  }));
}

function contextOf(
  request: HttpRequest,
  received: HttpRequest,
  responseHeaders?: HeaderMap,
): FormatContext {
  const stream = new ActiveStreamInfo();
  stream.protocol = protocols.get(received) ?? 'HTTP/1.1';
  return { request, responseHeaders, responseTrailers: undefined, stream, epochMs: 0 };
}

/** The protocol of requests that were made here. */
const protocols = new WeakMap<HttpRequest, string>();

/** A request as it arrives at a connection manager. */
export function receivedRequest(parts: {
  readonly method: string;
  readonly path: string;
  readonly authority: string;
  readonly scheme: 'http' | 'https';
  readonly isHttp2: boolean;
  readonly headers: Iterable<readonly [name: string, value: string]>;
}): HttpRequest {
  const headers = new HeaderMap();
  for (const [name, value] of parts.headers) headers.append(name.toLowerCase(), value);
  const { method, path, authority, scheme } = parts;
  const request = { method, path, authority, scheme, headers, bodyBytes: 0 };
  protocols.set(request, parts.isHttp2 ? 'HTTP/2' : 'HTTP/1.1');
  return request;
}
