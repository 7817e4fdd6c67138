import { describe, expect, it } from 'vitest';
import { modelOf } from '../test-mesh.ts';

function routesOf(manifests: string) {
  return modelOf(manifests).virtualServices.all[0]!.spec.http;
}

const ROOT = `
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: root, namespace: ns}
spec:
  hosts: [b]
  http:
`;

function delegate(http: string, metadata = 'name: d, namespace: ns', extra = ''): string {
  return `
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {${metadata}}
spec: {http: ${http}${extra}}
`;
}

describe("a delegate's routes", () => {
  it('stand in place of the root route, under its conditions', () => {
    const routes = routesOf(
      `${ROOT}
  - {name: R, match: [{uri: {prefix: /a}}], timeout: 5s, delegate: {name: d}}
  - {match: [{uri: {prefix: /c}}], delegate: {name: missing}}` +
        delegate(`[
          {name: D1, match: [{uri: {prefix: /a/1}}], route: [{destination: {host: b}}]},
          {name: D2, match: [{uri: {prefix: /b}}], route: [{destination: {host: b}}]},
          {name: D3, timeout: 7s, route: [{destination: {host: b}}]}]`),
    );
    const seen = routes.map(({ name, match, timeout }) => [name, match[0]!.uri!.prefix, timeout]);
    expect(seen).toEqual([
      ['R-D1', '/a/1', 5_000_000_000],
      ['R-D3', '/a', 7_000_000_000],
    ]);
  });

  it('name their hosts from their own namespace, and remember where they stand', () => {
    const model = modelOf(
      `${ROOT}
  - {delegate: {name: d, namespace: other}}` +
        delegate('[{route: [{destination: {host: b}}]}]', 'name: d, namespace: other'),
    );
    const [root] = model.virtualServices.all;
    expect(root!.spec.http[0]!.route[0]!.destination!.host).toBe('b.other.svc.cluster.local');
    expect(root!.httpSources[0]).toMatchObject({ path: ['spec', 'http', 0] });
    expect(root!.httpSources[0]!.resource.metadata.name).toBe('d');
  });

  it('vanish when the delegate is not exported to the root', () => {
    const routes = routesOf(
      `${ROOT}
  - {delegate: {name: d, namespace: other}}` +
        delegate(
          '[{route: [{destination: {host: b}}]}]',
          'name: d, namespace: other',
          ", exportTo: ['.']",
        ),
    );
    expect(routes).toEqual([]);
  });

  it.each([
    ['a regular expression beside another condition', '{regex: /a.*}', '{prefix: /a}', 0],
    ['a prefix under an exact path', '{exact: /a}', '{prefix: /a}', 0],
    ['an exact path under its prefix', '{prefix: /a}', '{exact: /a/b}', 1],
    ['the same exact path', '{exact: /a}', '{exact: /a}', 1],
  ])('and %s: %s over %s leaves %d', (_, root, leaf, count) => {
    const routes = routesOf(
      `${ROOT}
  - {match: [{uri: ${root}}], delegate: {name: d}}` +
        delegate(`[{match: [{uri: ${leaf}}], route: [{destination: {host: b}}]}]`),
    );
    expect(routes).toHaveLength(count);
  });
});
