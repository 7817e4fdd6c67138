import type { HeaderMap } from '#envoy/http/header-map.ts';
import { localReplyResponse } from '#envoy/http/local-reply.ts';
import { PATH_NORMALIZATION_FAILED } from '#envoy/http/path-normalization.ts';
import type { HttpRequest, HttpResponse } from '#envoy/network.ts';
import type { Call } from './call.ts';
import {
  httpsLocation,
  type ResolvedCall,
  type Routing,
  routeConfigurationName,
} from './resolve-call.ts';
import type { Forwarding, RouteOutcome } from './resolve-call-request.ts';

/** A call as `case.json` writes it. */
export interface CaseCall {
  readonly port: number;
  readonly protocol: 'http' | 'http2' | 'tcp';
  readonly authority?: string;
  readonly path?: string;
  readonly method?: string;
  readonly headers?: { readonly [name: string]: string };
  readonly address?: string;
  readonly tls?: 'tls' | 'mtls';
  readonly sni?: string;
  readonly mode?: 'inbound';
}

type Fields = { readonly [name: string]: unknown };

export function callOf(call: CaseCall, address: string): Call {
  const { port, protocol, authority = '', path = '/', method = 'GET', headers = {} } = call;
  const tls = call.tls === undefined ? 'none' : call.tls === 'mtls' ? 'mutual' : 'simple';
  const http = { method, path, authority, headers: Object.entries(headers) };
  return {
    protocol: protocol === 'http' ? 'http/1.1' : protocol === 'http2' ? 'h2' : 'tcp',
    address,
    port,
    tls,
    serverName: tls === 'none' ? '' : (call.sni ?? authority),
    isInbound: call.mode === 'inbound',
    http: protocol === 'tcp' ? undefined : http,
  };
}

/** A resolved call in the form of the goldens' `expect`. */
export function expectationOf(call: ResolvedCall): Fields {
  const { listener, filterChain, connectionManager, tcpProxy, routing, error } = call;
  return present({
    listener: listener?.name,
    filterChain: filterChain?.name,
    routeConfig:
      connectionManager && routing ? routeConfigurationName(connectionManager) : undefined,
    ...(tcpProxy !== undefined && error === undefined
      ? { cluster: tcpProxy.cluster, weightedClusters: tcpProxy.weightedClusters }
      : {}),
    ...(routing === undefined ? {} : routed(routing, error)),
    error,
  });
}

function routed(routing: Routing, error: ResolvedCall['error']): Fields {
  const { virtualHost, route, request } = routing;
  const at = {
    virtualHost: virtualHost?.name,
    route:
      route &&
      present({ index: route.index, name: route.name || undefined, match: route.xds.match }),
  };
  switch (error) {
    case 'tls required, sending 301':
      return { ...at, ...redirected(301, httpsLocation(request)) };
    case 'path normalized, sending 307':
      return redirected(307, request.path);
    case 'path refused':
      return { response: { status: 400, details: PATH_NORMALIZATION_FAILED } };
  }
  if (error !== undefined) return { ...at, response: NOT_FOUND };
  return { ...at, ...outcome(routing) };
}

const NOT_FOUND = { status: 404, details: 'route_not_found', flags: 'NR' };

function redirected(status: number, location: string): Fields {
  const headers = [['location', location]] as const;
  const reply = localReplyResponse({ status, body: '', isGrpc: false, headers });
  const details = status === 301 ? 'direct_response' : PATH_NORMALIZATION_FAILED;
  return { response: { ...responseOf(reply), details }, redirect: { status, location } };
}

/** Only what happens to every request: a share of requests is left out. Faults come first. */
function outcome({ outcome: found, fault }: Routing): Fields {
  if (found === undefined) return {};
  if (fault?.abort === undefined || fault.abortPercent < 100) {
    return found.kind === 'forward'
      ? { ...clustersOf(found.to), ...forwarded(found) }
      : replied(found);
  }
  const flags = fault.delayPercent >= 100 ? 'DI,FI' : 'FI';
  const { bodyText: body } = fault.abort;
  const details = 'fault_filter_abort';
  return { ...target(found), response: { ...responseOf(fault.abort), body, flags, details } };
}

