import type { CorsPolicy as IstioCorsPolicy } from '#config/istio/virtual-service.ts';
import { NS_PER_SECOND } from '#source/duration.ts';
import type { StringMatcher } from '#xds/core.ts';
import type { CorsPolicy } from '#xds/route.ts';
import { stringMatcher } from './string-match.ts';

/**
 * The CORS filter's configuration for a route.
 *
 * @source istio: pilot/pkg/networking/core/route/route.go, TranslateCORSPolicy
 */
export function buildCors(policy: IstioCorsPolicy): CorsPolicy {
  const origins = allowedOrigins(policy);
  const { allowMethods, allowHeaders, exposeHeaders } = policy;
  return {
    '@type': 'type.googleapis.com/envoy.extensions.filters.http.cors.v3.CorsPolicy',
    ...(origins.length === 0 ? {} : { allowOriginStringMatch: origins }),
    ...(allowMethods.length === 0 ? {} : { allowMethods: allowMethods.join(',') }),
    ...(allowHeaders.length === 0 ? {} : { allowHeaders: allowHeaders.join(',') }),
    ...(exposeHeaders.length === 0 ? {} : { exposeHeaders: exposeHeaders.join(',') }),
    ...(policy.maxAge === undefined ? {} : { maxAge: wholeSeconds(policy.maxAge) }),
    ...(policy.allowCredentials === undefined ? {} : { allowCredentials: policy.allowCredentials }),
    filterEnabled: { defaultValue: { numerator: 100 } },
    forwardNotMatchingPreflights: policy.unmatchedPreflights !== 'IGNORE',
  };
}

function allowedOrigins({ allowOrigins, allowOrigin }: IstioCorsPolicy): StringMatcher[] {
  if (allowOrigins.length === 0) return allowOrigin.map((exact) => ({ exact }));
  return allowOrigins.map(stringMatcher).filter((matcher) => matcher !== undefined);
}

function wholeSeconds(durationNs: number): string {
  return String(Math.trunc(durationNs / NS_PER_SECOND));
}
