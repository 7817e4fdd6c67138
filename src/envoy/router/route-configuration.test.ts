import { describe, expect, it } from 'vitest';
import { parseUint64, uint64Of, ZERO_UINT64 } from '#kernel/uint64.ts';
import type { Route, RouteConfiguration, VirtualHost } from '#xds/route.ts';
import { HeaderMap } from '../http/header-map.ts';
import type { HttpRequest } from '../network.ts';
import '../re2.ts';
import {
  clusterNameOf,
  compileRouteConfiguration,
  explainRoutes,
  matchRoute,
  routeEntry,
  selectVirtualHost,
  virtualHostOf,
} from './route-configuration.ts';

const get = (path: string, headers: Record<string, string> = {}): HttpRequest => ({
  method: 'GET',
  path,
  authority: 'reviews:9080',
  scheme: 'http',
  headers: HeaderMap.of(Object.entries(headers)),
  bodyBytes: 0,
});

const configurationOf = (routes: readonly Route[], rest: Partial<RouteConfiguration> = {}) =>
  compileRouteConfiguration({
    name: '9080',
    virtualHosts: [{ name: 'reviews', domains: ['*'], routes }],
    ...rest,
  });

const hostsOf = (virtualHosts: readonly VirtualHost[], rest: Partial<RouteConfiguration> = {}) =>
  compileRouteConfiguration({ name: '80', virtualHosts, ...rest });

describe('choosing a virtual host', () => {
  const configuration = hostsOf([
    { name: 'any', domains: ['*'] },
    { name: 'exact', domains: ['A.example', 'a.example:8080'] },
    { name: 'suffix', domains: ['*.example'] },
    { name: 'longer suffix', domains: ['*-bar.example'] },
    { name: 'prefix', domains: ['foo.*'] },
  ]);

  it.each([
    ['a.example', 'exact'],
    ['A.EXAMPLE', 'exact'],
    ['a.example:8080', 'exact'],
    ['a.example:80', 'any'],
    ['b.example', 'suffix'],
    ['foo-bar.example', 'longer suffix'],
    ['-bar.example', 'suffix'],
    ['foo.org', 'prefix'],
    ['foo.', 'any'],
    ['.example', 'any'],
  ])('takes %s to "%s"', (authority, expected) => {
    expect(selectVirtualHost(configuration, authority)?.name).toBe(expected);
    expect(selectVirtualHost(configuration, authority)?.name).toBe(expected); // From memory.
  });

  it('has no second choice when the chosen one has no route for the request', () => {
    const chosen = selectVirtualHost(configuration, 'a.example')!;
    expect(matchRoute(chosen, get('/'), ZERO_UINT64)).toBeUndefined();
  });

  it('ignores ports only where the configuration says so', () => {
    const ignoring = hostsOf([{ name: 'v', domains: ['a'] }], { ignorePortInHostMatching: true });
    expect(selectVirtualHost(ignoring, 'a:9080')?.name).toBe('v');
    expect(selectVirtualHost(ignoring, '[::1]:80')).toBeUndefined();
  });

  it('looks at the header that the configuration names instead of Host', () => {
    const byHeader = hostsOf([{ name: 'v', domains: ['b.*'] }], { vhostHeader: 'X-Host' });
    expect(virtualHostOf(byHeader, get('/', { 'x-host': 'b.example' }))?.name).toBe('v');
    expect(virtualHostOf(byHeader, get('/'))).toBeUndefined();
  });

  it('reports a domain that two virtual hosts claim', () => {
    const { problems } = hostsOf([
      { name: 'v', domains: ['a'] },
      { name: 'w', domains: ['A'] },
    ]);
    expect(problems).toEqual([
      'virtual host w: Only unique values for domains are permitted. Duplicate entry of domain a',
    ]);
  });
});

