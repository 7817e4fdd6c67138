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

/**
 * The policies of all levels that have one, the most specific first. Unlike other filters' their
 * fields are looked for one by one: each has the value of the first level that gives one.
 *
 * @source envoy: source/extensions/filters/http/cors/cors_filter.cc, initializeCorsPolicies
 */
export function compileCors(
  levels: readonly CorsPolicyConfig[],
  report: ReportProblem,
): CorsPolicy | undefined {
  const [first] = levels;
  if (first === undefined) return undefined;
  const xds = mergedPolicy(levels);
  const hasFraction = first.filterEnabled?.defaultValue !== undefined;
  return {
    xds,
    origins: (xds.allowOriginStringMatch ?? []).map((it) => compileStringMatcher(it, report)),
    enabled: hasFraction ? compileRuntimeFraction(first.filterEnabled) : undefined,
    forwardsNotMatchingPreflights: xds.forwardNotMatchingPreflights ?? true,
  };
}

function mergedPolicy(levels: readonly CorsPolicyConfig[]): CorsPolicyConfig {
  const merged: Record<string, unknown> = {};
  for (const level of levels) {
    for (const [field, value] of Object.entries(level)) {
      if (!(field in merged) && !isEmpty(value)) merged[field] = value;
    }
  }
  return merged as unknown as CorsPolicyConfig;
}

function isEmpty(value: unknown): boolean {
  return value === '' || (Array.isArray(value) && value.length === 0);
}

/**
 * What the filter does with a request. `reply`: it answers a preflight itself with 200 and `headers`,
 * details `cors_response`. `allow`: the origin matched, the response gets `addCorsHeaders`.
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
  const origin = request.headers.get('origin') ?? '';
  if (origin === '' || policy.enabled?.numerator === 0) return CONTINUE;
  const allowed = isAllowed(policy, origin);
  const method = request.headers.get('access-control-request-method') ?? '';
  if (request.method !== 'OPTIONS' || method === '') {
    return allowed ? { kind: 'allow', origin } : CONTINUE;
  }
  if (!allowed && policy.forwardsNotMatchingPreflights) return CONTINUE;
  return { kind: 'reply', headers: preflightHeaders(policy.xds, request, allowed ? origin : '') };
}

/** Requests that a policy looked at, by whether their origin was allowed: `http.PREFIX.cors.…`. */
export class CorsStats {
  originValid = 0;
  originInvalid = 0;

  /** @source envoy: source/extensions/filters/http/cors/cors_filter.cc, CorsFilter::decodeHeaders */
  count(policy: CorsPolicy, request: HttpRequest): void {
    const origin = request.headers.get('origin') ?? '';
    if (origin === '' || policy.enabled?.numerator === 0) return;
    if (isAllowed(policy, origin)) this.originValid++;
    else this.originInvalid++;
  }
}

function isAllowed({ origins }: CorsPolicy, origin: string): boolean {
  return origins.some((it) => it.matches('*') || it.matches(origin));
}

/** `origin` is '' when it is not allowed. */
function preflightHeaders(
  xds: CorsPolicyConfig,
  { headers }: HttpRequest,
  origin: string,
): (readonly [string, string])[] {
  const wantsPrivateNetwork =
    xds.allowPrivateNetworkAccess === true &&
    headers.get('access-control-request-private-network') === 'true';
  const lines: readonly (readonly [string, string | undefined])[] = [
    ['access-control-allow-origin', origin || undefined],
    ['access-control-allow-credentials', xds.allowCredentials ? 'true' : undefined],
    ['access-control-allow-methods', orEcho(xds.allowMethods, headers, 'method')],
    ['access-control-allow-headers', orEcho(xds.allowHeaders, headers, 'headers')],
    ['access-control-max-age', xds.maxAge || undefined],
    ['access-control-allow-private-network', wantsPrivateNetwork ? 'true' : undefined],
    // The reply passes the filter's own response side too, which knows only allowed origins.
    ['access-control-expose-headers', (origin && xds.exposeHeaders) || undefined],
  ];
  return lines.flatMap(([name, value]) => (value === undefined ? [] : [[name, value] as const]));
}

/** `*` stands for whatever was asked for, though it be nothing. */
function orEcho(
  allowed: string | undefined,
  headers: HeaderMap,
  asked: 'method' | 'headers',
): string | undefined {
  if (allowed === '*') return headers.get(`access-control-request-${asked}`) ?? '';
  return allowed || undefined;
}

/** @source envoy: source/extensions/filters/http/cors/cors_filter.cc, CorsFilter::encodeHeaders */
export function addCorsHeaders(policy: CorsPolicy, origin: string, headers: HeaderMap): void {
  headers.set('access-control-allow-origin', origin);
  if (policy.xds.allowCredentials) headers.set('access-control-allow-credentials', 'true');
  if (policy.xds.exposeHeaders) {
    headers.set('access-control-expose-headers', policy.xds.exposeHeaders);
  }
}
