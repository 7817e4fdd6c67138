import { compilePathNormalization, normalizedPath } from '#envoy/http/path-normalization.ts';
import type { HttpRequest } from '#envoy/network.ts';
import type { CompiledRoute, CompiledVirtualHost } from '#envoy/router/compiled-route.ts';
import {
  compileRouteConfiguration,
  explainRoutes,
  type RouteTrial,
  selectVirtualHost,
} from '#envoy/router/route-configuration.ts';
import { type Uint64, ZERO_UINT64 } from '#kernel/uint64.ts';
import type { HttpConnectionManager, Listener } from '#xds/listener.ts';
import type { RouteConfiguration } from '#xds/route.ts';
import type { Call } from './call.ts';
import {
  type ConnectionError,
  type ResolvedConnection,
  resolveConnection,
} from './resolve-call-listener.ts';
import {
  faultOf,
  followRoute,
  type InjectedFault,
  type RouteOutcome,
  receivedRequest,
} from './resolve-call-request.ts';

/** The configuration that a call meets. */
export interface CallConfiguration {
  readonly listeners: readonly Listener[];
  readonly routes: readonly RouteConfiguration[];
}

/** Why a call ends early, in the words of Istio's simulation. */
export type CallError =
  | ConnectionError
  | 'path refused'
  | 'path normalized, sending 307'
  | 'no virtual host matched'
  | 'no route matched'
  | 'tls required, sending 301';

/** Where a call goes, step by step; a step that was not reached is undefined. */
export interface ResolvedCall extends Omit<ResolvedConnection, 'error'> {
  readonly error: CallError | undefined;
  readonly routing: Routing | undefined;
}

/** An HTTP call inside its connection manager. */
export interface Routing {
  /** Its path as the connection manager normalizes it. */
  readonly request: HttpRequest;
  /** Undefined when the connection manager names one that does not exist. */
  readonly configuration: RouteConfiguration | undefined;
  readonly virtualHost: CompiledVirtualHost | undefined;
  /** Every route that was tried; the last one may have matched. */
  readonly trials: readonly RouteTrial[];
  readonly route: CompiledRoute | undefined;
  readonly fault: InjectedFault | undefined;
  readonly outcome: RouteOutcome | undefined;
}

/**
 * Says where one call goes and why, using the rules by which the data plane decides: original
 * destination, filter chain, virtual host, routes in order, what the route does to it. Nothing is sent;
 * `random` is the stream's, for routes that take a share of requests.
 */
export function resolveCall(
  configuration: CallConfiguration,
  call: Call,
  random: Uint64 = ZERO_UINT64,
): ResolvedCall {
  const connection = resolveConnection(configuration.listeners, call);
  const { connectionManager } = connection;
  if (connection.error !== undefined || connectionManager === undefined) {
    return { ...connection, routing: undefined };
  }
  const routes = routesOf(connectionManager, configuration.routes);
  return { ...connection, ...routeNormalized(connectionManager, routes, call, random) };
}

interface RoutingResult {
  readonly error: CallError | undefined;
  readonly routing: Routing;
}

function routeNormalized(
  manager: HttpConnectionManager,
  configuration: RouteConfiguration | undefined,
  call: Call,
  random: Uint64,
): RoutingResult {
  const received = requestOf(call, call.http?.path ?? '/');
  const { action, path } = normalizedPath(compilePathNormalization(manager), received.path);
  const request = path === received.path ? received : requestOf(call, path);
  if (action === 'forward') return route(request, configuration, call, random);
  const routing = { ...UNROUTED, request, configuration, virtualHost: undefined };
  return { error: action === 'reject' ? 'path refused' : 'path normalized, sending 307', routing };
}

/** The name of the route configuration that a connection manager asks for; undefined when it has its own. */
export function routeConfigurationName(manager: HttpConnectionManager): string | undefined {
  return manager.rds?.routeConfigName;
}

function requestOf(call: Call, path: string): HttpRequest {
  const { method = 'GET', authority = '', headers = [] } = call.http ?? {};
  const scheme = call.tls === 'none' ? 'http' : 'https';
  const isHttp2 = call.protocol === 'h2';
  return receivedRequest({ method, path, authority, headers, scheme, isHttp2 });
}

function routesOf(
  manager: HttpConnectionManager,
  routes: readonly RouteConfiguration[],
): RouteConfiguration | undefined {
  const name = routeConfigurationName(manager);
  return name === undefined ? manager.routeConfig : routes.find((it) => it.name === name);
}

function route(
  request: HttpRequest,
  configuration: RouteConfiguration | undefined,
  call: Call,
  random: Uint64,
): RoutingResult {
  const virtualHost =
    configuration && selectVirtualHost(compileRouteConfiguration(configuration), request.authority);
  const found: Routing = { ...UNROUTED, request, configuration, virtualHost };
  if (virtualHost === undefined) return { error: 'no virtual host matched', routing: found };
  if (virtualHost.requireTls === 'ALL' && call.tls === 'none') {
    return { error: 'tls required, sending 301', routing: found };
  }
  const trials = explainRoutes(virtualHost, request, random);
  const last = trials.at(-1);
  if (last === undefined || last.failed !== undefined) {
    return { error: 'no route matched', routing: { ...found, trials } };
  }
  const fault = faultOf(last.route, request);
  const outcome = followRoute(last.route, request);
  return { error: undefined, routing: { ...found, trials, route: last.route, fault, outcome } };
}

const UNROUTED = {
  trials: [],
  route: undefined,
  fault: undefined,
  outcome: undefined,
} as const;

/** Where a request over plaintext is sent when its virtual host demands TLS. */
export function httpsLocation({ authority, path }: HttpRequest): string {
  return `https://${authority}${path}`;
}
