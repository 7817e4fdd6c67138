import { describe, expect, it } from 'vitest';
import type { RedirectAction, RouteMatch } from '#xds/route.ts';
import { HeaderMap } from '../http/header-map.ts';
import '../re2.ts';
import { PathCondition } from './path-condition.ts';
import { compileRedirect, directResponseLocation, redirectLocation } from './redirect.ts';

function location(
  redirect: RedirectAction,
  authority = 'a.example',
  path = '/old/x?q=1',
  match: RouteMatch = { prefix: '/old' },
): string {
  const condition = new PathCondition(match, false, () => {});
  const request = {
    method: 'GET',
    path,
    authority,
    scheme: 'http',
    headers: new HeaderMap(),
    bodyBytes: 0,
  };
  return redirectLocation(
    compileRedirect(redirect, () => {}),
    condition,
    request,
  );
}

describe('the location of a redirect', () => {
  it('drops the default port of the scheme it leaves, and only that', () => {
    expect(location({ httpsRedirect: true }, 'a:80')).toBe('https://a/old/x?q=1');
    expect(location({ httpsRedirect: true }, 'a:8080')).toBe('https://a:8080/old/x?q=1');
    expect(location({}, 'a:80')).toBe('http://a:80/old/x?q=1');
    expect(location({ httpsRedirect: true }, '[::1]:80')).toBe('https://[::1]/old/x?q=1');
  });

  it('replaces the port', () => {
    expect(location({ portRedirect: 8443 }, 'a:80')).toBe('http://a:8443/old/x?q=1');
    expect(location({ hostRedirect: 'b', portRedirect: 81 })).toBe('http://b:81/old/x?q=1');
  });

  it('rewrites the matched prefix, or by expression, and keeps the query unless told', () => {
    expect(location({ prefixRewrite: '/new' })).toBe('http://a.example/new/x?q=1');
    expect(location({ prefixRewrite: '/new', stripQuery: true })).toBe('http://a.example/new/x');
    const regexRewrite = { pattern: { regex: '/(\\w+)$' }, substitution: '/\\1/\\1' };
    expect(location({ regexRewrite })).toBe('http://a.example/old/x/x?q=1');
  });

  it("prefers the new path's own query, and puts a slash before a path that lacks it", () => {
    expect(location({ pathRedirect: '/n?z=2', stripQuery: true })).toBe('http://a.example/n?z=2');
    expect(location({ pathRedirect: 'n' })).toBe('http://a.example/n?q=1');
  });

  it('answers 301 unless another code is asked for', () => {
    expect(compileRedirect({}, () => {}).status).toBe(301);
    expect(compileRedirect({ responseCode: 'PERMANENT_REDIRECT' }, () => {}).status).toBe(308);
  });

  it('is the URL that was asked for when a direct response says 201 or 3xx', () => {
    const request = {
      method: 'GET',
      path: '/a?b',
      authority: 'h',
      scheme: 'http',
      headers: new HeaderMap(),
      bodyBytes: 0,
    };
    expect(directResponseLocation(201, request)).toBe('http://h/a?b');
    expect(directResponseLocation(308, request)).toBe('http://h/a?b');
    expect(directResponseLocation(200, request)).toBeUndefined();
  });
});
