import type { HttpMatchRequest, HttpRoute } from '#config/istio/virtual-service.ts';
import type { DirectResponseAction, Route, TypedPerFilterConfig } from '#xds/route.ts';
import { configMetadata } from '../config-metadata.ts';
import { withGatewaySemantics } from '../gateway-api/route-semantics.ts';
import { CORS_FILTER, FAULT_FILTER } from '../listeners/http-filters.ts';
import { parseOutboundClusterName } from '../model/names.ts';
import type { VirtualService } from '../model/virtual-service.ts';
import { buildCors } from './cors.ts';
import { buildFault } from './fault.ts';
import { presentMutations, translateHeaders } from './header-operations.ts';
import { buildRedirect } from './redirect.ts';
import { buildForwardingAction } from './route-action.ts';
import type { RouteContext } from './route-context.ts';
import { buildRouteMatch, isCatchAll } from './route-match.ts';
import { noteRouteOrigins } from './route-origins.ts';

/**
 * The routes of a VirtualService for one proxy and port, in the order in which they are tried. What
 * stands behind the first catch-all can never be reached and is left out.
 *
 * @source istio: pilot/pkg/networking/core/route/route.go, BuildHTTPRoutesForVirtualService
 */
export function buildVirtualServiceRoutes(
  virtualService: VirtualService,
  context: RouteContext,
): Route[] {
  const routes: Route[] = [];
  for (const [index, http] of virtualService.spec.http.entries()) {
    if (http.match.length === 0) {
      addRoute(
        routes,
        virtualService,
        { index, http, match: undefined, matchIndex: undefined },
        context,
      );
      return routes;
    }
    for (const [matchIndex, match] of http.match.entries()) {
      const route = addRoute(routes, virtualService, { index, http, match, matchIndex }, context);
      if (route !== undefined && isCatchAll(route)) return routes;
    }
  }
  return routes;
}

interface Rule {
  readonly index: number;
  readonly http: HttpRoute;
  readonly match: HttpMatchRequest | undefined;
  /** Undefined without `match`. */
  readonly matchIndex: number | undefined;
}

function addRoute(
  routes: Route[],
  virtualService: VirtualService,
  rule: Rule,
  context: RouteContext,
): Route | undefined {
  if (!appliesHere(rule.match, context)) return undefined;
  const route = buildRoute(virtualService, rule, context);
  context.notes.later(() => noteRouteOrigins(route, virtualService, rule, context));
  routes.push(route);
  return route;
}

/**
 * The conditions that need no request: port, gateway, and the caller's labels and namespace. A list
 * of gateways makes the caller's labels and namespace meaningless.
 *
 * @source istio: the same file, TranslateRoute, sourceMatchHTTP
 */
function appliesHere(match: HttpMatchRequest | undefined, context: RouteContext): boolean {
  if (match === undefined) return true;
  const { port, gateways, sourceLabels, sourceNamespace } = match;
  if (port !== 0 && port !== context.listenPort) return false;
  if (gateways.length > 0) return gateways.includes(context.gateway);
  if (sourceLabels.size === 0 && sourceNamespace === '') return true;
  return context.isCalledBy(sourceLabels, sourceNamespace);
}

function buildRoute(virtualService: VirtualService, rule: Rule, context: RouteContext): Route {
  const { http, match } = rule;
  const name = routeName(http, match);
  const { mutations, ...action } = routeAction(http, context);
  const typedPerFilterConfig = perFilterConfig(http);
  const target = { match: buildRouteMatch(match), ...action };
  const route: { -readonly [Field in keyof Route]: Route[Field] } = {
    ...(name === '' ? NOTHING : { name }),
    ...(virtualService.hasGatewaySemantics ? withGatewaySemantics(target, http) : target),
    metadata: configMetadata('virtual-service', virtualService),
    ...presentMutations(mutations),
  };
  if (typedPerFilterConfig !== undefined) route.typedPerFilterConfig = typedPerFilterConfig;
  if (match?.statPrefix) route.statPrefix = match.statPrefix;
  route.decorator = { operation: operation(route, virtualService.name, context) };
  return route;
}

const NOTHING = {};

function routeName(http: HttpRoute, match: HttpMatchRequest | undefined): string {
  return match?.name ? `${http.name}.${match.name}` : http.name;
}

function routeAction(http: HttpRoute, context: RouteContext) {
  const { mutations, authority } = translateHeaders(http.headers);
  if (http.redirect !== undefined) {
    const redirect = buildRedirect(http.redirect, context.listenPort, context.isTls);
    return redirect === undefined ? { mutations } : { mutations, redirect };
  }
  if (http.directResponse !== undefined) {
    return { mutations, directResponse: directResponse(http.directResponse) };
  }
  const forwarding = buildForwardingAction(http, mutations, authority, context);
  return { mutations: forwarding.mutations, route: forwarding.action };
}

/** @source istio: the same file, ApplyDirectResponse */
function directResponse({
  status,
  body,
}: NonNullable<HttpRoute['directResponse']>): DirectResponseAction {
  if (body?.string !== undefined) return { status, body: { inlineString: body.string } };
  if (body?.bytes !== undefined) return { status, body: { inlineBytes: body.bytes } };
  return { status };
}

function perFilterConfig({ fault, corsPolicy }: HttpRoute): TypedPerFilterConfig | undefined {
  const httpFault = fault && buildFault(fault);
  if (httpFault === undefined && corsPolicy === undefined) return undefined;
  return {
    ...(httpFault === undefined ? {} : { [FAULT_FILTER]: httpFault }),
    ...(corsPolicy === undefined ? {} : { [CORS_FILTER]: buildCors(corsPolicy) }),
  };
}

/** A name for traces. @source istio: the same file, GetRouteOperation */
function operation({ match, route }: Route, vsName: string, { listenPort }: RouteContext): string {
  const path = match.path ?? match.safeRegex?.regex ?? `${match.prefix ?? '/'}*`;
  const cluster = route?.cluster && parseOutboundClusterName(route.cluster);
  return cluster ? `${cluster.host}:${cluster.port}${path}` : `${vsName}:${listenPort}${path}`;
}
