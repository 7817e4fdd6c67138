import type { HttpRoute } from '#config/istio/virtual-service.ts';
import type { Resource } from '#config/resource.ts';
import type { Route, RouteMatch } from '#xds/route.ts';

/** Whether a VirtualService was derived from routes of the Gateway API. @source istio: pilot/pkg/model/virtualservice.go, UseGatewaySemantics */
export function hasGatewaySemantics({ metadata }: Resource): boolean {
  return metadata.annotations.get('internal.istio.io/route-semantics') === 'gateway';
}

/**
 * A route as the Gateway API wants it: prefixes end at a `/`, backends that are not there give 500,
 * and the prefix may be taken off.
 *
 * @source istio: pilot/pkg/networking/core/route/route.go, TranslateRouteMatch, applyHTTPRouteDestination
 */
export function withGatewaySemantics<Kind extends Pick<Route, 'match' | 'route'>>(
  route: Kind,
  { rewrite }: HttpRoute,
): Kind {
  const match = separatedPrefix(route.match);
  if (route.route === undefined) return { ...route, match };
  const { prefixRewrite, ...others } = route.route;
  const prefix = match.pathSeparatedPrefix ?? '';
  const path =
    rewrite?.uri === '/' && rewrite.uriRegexRewrite === undefined
      ? { regexRewrite: withoutPrefix(prefix) }
      : prefixRewrite === undefined
        ? {}
        : { prefixRewrite };
  const action = { ...others, ...path, clusterNotFoundResponseCode: 'INTERNAL_SERVER_ERROR' };
  return { ...route, match, route: action };
}

function separatedPrefix(match: RouteMatch): RouteMatch {
  const { prefix, ...others } = match;
  if (prefix === undefined || prefix === '/') return match;
  const path = prefix.endsWith('/') ? prefix.slice(0, -1) : prefix;
  return { pathSeparatedPrefix: path, ...others };
}

/** Keeps the `/` in case nothing else is left. */
function withoutPrefix(prefix: string) {
  const quoted = prefix.replace(/[\\.+*?()|[\]{}^$]/g, '\\$&');
  return { pattern: { regex: `^${quoted}(/?)(.*)` }, substitution: '/\\2' };
}