describe('matching routes', () => {
  it('takes the first whose conditions all hold', () => {
    const [virtualHost] = configurationOf([
      {
        name: 'jason',
        match: { prefix: '/', headers: [{ name: 'end-user', stringMatch: { exact: 'jason' } }] },
        route: { cluster: 'v2' },
      },
      { name: 'rest', match: { prefix: '/' }, route: { cluster: 'v1' } },
    ]).virtualHosts;
    const route = (headers: Record<string, string>) =>
      matchRoute(virtualHost!, get('/reviews/1?x=1', headers), ZERO_UINT64)?.name;
    expect(route({ 'end-user': 'jason' })).toBe('jason');
    expect(route({ 'end-user': 'json' })).toBe('rest');
    expect(route({})).toBe('rest');
  });

  it('tests a runtime fraction with the random of the stream', () => {
    const match = { prefix: '/', runtimeFraction: { defaultValue: { numerator: 25 } } };
    const [virtualHost] = configurationOf([{ match, route: { cluster: 'c' } }]).virtualHosts;
    const matches = (random: number) =>
      matchRoute(virtualHost!, get('/'), uint64Of(random)) !== undefined;
    expect([24, 25, 124, 125].map(matches)).toEqual([true, false, true, false]);
  });

  it('tells why each route before the match was passed over', () => {
    const [virtualHost] = configurationOf([
      { name: 'a', match: { path: '/a' }, route: { cluster: 'c' } },
      { name: 'b', match: { safeRegex: { regex: '/b[0-9]' } }, route: { cluster: 'c' } },
      {
        name: 'c',
        match: {
          prefix: '/',
          headers: [{ name: 'x-v', stringMatch: { prefix: '2' } }, { name: 'x-w' }],
        },
        route: { cluster: 'c' },
      },
      {
        name: 'd',
        match: { prefix: '/', queryParameters: [{ name: 'q', stringMatch: { exact: '1' } }] },
        route: { cluster: 'c' },
      },
      { name: 'e', match: { prefix: '/' }, route: { cluster: 'c' } },
      { name: 'f', match: { prefix: '/' }, route: { cluster: 'c' } },
    ]).virtualHosts;
    const trials = explainRoutes(virtualHost!, get('/x?q=2', { 'x-v': '1.0' }), ZERO_UINT64);
    expect(
      trials.map(({ route, failed }) => `${route.name}: ${failed?.text ?? 'matches'}`),
    ).toEqual([
      'a: path "/x" is not "/a"',
      'b: path "/x" does not match the regular expression "/b[0-9]"',
      'c: header x-v is "1.0", and must start with "2"',
      'd: query parameter q is "2", and must equal "1"',
      'e: matches',
    ]);
  });

  it('reports an expression that RE2 does not know, and goes on without it', () => {
    const configuration = configurationOf([
      { match: { safeRegex: { regex: '(?=x)' } }, route: { cluster: 'c' } },
      { name: 'rest', match: { prefix: '/' }, route: { cluster: 'c' } },
    ]);
    expect(configuration.problems).toEqual([
      'virtual host reviews: invalid regular expression: (?=x)',
    ]);
    expect(matchRoute(configuration.virtualHosts[0]!, get('/x'), ZERO_UINT64)?.name).toBe('rest');
  });

  it('sends a request without TLS to https where TLS is required', () => {
    const requiring = (requireTls: 'ALL' | 'EXTERNAL_ONLY') =>
      hostsOf([
        {
          name: 'v',
          domains: ['*'],
          requireTls,
          responseHeadersToAdd: [{ header: { key: 'x-a', value: '1' } }],
          routes: [{ name: 'r', match: { prefix: '/' }, route: { cluster: 'c' } }],
        },
      ]).virtualHosts[0]!;
    const kind = (
      virtualHost: ReturnType<typeof requiring>,
      headers: Record<string, string> = {},
    ) => matchRoute(virtualHost, get('/', headers), ZERO_UINT64)!.action.kind;
    expect(kind(requiring('ALL'))).toBe('redirect');
    expect(kind(requiring('ALL'), { 'x-forwarded-proto': 'https' })).toBe('forward');
    expect(kind(requiring('EXTERNAL_ONLY'), { 'x-envoy-internal': 'true' })).toBe('forward');
    const [trial] = explainRoutes(requiring('EXTERNAL_ONLY'), get('/'), ZERO_UINT64);
    expect(trial!.route.action.kind).toBe('redirect');
    expect(trial!.route.entries[0]!.responseHeaders).toBeUndefined();
  });

  it('never takes a route whose conditions are not simulated, and says so', () => {
    const configuration = configurationOf([
      { match: { prefix: '/', tlsContext: { presented: true } }, route: { cluster: 'c' } },
    ]);
    expect(configuration.problems).toHaveLength(1);
    const [virtualHost] = configuration.virtualHosts;
    expect(matchRoute(virtualHost!, get('/'), ZERO_UINT64)).toBeUndefined();
    expect(explainRoutes(virtualHost!, get('/'), ZERO_UINT64)[0]?.failed?.kind).toBe('unsupported');
  });

  it('is compiled once per object', () => {
    const xds: RouteConfiguration = { name: 'x', virtualHosts: [] };
    expect(compileRouteConfiguration(xds)).toBe(compileRouteConfiguration(xds));
  });
});

