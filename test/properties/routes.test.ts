import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { requestContext } from '#envoy/access-log/format-context.ts';
import { HeaderMap } from '#envoy/http/header-map.ts';
import { finalizeRequest } from '#envoy/router/finalize-request.ts';
import {
  compileRouteConfiguration,
  explainRoutes,
  matchRoute,
  routeEntry,
  selectVirtualHost,
} from '#envoy/router/route-configuration.ts';
import { uint64Of } from '#kernel/uint64.ts';
import { readRouteConfiguration } from '#xds/read.ts';
import '#envoy/re2.ts';

const text = fc.constantFrom(
  '/',
  '/a',
  '/a/b',
  '/A',
  'a',
  '',
  '*',
  'x-a',
  '[0-9]+',
  '(',
  '%',
  '%REQ(x-a)%',
);
const stringMatch = fc.record(
  { exact: text, prefix: text, safe_regex: fc.record({ regex: text }), ignore_case: fc.boolean() },
  { requiredKeys: [] },
);
const header = fc.record(
  {
    name: fc.constantFrom('x-a', ':path', 'host', ':method'),
    string_match: stringMatch,
    range_match: fc.record({ start: fc.integer(), end: fc.integer() }),
    present_match: fc.boolean(),
    invert_match: fc.boolean(),
    treat_missing_header_as_empty: fc.boolean(),
  },
  { requiredKeys: ['name'] },
);
const match = fc.record(
  {
    prefix: text,
    path: text,
    safe_regex: fc.record({ regex: text }),
    path_separated_prefix: text,
    case_sensitive: fc.boolean(),
    headers: fc.array(header, { maxLength: 2 }),
    query_parameters: fc.array(fc.record({ name: text, string_match: stringMatch }), {
      maxLength: 1,
    }),
    runtime_fraction: fc.record({ default_value: fc.record({ numerator: fc.nat(100) }) }),
  },
  { requiredKeys: [] },
);
const mutations = {
  request_headers_to_add: fc.array(
    fc.record({ header: fc.record({ key: fc.constantFrom('x-a', 'x-b', 'Host'), value: text }) }),
    { maxLength: 2 },
  ),
  request_headers_to_remove: fc.array(fc.constantFrom('x-a', 'x-b'), { maxLength: 1 }),
};
const action = fc.record(
  {
    cluster: text,
    cluster_header: text,
    weighted_clusters: fc.record({
      clusters: fc.array(fc.record({ name: text, weight: fc.nat(4) }), { maxLength: 3 }),
      header_name: fc.constant('x-a'),
    }),
    prefix_rewrite: text,
    regex_rewrite: fc.record({ pattern: fc.record({ regex: text }), substitution: text }),
    host_rewrite_literal: text,
    retry_policy: fc.record({ retry_on: fc.constantFrom('5xx', 'reset,nonsense', '') }),
    timeout: fc.constantFrom('0s', '1.5s', 'soon'),
  },
  { requiredKeys: [] },
);
const route = fc.record(
  {
    ...mutations,
    match,
    route: action,
    redirect: fc.record({ path_redirect: text }, { requiredKeys: [] }),
  },
  { requiredKeys: ['match'] },
);
const configuration = fc.record({
  virtual_hosts: fc.array(
    fc.record({
      name: text,
      domains: fc.array(fc.constantFrom('a', '*.a', 'b.*', '*', 'A'), { maxLength: 3 }),
      routes: fc.array(route, { maxLength: 4 }),
    }),
    { maxLength: 3 },
  ),
});
const request = fc
  .record({
    path: fc.constantFrom('/', '/a', '/a/b?x=1', '/A?/a=', '/12', '?', ''),
    authority: fc.constantFrom('a', 'x.a', 'b.x', 'c:80', ''),
    headers: fc.array(fc.tuple(fc.constantFrom('x-a', 'x-b'), text), { maxLength: 3 }),
  })
  .map(({ path, authority, headers }) => ({
    method: 'GET',
    path,
    authority,
    scheme: 'http',
    headers: HeaderMap.of(headers),
    bodyBytes: 0,
  }));

const holds = <T extends [unknown, ...unknown[]]>(
  arbitraries: { [K in keyof T]: fc.Arbitrary<T[K]> },
  law: (...values: T) => void,
) => fc.assert(fc.property(...arbitraries, law), { seed: 7, numRuns: 1500 });

describe('any route configuration', () => {
  it('is compiled, matched and explained without a throw, and the explanation ends in the match', () => {
    holds([configuration, request, fc.nat()], (json, asked, random) => {
      const { value } = readRouteConfiguration(json);
      const compiled = compileRouteConfiguration(value!);
      const virtualHost = selectVirtualHost(compiled, asked.authority);
      if (virtualHost === undefined) return;
      const matched = matchRoute(virtualHost, asked, uint64Of(random));
      const trials = explainRoutes(virtualHost, asked, uint64Of(random));
      const last = trials.at(-1);
      expect(last?.failed === undefined ? last?.route : undefined).toBe(matched);
      expect(trials.slice(0, -1).every(({ failed }) => failed !== undefined)).toBe(true);
      if (matched === undefined) return;
      const entry = routeEntry(matched, asked, uint64Of(random), undefined);
      const size = asked.headers.size;
      expect(typeof finalizeRequest(entry, asked, requestContext(asked)).path).toBe('string');
      expect(asked.headers.size).toBe(size); // What was asked is never changed.
    });
  });
});

describe('weighted clusters', () => {
  it('get exactly their weight of any run of randoms as long as the sum of weights', () => {
    const weights = fc.array(fc.nat(50), { minLength: 1, maxLength: 5 });
    holds([weights, fc.nat(2 ** 40)], (all, first) => {
      const total = all.reduce((sum, weight) => sum + weight, 0);
      if (total === 0) return;
      const clusters = all.map((weight, index) => ({ name: `c${index}`, weight }));
      const { virtualHosts } = compileRouteConfiguration({
        name: 'r',
        virtualHosts: [
          {
            name: 'v',
            domains: ['*'],
            routes: [{ match: { prefix: '/' }, route: { weightedClusters: { clusters } } }],
          },
        ],
      });
      const counts = all.map(() => 0);
      const any = {
        method: 'GET',
        path: '/',
        authority: 'a',
        scheme: 'http',
        headers: new HeaderMap(),
        bodyBytes: 0,
      };
      for (let step = 0; step < total; step++) {
        const entry = routeEntry(
          virtualHosts[0]!.routes[0]!,
          any,
          uint64Of(first + step),
          undefined,
        );
        counts[entry.index]!++;
      }
      expect(counts).toEqual(all);
    });
  });
});
