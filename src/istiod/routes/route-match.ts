import type { StringMatch } from '#config/istio/shared-shapes.ts';
import type { HttpMatchRequest } from '#config/istio/virtual-service.ts';
import { compareText } from '#source/compare-text.ts';
import type { HeaderMatcher, QueryParameterMatcher, Route, RouteMatch } from '#xds/route.ts';
import { claimMatcher, routingClaims } from './jwt-claims.ts';
import { asksForPresence, stringMatcher } from './string-match.ts';

/**
 * What a request must be like for a route, all conditions together.
 *
 * @source istio: pilot/pkg/networking/core/route/route.go, TranslateRouteMatch
 */
export function buildRouteMatch(match: HttpMatchRequest | undefined): RouteMatch {
  if (match === undefined) return { prefix: '/' };
  if (hasPathAlone(match)) {
    return { ...pathSpecifier(match.uri), caseSensitive: !match.ignoreUriCase };
  }
  const headers = [...headerMatchers(match), ...pseudoHeaderMatchers(match)];
  const queryParameters = queryMatchers(match);
  const dynamicMetadata = metadataMatchers(match);
  return {
    ...pathSpecifier(match.uri),
    caseSensitive: !match.ignoreUriCase,
    ...(headers.length === 0 ? {} : { headers }),
    ...(queryParameters.length === 0 ? {} : { queryParameters }),
    ...(dynamicMetadata.length === 0 ? {} : { dynamicMetadata }),
  };
}

function hasPathAlone(match: HttpMatchRequest): boolean {
  const { headers, withoutHeaders, queryParams, method, authority, scheme } = match;
  const hasMaps = headers.size > 0 || withoutHeaders.size > 0 || queryParams.size > 0;
  return !hasMaps && (method ?? authority ?? scheme) === undefined;
}

/**
 * True when the route takes every request: any path and no further condition.
 *
 * @source istio: the same file, IsCatchAllRoute
 */
export function isCatchAll({ match }: Route): boolean {
  const takesEveryPath =
    match.prefix === '/' || match.pathSeparatedPrefix === '/' || match.safeRegex?.regex === '.*';
  return (
    takesEveryPath &&
    match.headers === undefined &&
    match.queryParameters === undefined &&
    match.dynamicMetadata === undefined
  );
}

function pathSpecifier(uri: StringMatch | undefined): Partial<RouteMatch> {
  if (uri?.exact !== undefined) return { path: uri.exact };
  if (uri?.prefix !== undefined) return { prefix: uri.prefix };
  if (uri?.regex !== undefined) return { safeRegex: { regex: uri.regex } };
  return { prefix: '/' };
}

/** `headers` and `withoutHeaders`, by name. */
function headerMatchers(match: HttpMatchRequest): HeaderMatcher[] {
  const matchers = [
    ...plainHeaders(match.headers).map(([name, value]) => headerMatcher(name, value)),
    ...plainHeaders(match.withoutHeaders).map(([name, value]) => absentHeaderMatcher(name, value)),
  ];
  return matchers.sort((a, b) => compareText(a.name, b.name));
}

function plainHeaders(headers: ReadonlyMap<string, StringMatch>) {
  return [...headers].filter(([name]) => routingClaims(name) === undefined);
}

function headerMatcher(name: string, match: StringMatch): HeaderMatcher {
  if (asksForPresence(match)) return { name, presentMatch: true };
  const stringMatch = stringMatcher(match);
  return stringMatch === undefined ? { name } : { name, stringMatch };
}

/** Inverted; a missing header counts as the empty text, except where presence itself is asked for. */
function absentHeaderMatcher(name: string, match: StringMatch): HeaderMatcher {
  const inverted = { ...headerMatcher(name, match), invertMatch: true };
  return asksForPresence(match) ? inverted : { ...inverted, treatMissingHeaderAsEmpty: true };
}

function pseudoHeaderMatchers({ method, authority, scheme }: HttpMatchRequest): HeaderMatcher[] {
  return [
    ...(method === undefined ? [] : [headerMatcher(':method', method)]),
    ...(authority === undefined ? [] : [headerMatcher(':authority', authority)]),
    ...(scheme === undefined ? [] : [headerMatcher(':scheme', scheme)]),
  ];
}

/** By name: Istio leaves their order to a map, and it has no meaning. */
function queryMatchers({ queryParams }: HttpMatchRequest): QueryParameterMatcher[] {
  return [...queryParams]
    .map(([name, match]) => {
      if (asksForPresence(match)) return { name, presentMatch: true };
      const stringMatch = stringMatcher(match);
      return stringMatch === undefined ? { name } : { name, stringMatch };
    })
    .sort((a, b) => compareText(a.name, b.name));
}

function metadataMatchers({ headers, withoutHeaders }: HttpMatchRequest) {
  const claims = (matches: ReadonlyMap<string, StringMatch>, invert: boolean) =>
    [...matches].flatMap(([name, match]) => {
      const path = routingClaims(name);
      return path === undefined ? [] : [claimMatcher(path, stringMatcher(match), invert)];
    });
  return [...claims(headers, false), ...claims(withoutHeaders, true)];
}
