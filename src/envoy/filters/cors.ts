import type { CorsPolicy as CorsPolicyConfig } from '#xds/route.ts';
import { compileRuntimeFraction, type Fraction } from '../fractional-percent.ts';
import type { HeaderMap } from '../http/header-map.ts';
import type { HttpRequest } from '../network.ts';
import { compileStringMatcher, type ReportProblem, type TextMatcher } from '../string-matcher.ts';

/** A CORS policy, compiled. */
export interface CorsPolicy {
  readonly xds: CorsPolicyConfig;
  readonly origins: readonly TextMatcher[];
  /** Undefined = always. */
  readonly enabled: Fraction | undefined;
  readonly forwardsNotMatchingPreflights: boolean;
}

export function compileCors(xds: CorsPolicyConfig, report: ReportProblem): CorsPolicy {
  const hasFraction = xds.filterEnabled?.defaultValue !== undefined;
  return {
    xds,
    origins: (xds.allowOriginStringMatch ?? []).map((it) => compileStringMatcher(it, report)),
    enabled: hasFraction ? compileRuntimeFraction(xds.filterEnabled) : undefined,
    forwardsNotMatchingPreflights: xds.forwardNotMatchingPreflights ?? true,
  };
}

/**
 * What the filter does with a request. `reply`: it answers a preflight itself with 200 and `headers`.
 * `allow`: the origin matched, the response gets `addCorsHeaders`.
 */
export type CorsStep =
  | { readonly kind: 'reply'; readonly headers: readonly (readonly [string, string])[] }
  | { readonly kind: 'allow'; readonly origin: string }
  | { readonly kind: 'continue' };

const CONTINUE: CorsStep = { kind: 'continue' };

/**
 * A preflight is an OPTIONS request with an origin and the method that is to be asked for.
 *
 * @source envoy: source/extensions/filters/http/cors/cors_filter.cc, CorsFilter::decodeHeaders
 */
export function corsStep(policy: CorsPolicy, request: HttpRequest): CorsStep {
  const origin = request.headers.get('origin');
  if (origin === undefined || policy.enabled?.numerator === 0) return CONTINUE;
  const isAllowed = policy.origins.some((it) => it.matches('*') || it.matches(origin));
  const isPreflight =
    request.method === 'OPTIONS' &&
    (request.headers.get('access-control-request-method') ?? '') !== '';
  if (!isAllowed) {
    if (!isPreflight || policy.forwardsNotMatchingPreflights) return CONTINUE;
    return { kind: 'reply', headers: [] };
  }
  return isPreflight
    ? { kind: 'reply', headers: preflightHeaders(policy.xds, request, origin) }
    : { kind: 'allow', origin };
}

function preflightHeaders(
  xds: CorsPolicyConfig,
  request: HttpRequest,
  origin: string,
): (readonly [string, string])[] {
  const wantsPrivateNetwork =
    xds.allowPrivateNetworkAccess === true &&
    request.headers.get('access-control-request-private-network') === 'true';
  const lines: readonly (readonly [string, string | undefined])[] = [
    ['access-control-allow-origin', origin],
    ['access-control-allow-credentials', xds.allowCredentials ? 'true' : undefined],
    ['access-control-allow-private-network', wantsPrivateNetwork ? 'true' : undefined],
    ['access-control-allow-methods', xds.allowMethods],
    ['access-control-allow-headers', xds.allowHeaders],
    ['access-control-max-age', xds.maxAge],
    // The reply passes the filter's own response side too.
    ['access-control-expose-headers', xds.exposeHeaders],
  ];
  return lines.flatMap(([name, value]) => (value ? [[name, value] as const] : []));
}

/** @source envoy: source/extensions/filters/http/cors/cors_filter.cc, CorsFilter::encodeHeaders */
export function addCorsHeaders(policy: CorsPolicy, origin: string, headers: HeaderMap): void {
  headers.set('access-control-allow-origin', origin);
  if (policy.xds.allowCredentials) headers.set('access-control-allow-credentials', 'true');
  if (policy.xds.exposeHeaders)
    headers.set('access-control-expose-headers', policy.xds.exposeHeaders);
}
