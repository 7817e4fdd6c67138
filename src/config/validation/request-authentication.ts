import type { Path } from '#source/path.ts';
import type { JwtRule } from '../istio/request-authentication.ts';
import type { ResourceOf } from '../resource.ts';
import { Findings } from './findings.ts';
import { quoted } from './go-format.ts';
import { strictHeaderNameProblem } from './header-names.ts';
import { checkTargets } from './target-reference.ts';
import { durationProblem } from './value-checks.ts';

/** @source istio: pkg/config/validation/validation.go, ValidateRequestAuthentication */
export function checkRequestAuthentication({
  spec,
}: ResourceOf<'RequestAuthentication'>): Findings {
  const findings = checkTargets(spec);
  for (const [index, rule] of spec.jwtRules.entries()) {
    const path = ['spec', 'jwtRules', index];
    findings.add(checkJwtRule(rule, path));
    for (const key of privateKeys(rule.jwks))
      findings.warning(
        [...path, 'jwks'],
        `jwks key at index ${key} contains private key material; only public keys are used for verification`,
      );
  }
  return findings;
}

/** @source istio: the same file, validateJwtRule */
function checkJwtRule(rule: JwtRule, path: Path): Findings {
  const findings = new Findings();
  const each = (field: 'audiences' | 'fromParams' | 'fromCookies', text: string) => {
    for (const [index, value] of rule[field].entries())
      if (value === '') findings.listed([...path, field, index], text);
  };
  each('audiences', 'audience must be non-empty string');
  if (rule.issuer === '' && rule.jwksUri === '')
    findings.listed(path, 'issuer or jwksUri must be non-empty string');
  const uri = rule.jwksUri === '' ? undefined : jwksUriProblem(rule.jwksUri);
  if (uri !== undefined) findings.listed([...path, 'jwksUri'], uri);
  const jwks = rule.jwks === '' ? undefined : jwksProblem(rule.jwks);
  if (jwks !== undefined) findings.listed([...path, 'jwks'], `jwks parse error: ${jwks}`);
  for (const [index, { name }] of rule.fromHeaders.entries())
    if (name === '')
      findings.listed(
        [...path, 'fromHeaders', index],
        'location header name must be non-empty string',
      );
  each('fromParams', 'location query must be non-empty string');
  each('fromCookies', 'cookie name must be non-empty string');
  checkClaims(rule, path, findings);
  const timeout = rule.timeout === undefined ? undefined : durationProblem(rule.timeout);
  if (timeout !== undefined) findings.listed([...path, 'timeout'], timeout);
  return findings;
}

function checkClaims({ outputClaimToHeaders }: JwtRule, path: Path, findings: Findings): void {
  for (const [index, { claim, header }] of outputClaimToHeaders.entries()) {
    const at = [...path, 'outputClaimToHeaders', index];
    const problem =
      claim === '' || header === ''
        ? 'outputClaimToHeaders header and claim value must be non-empty string'
        : strictHeaderNameProblem(header);
    if (problem !== undefined) findings.listed(at, problem);
  }
}

/** @source istio: pkg/config/security/security.go, ParseJwksURI; go: src/net/url/url.go, Parse */
function jwksUriProblem(uri: string): string | undefined {
  const refused = (why: string) => `parse ${quoted(uri)}: ${why}`;
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is refused.
  if (/[\u0000-\u001f\u007f]/.test(uri))
    return refused('net/url: invalid control character in URL');
  if (uri.startsWith(':')) return refused('missing protocol scheme');
  const [, scheme = '', rest = uri] = /^([a-zA-Z][-+.a-zA-Z0-9]*):(.*)$/.exec(uri) ?? [];
  const firstSegment = rest.slice(0, rest.indexOf('/') < 0 ? rest.length : rest.indexOf('/'));
  if (scheme === '' && firstSegment.includes(':'))
    return refused('first path segment in URL cannot contain colon');
  const authority = /^\/\/([^/?#]*)/.exec(rest)?.[1] ?? '';
  const port = /:([^:\]]*)$/.exec(authority)?.[1] ?? '';
  if (!/^[0-9]*$/.test(port)) return refused(`invalid port ${quoted(`:${port}`)} after host`);
  const known = scheme.toLowerCase();
  return known === 'http' || known === 'https'
    ? undefined
    : `URI scheme ${quoted(known)} is not supported`;
}

/** @source github.com/lestrrat-go/jwx: jwk/jwk.go, Parse */
function jwksProblem(jwks: string): string | undefined {
  if (parsedJson(jwks) !== undefined) return undefined;
  const first = jwks.trimStart().charAt(0);
  const why =
    first === ''
      ? 'unexpected end of JSON input'
      : `invalid character '${first}' looking for beginning of value`;
  return `failed to unmarshal JWK set: ${why}`;
}

/** The indexes of the keys that only their owner should have. */
function privateKeys(jwks: string): readonly number[] {
  const parsed = parsedJson(jwks);
  if (typeof parsed !== 'object' || parsed === null) return [];
  const keys = 'keys' in parsed && Array.isArray(parsed.keys) ? parsed.keys : [parsed];
  return keys.flatMap((key: unknown, index) => {
    if (typeof key !== 'object' || key === null) return [];
    const isSymmetric = 'kty' in key && key.kty === 'oct';
    return isSymmetric || 'd' in key ? [index] : [];
  });
}

function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
