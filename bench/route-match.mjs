// What finding a request's route costs, in ns and bytes: the first of many virtual hosts, routes that miss before the
// one that matches, a condition on a header, an expression, weighted clusters.
// Usage: npm run build && node --expose-gc bench/route-match.mjs [VIRTUAL_HOSTS]

import { HeaderMap } from '../dist/modules/envoy/http/header-map.js';
import '../dist/modules/envoy/re2.js';
import {
  compileRouteConfiguration,
  matchRoute,
  routeEntry,
  selectVirtualHost,
} from '../dist/modules/envoy/router/route-configuration.js';
import { printMeasured } from './measured-loop.mjs';

const hostCount = Number(process.argv[2] ?? 1000);
const finds = 1e6;
const random = { high: 1, low: 2 };
const to = (match, action = { cluster: 'c' }) => ({ match, route: action });
const any = to({ prefix: '/' });
const missing = Array.from({ length: 10 }, (_, index) => to({ prefix: `/other-${index}/` }));
const jason = to({
  prefix: '/',
  headers: [{ name: 'end-user', stringMatch: { exact: 'jason' } }],
});
const split = to(
  { prefix: '/' },
  {
    weightedClusters: {
      clusters: [
        { name: 'v1', weight: 90 },
        { name: 'v2', weight: 10 },
      ],
    },
  },
);

const CASES = [
  ['one prefix', [any]],
  ['ten prefixes that miss, then one', [...missing, any]],
  ['a header that misses, then a prefix', [jason, any]],
  ['an expression', [to({ safeRegex: { regex: '/items/[0-9]+' } })]],
  ['weighted clusters', [split]],
];

for (const [what, routes] of CASES) {
  const configuration = compileRouteConfiguration({
    name: 'bench',
    virtualHosts: Array.from({ length: hostCount }, (_, index) => ({
      name: `svc-${index}`,
      domains: [`svc-${index}.shop.svc.cluster.local`, `svc-${index}.shop`, `svc-${index}`],
      routes,
    })),
  });
  const requests = Array.from({ length: 64 }, (_, index) => ({
    method: 'GET',
    path: `/items/${index}?page=1`,
    authority: `svc-${index % hostCount}.shop`,
    scheme: 'http',
    headers: HeaderMap.of([
      ['user-agent', 'bench'],
      ['accept', '*/*'],
      ['x-request-id', String(index)],
    ]),
    bodyBytes: 0,
  }));
  const run = (count) => {
    for (let index = 0; index < count; index++) {
      const request = requests[index & 63];
      const virtualHost = selectVirtualHost(configuration, request.authority);
      routeEntry(matchRoute(virtualHost, request, random), request, random, undefined);
    }
  };
  printMeasured(what, 40, finds, run);
}
