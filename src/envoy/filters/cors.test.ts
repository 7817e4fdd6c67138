import { describe, expect, it } from 'vitest';
import type { CorsPolicy } from '#xds/route.ts';
import { HeaderMap } from '../http/header-map.ts';
import { addCorsHeaders, compileCors, corsStep } from './cors.ts';

const policyOf = (fields: Omit<CorsPolicy, '@type'> = {}) =>
  compileCors(
    [
      { '@type': 'cors', ...fields },
      {
        '@type': 'cors',
        allowOriginStringMatch: [{ exact: 'https://a.example' }],
        allowMethods: 'GET,POST',
        maxAge: '86400',
        allowCredentials: true,
        exposeHeaders: 'x-a',
      },
    ],
    () => {},
  )!;

const step = (
  policy: ReturnType<typeof policyOf>,
  method: string,
  headers: Record<string, string>,
) =>
  corsStep(policy, {
    method,
    path: '/',
    authority: 'b',
    scheme: 'https',
    headers: HeaderMap.of(Object.entries(headers)),
    bodyBytes: 0,
  });

const preflight = { origin: 'https://a.example', 'access-control-request-method': 'POST' };

describe('a CORS policy', () => {
  it('answers a preflight of an origin that it knows', () => {
    const answer = step(policyOf(), 'OPTIONS', preflight);
    expect(answer).toEqual({
      kind: 'reply',
      headers: [
        ['access-control-allow-origin', 'https://a.example'],
        ['access-control-allow-credentials', 'true'],
        ['access-control-allow-methods', 'GET,POST'],
        ['access-control-max-age', '86400'],
        ['access-control-expose-headers', 'x-a'],
      ],
    });
  });

  it('takes each field from the most specific level that has it', () => {
    const answer = step(
      policyOf({ maxAge: '1', allowMethods: '*', allowHeaders: '*', exposeHeaders: '' }),
      'OPTIONS',
      preflight,
    );
    expect(answer).toMatchObject({
      headers: [
        ['access-control-allow-origin', 'https://a.example'],
        ['access-control-allow-credentials', 'true'],
        ['access-control-allow-methods', 'POST'],
        ['access-control-allow-headers', ''],
        ['access-control-max-age', '1'],
        ['access-control-expose-headers', 'x-a'],
      ],
    });
  });

  it('passes on a preflight of another origin, or answers it without that origin where told to', () => {
    const other = { ...preflight, origin: 'https://b.example' };
    expect(step(policyOf(), 'OPTIONS', other).kind).toBe('continue');
    const strict = policyOf({ forwardNotMatchingPreflights: false });
    const answer = step(strict, 'OPTIONS', other);
    expect(answer.kind === 'reply' && answer.headers.map(([name]) => name)).toEqual([
      'access-control-allow-credentials',
      'access-control-allow-methods',
      'access-control-max-age',
    ]);
  });

  it('marks the response to a request of a known origin, and leaves others alone', () => {
    const policy = policyOf();
    expect(step(policy, 'GET', { origin: 'https://a.example' })).toEqual({
      kind: 'allow',
      origin: 'https://a.example',
    });
    expect(step(policy, 'GET', {}).kind).toBe('continue');
    expect(step(policy, 'OPTIONS', { origin: 'https://a.example' }).kind).toBe('allow');
    const headers = new HeaderMap();
    addCorsHeaders(policy, 'https://a.example', headers);
    expect(headers.names).toEqual([
      'access-control-allow-origin',
      'access-control-allow-credentials',
      'access-control-expose-headers',
    ]);
  });

  it('does nothing where it is switched off', () => {
    const off = policyOf({ filterEnabled: { defaultValue: { numerator: 0 } } });
    expect(step(off, 'OPTIONS', preflight).kind).toBe('continue');
  });
});