describe('what a route says of a request', () => {
  const action = (route: Route['route'], virtualHost: Partial<VirtualHost> = {}) => {
    const configuration = hostsOf([
      {
        name: 'v',
        domains: ['*'],
        ...virtualHost,
        routes: [{ match: { prefix: '/' }, route: route! }],
      },
    ]);
    const entry = configuration.virtualHosts[0]!.routes[0]!.entries[0]!;
    return { entry, forward: entry.forward! };
  };

  it('has a timeout of 15 s where none is written, and none where it is 0', () => {
    expect(action({ cluster: 'c' }).forward.timeoutNs).toBe(15e9);
    expect(action({ cluster: 'c', timeout: '0s' }).forward.timeoutNs).toBe(0);
    expect(action({ cluster: 'c', timeout: '0.0015s' }).forward.timeoutNs).toBe(1e6);
  });

  it("takes the route's retry policy and mirrors whole, else its virtual host's", () => {
    const general = {
      retryPolicy: { retryOn: '5xx', numRetries: 5 },
      requestMirrorPolicies: [{ cluster: 'm' }],
    };
    expect(action({ cluster: 'c' }, general).forward.retryPolicy?.numRetries).toBe(5);
    expect(action({ cluster: 'c' }, general).forward.mirrorPolicies).toHaveLength(1);
    const own = { cluster: 'c', retryPolicy: { retryOn: 'reset' } };
    expect(action(own, general).forward.retryPolicy?.numRetries).toBe(1);
  });

  it('names the cluster by a header, or none when the header is missing', () => {
    const { entry } = action({ clusterHeader: 'X-Cluster' });
    expect(clusterNameOf(entry, get('/', { 'x-cluster': 'b' }))).toBe('b');
    expect(clusterNameOf(entry, get('/'))).toBe('');
  });

  it('merges subset criteria of a weighted cluster over those of the route', () => {
    const lb = (values: Record<string, string>) => ({ filterMetadata: { 'envoy.lb': values } });
    const { entry } = action({
      metadataMatch: lb({ version: 'v1', stage: 'prod' }),
      weightedClusters: {
        clusters: [{ name: 'c', weight: 1, metadataMatch: lb({ version: 'v2' }) }],
      },
    });
    expect(entry.metadataMatch).toEqual(lb({ version: 'v2', stage: 'prod' }));
  });

  it('picks a weighted cluster by the interval that the random falls into', () => {
    const { entry } = action({
      weightedClusters: {
        clusters: [
          { name: 'v1', weight: 90 },
          { name: 'v2', weight: 0 },
          { name: 'v3', weight: 10 },
        ],
      },
    });
    const pick = (random: string) =>
      routeEntry(entry.route, get('/'), parseUint64(random)!, undefined).clusterName;
    expect(['0', '89', '90', '99', '100', '18446744073709551615'].map(pick)).toEqual(
      ['v1', 'v1', 'v3', 'v3', 'v1', 'v1'], // 2⁶⁴ − 1 mod 100 is 15.
    );
  });

  it('lets the most specific filter configuration win as a whole', () => {
    const fault = (httpStatus: number) => ({
      'envoy.filters.http.fault': {
        '@type': 'type.googleapis.com/envoy.extensions.filters.http.fault.v3.HTTPFault',
        abort: { httpStatus, percentage: { numerator: 100 } },
      },
    });
    const configuration = hostsOf([
      {
        name: 'v',
        domains: ['*'],
        typedPerFilterConfig: fault(500),
        routes: [
          { match: { path: '/a' }, route: { cluster: 'c' }, typedPerFilterConfig: fault(501) },
          { match: { prefix: '/' }, route: { cluster: 'c' } },
        ],
      },
    ]);
    const [a, rest] = configuration.virtualHosts[0]!.routes;
    expect(a!.entries[0]!.fault?.abort?.httpStatus).toBe(501);
    expect(rest!.entries[0]!.fault?.abort?.httpStatus).toBe(500);
  });
});
