import { boolean, type Infer, list, object, protoEnum, string } from '#source/shape.ts';
import { JWKS_RULE, JWKS_URI_RULE, TARGET_REF_RULE } from './cel-rules.ts';
import { policySelectorShape, positiveDuration } from './shared-shapes.ts';
import { targetRefShape } from './target-reference.ts';

const given = () => string({ minLength: 1 });

const jwtRuleShape = object(
  {
    issuer: given(),
    audiences: list(given()),
    jwksUri: string({ minLength: 1, maxLength: 2048, rules: [JWKS_URI_RULE] }),
    jwks: string(),
    fromHeaders: list(object({ name: given(), prefix: string() }, { required: ['name'] })),
    fromParams: list(given()),
    fromCookies: list(given()),
    outputPayloadToHeader: string(),
    forwardOriginalToken: boolean(),
    outputClaimToHeaders: list(
      object(
        { header: string({ minLength: 1, pattern: '^[-_A-Za-z0-9]+$' }), claim: given() },
        { required: ['header', 'claim'] },
      ),
    ),
    spaceDelimitedClaims: list(given(), { maxItems: 64 }),
    presence: protoEnum('istio.security.v1beta1.JWTRule.Presence', 'OPTIONAL', 'REQUIRED'),
    timeout: positiveDuration(),
  },
  { aliases: ['jwks_uri'], rules: [JWKS_RULE] },
);
export type JwtRule = Infer<typeof jwtRuleShape>;

/** @source istio.io/api: security/v1beta1/request_authentication.proto, RequestAuthentication */
export const requestAuthenticationShape = object(
  {
    selector: policySelectorShape,
    targetRef: targetRefShape,
    targetRefs: list(targetRefShape, { maxItems: 16 }),
    jwtRules: list(jwtRuleShape, { maxItems: 4096 }),
  },
  { rules: [TARGET_REF_RULE] },
);
