import { describe, expect, it } from 'vitest';
import type { Route, RouteAction } from '#xds/route.ts';
import { requestContext } from '../access-log/format-context.ts';
import { HeaderMap } from '../http/header-map.ts';
import type { HttpRequest } from '../network.ts';
import '../re2.ts';
import { finalizeRequest } from './finalize-request.ts';
import { compileRouteConfiguration } from './route-configuration.ts';

const request: HttpRequest = {
  method: 'GET',
  path: '/old/7?x=1',
  authority: 'old.example:80',
  scheme: 'http',
  headers: HeaderMap.of([['x-user', 'alice']]),
  bodyBytes: 3,
};

function entryOf(route: Partial<Route>) {
  const { virtualHosts } = compileRouteConfiguration({
    name: 'r',
    virtualHosts: [
      {
        name: 'v',
        domains: ['*'],
        routes: [{ match: { prefix: '/old' }, route: { cluster: 'c' }, ...route }],
      },
    ],
  });
  return virtualHosts[0]!.routes[0]!.entries[0]!;
}

const sent = (route: Partial<Route>) =>
  finalizeRequest(entryOf(route), request, requestContext(request));
const forwarded = (action: RouteAction) => sent({ route: action });

describe('the request that goes upstream', () => {
  it('is the same object when the route changes nothing, and one object per request otherwise', () => {
    expect(sent({})).toBe(request);
    const entry = entryOf({ route: { cluster: 'c', prefixRewrite: '/new' } });
    const context = requestContext(request);
    expect(finalizeRequest(entry, request, context)).toBe(finalizeRequest(entry, request, context));
    expect(request.path).toBe('/old/7?x=1');
  });

  it('keeps its old path in a header when it is rewritten', () => {
    const { path, headers } = forwarded({ cluster: 'c', prefixRewrite: '/new' });
    expect(path).toBe('/new/7?x=1');
    expect(headers.get('x-envoy-original-path')).toBe('/old/7?x=1');
  });

  it('keeps its old host in a header when it is rewritten', () => {
    const { authority, headers } = forwarded({
      cluster: 'c',
      hostRewriteLiteral: 'new.example',
      appendXForwardedHost: true,
    });
    expect(authority).toBe('new.example');
    expect(headers.get('x-envoy-original-host')).toBe('old.example:80');
    expect(headers.get('x-forwarded-host')).toBe('old.example:80');
  });

  it.each<[string, RouteAction, string]>([
    ['a header', { hostRewriteHeader: 'X-User' }, 'alice'],
    ['an absent header', { hostRewriteHeader: 'x-none' }, 'old.example:80'],
    [
      'the path',
      { hostRewritePathRegex: { pattern: { regex: '^/(\\w+)/.*$' }, substitution: '\\1.example' } },
      'old.example',
    ],
  ])('takes its host from %s', (_, action, expected) => {
    expect(forwarded({ cluster: 'c', ...action }).authority).toBe(expected);
  });

  it('lets the route override the host of its weighted cluster', () => {
    const clusters = [{ name: 'c', weight: 1, hostRewriteLiteral: 'weighted' }];
    expect(forwarded({ weightedClusters: { clusters } }).authority).toBe('weighted');
    const both = forwarded({ weightedClusters: { clusters }, hostRewriteLiteral: 'route' });
    expect(both.authority).toBe('route');
    expect(both.headers.get('x-envoy-original-host')).toBe('weighted');
  });

  it('evaluates what it adds against the request without the removed headers', () => {
    const { headers } = sent({
      requestHeadersToRemove: ['X-User'],
      requestHeadersToAdd: [
        { header: { key: 'x-copy', value: '%REQ(x-user)%' } },
        { header: { key: 'x-path', value: '%REQ(:PATH)% %REQ(x-none?:method):2%' } },
        { header: { key: 'x-empty' }, keepEmptyValue: true },
      ],
    });
    expect(headers.names).toEqual(['x-path', 'x-empty']);
    expect(headers.values).toEqual(['/old/7?x=1 GE', '']);
  });
});
