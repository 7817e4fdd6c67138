import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { analyzeAll } from '#config/analysis/analyze.ts';
import { loadText } from '#config/loader.ts';
import { storeOf } from '#config/resource-store.ts';
import { HeaderMap } from '#envoy/http/header-map.ts';
import {
  compileRouteConfiguration,
  explainRoutes,
  selectVirtualHost,
} from '#envoy/router/route-configuration.ts';
import { configOf } from '#istiod/test-mesh.ts';
import { ZERO_UINT64 } from '#kernel/uint64.ts';

/** Conditions whose every outcome the requests below have: what none of them reaches, nobody does. */
const PATHS = '/ /a /a/ /a/b /A /A/ /A/B /a/bc /A/BC /ab /c /C /c/d /C/d /zz'.split(' ');
const VALUES = ['u', 'ux', 'uv', 'uvx', 'w', 'zz'];

const uri = fc.oneof(
  fc.constantFrom('/', '/a', '/a/', '/a/b', '/c').map((prefix) => ({ prefix })),
  fc.constantFrom('/', '/a', '/a/b', '/A', '/c').map((exact) => ({ exact })),
);
const value = fc.oneof(
  fc.constantFrom('u', 'uv', 'w').map((exact) => ({ exact })),
  fc.constantFrom('u', 'uv').map((prefix) => ({ prefix })),
  fc.constant({}),
);
const match = fc.record(
  {
    uri,
    ignoreUriCase: fc.boolean(),
    headers: fc.dictionary(fc.constantFrom('x-a', 'x-b'), value, { maxKeys: 2 }),
    method: fc.constantFrom({ exact: 'GET' }, { exact: 'POST' }),
  },
  { requiredKeys: [] },
);
const rules = fc.array(fc.array(match, { maxLength: 3 }), { minLength: 1, maxLength: 5 });

type Rules = readonly (readonly object[])[];

const SERVICE = {
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 'web', namespace: 'ns' },
  spec: { clusterIP: '10.0.0.1', ports: [{ name: 'http', port: 80 }] },
};

/** Each match answers with a status of its own: `200 + 20 * rule + match`. */
function manifests(all: Rules): string {
  const http = all.map((matches, rule) => ({
    match: matches.map((one, index) => ({ ...one, name: `${rule}.${index}` })),
    directResponse: { status: 418 },
    name: `${rule}`,
  }));
  const service = {
    apiVersion: 'networking.istio.io/v1',
    kind: 'VirtualService',
    metadata: { name: 'vs', namespace: 'ns' },
    spec: {
      hosts: ['web'],
      http: http.map((it) => (it.match.length > 0 ? it : { ...it, match: undefined })),
    },
  };
  return [SERVICE, service].map((it) => JSON.stringify(it)).join('\n---\n');
}

/** `rule` or `rule.match` of everything that some request reaches. */
function reached(text: string): ReadonlySet<string> {
  const route = configOf(text).routes.find(({ name }) => name === '80');
  const virtualHost = selectVirtualHost(compileRouteConfiguration(route!), 'web');
  const found = new Set<string>();
  for (const path of PATHS)
    for (const method of ['GET', 'POST', 'PUT'])
      for (const a of [undefined, ...VALUES])
        for (const b of [undefined, ...VALUES]) {
          const headers = [
            ['x-a', a],
            ['x-b', b],
          ].flatMap(([name, held]) => (held === undefined ? [] : [[name!, held] as const]));
          const request = {
            method,
            path,
            authority: 'web',
            scheme: 'http',
            headers: HeaderMap.of(headers),
            bodyBytes: 0,
          };
          const last = explainRoutes(virtualHost!, request, ZERO_UINT64).at(-1);
          if (last?.failed === undefined) found.add(last?.route.xds.name ?? '');
        }
  return found;
}

/** What `analyze` says that nobody reaches: rules, and matches of rules. */
function reported(text: string): {
  readonly rules: ReadonlySet<number>;
  readonly matches: ReadonlySet<string>;
} {
  const store = storeOf(loadText('m.yaml', text).resources, []);
  const ofRules = new Set<number>();
  const ofMatches = new Set<string>();
  for (const { code, message } of analyzeAll(store, { mode: 'cluster' })) {
    const rule = /VirtualService rule "(\d+)"/.exec(message)?.[1];
    const one = /match "(\d+\.\d+)"/.exec(message)?.[1];
    if (code === 'IST0130' && rule !== undefined) ofRules.add(Number(rule));
    if (code === 'IST0131' && one !== undefined) ofMatches.add(one);
    const [, hidden, part] =
      /^No request reaches http\[(\d+)\](?:\.match\[(\d+)\])?:/.exec(message) ?? [];
    if (hidden !== undefined && part === undefined) ofRules.add(Number(hidden));
    if (part !== undefined) ofMatches.add(`${hidden}.${part}`);
  }
  return { rules: ofRules, matches: ofMatches };
}

function unsaid(all: Rules): readonly string[] {
  const text = manifests(all);
  const seen = reached(text);
  const said = reported(text);
  return all.flatMap((matches, rule) => {
    if (said.rules.has(rule)) return [];
    if (matches.length === 0) return seen.has(`${rule}`) ? [] : [`rule ${rule}`];
    return matches.flatMap((_, index) => {
      const isReached = seen.has(`${rule}.${rule}.${index}`);
      return isReached || said.matches.has(`${rule}.${index}`) ? [] : [`match ${rule}.${index}`];
    });
  });
}

describe('routes that nobody reaches', () => {
  it('are named by analyze, whatever exact, prefix and header matches hide them', () => {
    fc.assert(
      fc.property(rules, (all) => {
        expect(unsaid(all)).toEqual([]);
      }),
      { seed: 11, numRuns: 60 },
    );
  });
});
