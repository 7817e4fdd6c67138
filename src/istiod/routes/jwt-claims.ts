import type { Json, StringMatcher } from '#xds/core.ts';

/**
 * The claim that a header name `@request.auth.claims.…` stands for, as a path; undefined for an
 * ordinary header. `[a][b]` and `a.b` are two spellings of one path.
 *
 * @source istio: pkg/jwt/routing.go, ToRoutingClaim
 */
export function routingClaims(header: string): readonly string[] | undefined {
  const lower = header.toLowerCase();
  if (!lower.startsWith(CLAIMS_PREFIX)) return undefined;
  const rest = header.slice(CLAIMS_PREFIX.length);
  if (rest.startsWith('.') && rest.length > 1) return rest.slice(1).split('.');
  const isBracketed = rest.startsWith('[') && rest.endsWith(']') && rest.length > 2;
  return isBracketed ? rest.slice(1, -1).split('][') : undefined;
}

/**
 * Matches a claim of a validated token, in the metadata that the JWT filter leaves: a text that
 * matches, or a list with such a text.
 *
 * @source istio: pilot/pkg/security/authz/matcher/metadata.go, MetadataListMatcher
 */
export function claimMatcher(
  claims: readonly string[],
  match: StringMatcher | undefined,
  invert: boolean,
): Json {
  const text: Json = match === undefined ? {} : { stringMatch: { ...match } as Json };
  const value: Json = { orMatch: { valueMatchers: [{ listMatch: { oneOf: text } }, text] } };
  return {
    filter: 'envoy.filters.http.jwt_authn',
    path: ['payload', ...claims].map((key) => ({ key })),
    value,
    ...(invert ? { invert: true } : {}),
  };
}

const CLAIMS_PREFIX = '@request.auth.claims';
