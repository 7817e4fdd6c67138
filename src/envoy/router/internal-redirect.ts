/**
 * Internal redirects: the proxy follows an upstream's redirect itself, as a new request.
 *
 *     answer 302 with a location ─▶ allowed? ─▶ the request under its new URL ─▶ route, filters, router
 *                                      └─▶ no: the answer goes downstream as it is
 *
 * @source envoy: source/common/router/router.cc, Filter::setupRedirect,
 *   convertRequestHeadersForInternalRedirect; config_impl.cc, InternalRedirectPolicyImpl
 */
import type { InternalRedirectPolicy } from '#xds/route.ts';
import type { HttpStats } from '../http/http-stats.ts';
import { RequestHead } from '../http/request-head.ts';
import type { HttpRequest, HttpResponse } from '../network.ts';
import type { ReportProblem } from '../string-matcher.ts';

export interface CompiledInternalRedirect {
  /** Statuses of answers that are followed. */
  readonly statuses: ReadonlySet<number>;
  readonly maxRedirects: number;
  readonly allowsOtherScheme: boolean;
  readonly predicates: readonly RedirectPredicate[];
  /** Lower case. Taken over into the new request; removed from it where the answer has none. */
  readonly responseHeadersToCopy: readonly string[];
}

/** Whether the route under the new URL may be taken. */
type RedirectPredicate = (target: RedirectTarget) => boolean;

interface RedirectTarget {
  readonly fromRoute: string;
  readonly toRoute: string;
  readonly fromScheme: string;
  readonly toScheme: string;
  /** Pairs of routes between which this request was redirected before; the predicate adds its own. */
  readonly taken: Set<string>;
}

const REDIRECTS = [301, 302, 303, 307, 308];

export function compileInternalRedirect(
  xds: InternalRedirectPolicy,
  report: ReportProblem,
): CompiledInternalRedirect {
  const statuses = xds.redirectResponseCodes ?? [];
  return {
    statuses: new Set(statuses.length === 0 ? [302] : statuses.filter(isRedirect)),
    maxRedirects: xds.maxInternalRedirects ?? 1,
    allowsOtherScheme: xds.allowCrossSchemeRedirect ?? false,
    predicates: (xds.predicates ?? []).map(({ typedConfig }) => predicateOf(typedConfig, report)),
    responseHeadersToCopy: (xds.responseHeadersToCopy ?? []).map((name) => name.toLowerCase()),
  };
}

function isRedirect(status: number): boolean {
  return REDIRECTS.includes(status);
}

/** @source envoy: source/extensions/internal_redirect/{allow_listed_routes,previous_routes,safe_cross_scheme} */
function predicateOf(
  config: { readonly '@type': string; readonly allowedRouteNames?: readonly string[] } | undefined,
  report: ReportProblem,
): RedirectPredicate {
  const type = config?.['@type'] ?? '';
  if (type.endsWith('.AllowListedRoutesConfig')) {
    const allowed = new Set(config?.allowedRouteNames ?? []);
    return ({ toRoute }) => allowed.has(toRoute);
  }
  if (type.endsWith('.PreviousRoutesConfig')) return isNewRoute;
  if (type.endsWith('.SafeCrossSchemeConfig')) {
    return ({ fromScheme, toScheme }) => fromScheme === 'https' || toScheme !== 'https';
  }
  report(`internal redirect predicate ${type} is not supported`);
  return () => true;
}

function isNewRoute({ fromRoute, toRoute, taken }: RedirectTarget): boolean {
  const step = `${fromRoute}\n${toRoute}`;
  if (taken.has(step)) return false;
  taken.add(step);
  return true;
}

/** The internal redirects of one request so far. */
export class InternalRedirects {
  count = 0;
  readonly #taken = new Set<string>();

  /**
   * The request that follows `response`; undefined when there is none to be made, which is counted.
   * `request`: as it went upstream. `routeOf`: the name of the route of a request; undefined = none.
   */
  follow(
    policy: CompiledInternalRedirect,
    request: HttpRequest,
    response: HttpResponse,
    fromRoute: string,
    routeOf: (request: HttpRequest) => string | undefined,
    stats: HttpStats,
  ): HttpRequest | undefined {
    const location = response.headers.get('location');
    if (location === undefined) return undefined;
    const url = absoluteUrl(location);
    if (url === undefined) {
      stats.passthroughInternalRedirectBadLocation++;
      return undefined;
    }
    const changesScheme = (url.scheme === 'http') !== (request.scheme === 'http');
    if (changesScheme && !policy.allowsOtherScheme) {
      stats.passthroughInternalRedirectUnsafeScheme++;
      return undefined;
    }
    if (this.count >= policy.maxRedirects) {
      stats.passthroughInternalRedirectTooManyRedirects++;
      return undefined;
    }
    const next = redirected(policy, request, response, url);
    const toRoute = routeOf(next);
    if (toRoute === undefined) {
      stats.passthroughInternalRedirectNoRoute++;
      return undefined;
    }
    const { scheme: fromScheme } = request;
    const target = { fromRoute, toRoute, fromScheme, toScheme: url.scheme, taken: this.#taken };
    if (!policy.predicates.every((accepts) => accepts(target))) {
      stats.passthroughInternalRedirectPredicate++;
      return undefined;
    }
    this.count++;
    return next;
  }
}

interface AbsoluteUrl {
  readonly scheme: string;
  readonly authority: string;
  /** With query, without fragment. */
  readonly path: string;
}

const ABSOLUTE_URL = /^([a-z][a-z0-9+.-]*):\/\/([^/?#@]+)([^#]*)/i;

function absoluteUrl(text: string): AbsoluteUrl | undefined {
  const [, scheme, authority, rest] = ABSOLUTE_URL.exec(text) ?? [];
  if (scheme === undefined || authority === undefined) return undefined;
  const path = rest?.startsWith('/') ? rest : `/${rest ?? ''}`;
  return { scheme: scheme.toLowerCase(), authority, path };
}

function redirected(
  policy: CompiledInternalRedirect,
  request: HttpRequest,
  response: HttpResponse,
  url: AbsoluteUrl,
): HttpRequest {
  const head = new RequestHead(request);
  for (const name of policy.responseHeadersToCopy) {
    head.headers.remove(name);
    for (const value of response.headers.getAll(name)) head.headers.add(name, value);
  }
  head.scheme = url.scheme;
  head.authority = url.authority;
  head.path = url.path;
  if (response.status === 303 && request.method !== 'GET' && request.method !== 'HEAD') {
    head.method = 'GET';
    head.headers.remove('content-length');
    head.bodyBytes = 0;
  }
  const { scheme, authority, path } = request;
  head.headers.set('x-envoy-original-url', `${scheme}://${authority}${path}`);
  return head;
}
