import { describe, expect, it } from 'vitest';
import type { InternalRedirectPolicy } from '#xds/route.ts';
import { HeaderMap } from '../http/header-map.ts';
import { HttpStats } from '../http/http-stats.ts';
import type { HttpRequest } from '../network.ts';
import { compileInternalRedirect, InternalRedirects } from './internal-redirect.ts';

const PREFIX = 'type.googleapis.com/envoy.extensions.internal_redirect';

function headersOf(lines: readonly (readonly [string, string])[]): HeaderMap {
  const headers = new HeaderMap();
  for (const [name, value] of lines) headers.add(name, value);
  return headers;
}

function requestOf(scheme = 'http', method = 'POST'): HttpRequest {
  const headers = headersOf([['x-token', 'old']]);
  return { method, path: '/old?a=1', authority: 'shop.test', scheme, headers, bodyBytes: 7 };
}

/** Follows one location after the other; gives the requests that came of it, and what was counted. */
function followed(
  xds: InternalRedirectPolicy,
  locations: readonly string[],
  { request = requestOf(), status = 302, hasRoute = true } = {},
) {
  const redirects = new InternalRedirects();
  const stats = new HttpStats();
  const policy = compileInternalRedirect(xds, () => {});
  const requests = locations.map((location) => {
    const headers = headersOf([
      ['location', location],
      ['x-token', 'new'],
    ]);
    const response = { status, headers, bodyBytes: 0, bodyText: '' };
    return redirects.follow(
      policy,
      request,
      response,
      'old',
      () => (hasRoute ? 'new' : undefined),
      stats,
    );
  });
  const counted = new Map<string, number>();
  stats.collect('', counted);
  return { requests, counted: Object.fromEntries(counted) };
}

describe('internal redirects', () => {
  it('make a request for the location, without its fragment, that names the URL before', () => {
    const [next] = followed({}, ['http://cart.test:8080/items?b=2#top']).requests;
    expect(next).toMatchObject({ method: 'POST', authority: 'cart.test:8080', bodyBytes: 7 });
    expect(next?.path).toBe('/items?b=2');
    expect(next?.headers.get('x-envoy-original-url')).toBe('http://shop.test/old?a=1');
    expect(next?.headers.get('x-token')).toBe('old');
  });

  it('take headers over from the answer, and drop those that it does not have', () => {
    const xds = { responseHeadersToCopy: ['X-Token', 'x-absent'] };
    const [next] = followed(xds, ['http://cart.test']).requests;
    expect(next?.path).toBe('/');
    expect(next?.headers.getAll('x-token')).toEqual(['new']);
  });

  it('make a GET without a body after 303', () => {
    const xds = { redirectResponseCodes: [303, 200] };
    const [next] = followed(xds, ['http://cart.test/'], { status: 303 }).requests;
    expect(next).toMatchObject({ method: 'GET', bodyBytes: 0 });
    expect([...compileInternalRedirect(xds, () => {}).statuses]).toEqual([303]);
  });

  it('are one at most unless the policy allows more', () => {
    const { requests, counted } = followed({}, ['http://a.test/', 'http://b.test/']);
    expect(requests.map((it) => it?.authority)).toEqual(['a.test', undefined]);
    expect(counted).toEqual({ passthrough_internal_redirect_too_many_redirects: 1 });
  });

  it('go to absolute URLs of the same scheme, and to routes that exist', () => {
    expect(followed({}, ['/relative']).counted).toEqual({
      passthrough_internal_redirect_bad_location: 1,
    });
    expect(followed({}, ['https://cart.test/']).counted).toEqual({
      passthrough_internal_redirect_unsafe_scheme: 1,
    });
    expect(followed({}, ['http://cart.test/'], { hasRoute: false }).counted).toEqual({
      passthrough_internal_redirect_no_route: 1,
    });
  });

  it('heed predicates: listed routes, routes not taken before, no step from http to https', () => {
    const refused = { passthrough_internal_redirect_predicate: 1 };
    const predicate = (type: string, rest: object = {}) => ({
      maxInternalRedirects: 9,
      allowCrossSchemeRedirect: true,
      predicates: [{ name: 'p', typedConfig: { '@type': `${PREFIX}.${type}`, ...rest } }],
    });
    const listed = predicate('allow_listed_routes.v3.AllowListedRoutesConfig', {
      allowedRouteNames: ['elsewhere'],
    });
    expect(followed(listed, ['http://a.test/']).counted).toEqual(refused);
    const previous = predicate('previous_routes.v3.PreviousRoutesConfig');
    expect(followed(previous, ['http://a.test/', 'http://b.test/']).counted).toEqual(refused);
    const safe = predicate('safe_cross_scheme.v3.SafeCrossSchemeConfig');
    expect(followed(safe, ['https://a.test/']).counted).toEqual(refused);
    const down = followed(safe, ['http://a.test/'], { request: requestOf('https') });
    expect(down.requests[0]?.scheme).toBe('http');
  });
});