/** Where a request would have gone. */
function target(found: RouteOutcome): Fields {
  if (found.kind === 'forward') return clustersOf(found.to);
  return found.kind === 'cors-preflight' ? { cluster: found.cluster } : {};
}

function clustersOf(to: readonly Forwarding[]): Fields {
  if (!isWeighted(to)) return { cluster: to[0]!.cluster };
  return { weightedClusters: to.map(({ cluster, weight }) => ({ cluster, weight })) };
}

function isWeighted(to: readonly Forwarding[]): boolean {
  return to[0]!.entry.route.xds.route?.weightedClusters !== undefined;
}

function forwarded({ to, mirrors }: RouteOutcome & { readonly kind: 'forward' }): Fields {
  const copies = mirrors
    .filter(({ percent }) => percent >= 100)
    .map(({ cluster, request }) => {
      const { method: _method, ...copy } = requestOf(request);
      return { cluster, ...copy };
    });
  const mirrored = copies.length === 0 ? undefined : copies;
  if (!isWeighted(to)) {
    const { request, response } = to[0]!;
    return { upstreamRequest: requestOf(request), mirrored, response: responseOf(response) };
  }
  const total = to.reduce((sum, { weight }) => sum + weight, 0);
  const seen = to.filter(({ weight }) => weight >= total / 100);
  const headers = seen
    .map(({ cluster, response }) => [cluster, responseOf(response).headers] as const)
    .filter(([, kept]) => kept !== undefined);
  return {
    upstreamRequestByCluster: Object.fromEntries(
      seen.map(({ cluster, request }) => [cluster, requestOf(request)]),
    ),
    response: { status: 200 },
    responseHeadersByCluster: headers.length === 0 ? undefined : Object.fromEntries(headers),
  };
}

function replied(found: Exclude<RouteOutcome, { kind: 'forward' }>): Fields {
  if (found.kind === 'nothing') return {};
  const { response } = found;
  const { status, bodyText: body } = response;
  switch (found.kind) {
    case 'redirect':
      return { response: responseOf(response), redirect: { status, location: found.location } };
    case 'direct-response': {
      const contentType = body === '' ? {} : { contentType: 'text/plain' };
      return { response: responseOf(response), directResponse: { status, body, ...contentType } };
    }
    case 'cors-preflight': {
      const reply = { ...responseOf(response), body: '', details: 'cors_response' };
      return { cluster: found.cluster, response: reply };
    }
  }
}

const LEFT_OUT_OF_REQUESTS = new Set([
  ...['host', 'user-agent', 'connection', 'content-length', 'transfer-encoding'],
  ...['x-request-id', 'x-forwarded-for', 'x-forwarded-proto', 'x-forwarded-client-cert'],
  ...['x-envoy-internal', 'x-envoy-external-address', 'x-envoy-decorator-operation'],
]);
const LEFT_OUT_OF_RESPONSES = new Set([
  ...['date', 'server', 'connection', 'keep-alive', 'content-length', 'content-type'],
  ...['transfer-encoding', 'x-envoy-upstream-service-time', 'x-envoy-decorator-operation'],
]);

function requestOf({ method, authority, path, headers }: HttpRequest) {
  return { method, authority, path, headers: headersOf(headers, LEFT_OUT_OF_REQUESTS, ',') };
}

function responseOf({ status, headers }: HttpResponse) {
  const kept = headersOf(headers, LEFT_OUT_OF_RESPONSES, ', ');
  return Object.keys(kept).length === 0 ? { status } : { status, headers: kept };
}

/** Several lines of one name are joined. */
function headersOf(headers: HeaderMap, leftOut: ReadonlySet<string>, separator: string) {
  const names = [...new Set(headers.names)].filter((name) => !leftOut.has(name));
  return Object.fromEntries(names.map((name) => [name, headers.getAll(name).join(separator)]));
}

/** Without the fields that are undefined. */
function present(fields: Fields): Fields {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}
