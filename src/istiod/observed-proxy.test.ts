import { expect, it } from 'vitest';
import { generateForProxy } from './generate.ts';
import { ResultsByProxy } from './observed-proxy.ts';
import { configOf, modelOf, proxyNamed, REFERENCE_SERVICES } from './test-mesh.ts';

const EMPTY = modelOf('');

it('gives a result again to proxies whose labels would have been read alike', () => {
  const results = new ResultsByProxy<object>(() => '');
  const make = (labels: Record<string, string>) =>
    results.get(proxyNamed({ labels }), EMPTY, ({ proxy }) =>
      proxy.labels.get('app') === 'a' ? { version: proxy.labels.get('version') } : {},
    );
  const first = make({ app: 'a', version: 'v1', other: 'x' });
  expect(make({ app: 'a', version: 'v1', other: 'y' })).toBe(first);
  expect(make({ app: 'a', version: 'v2' })).not.toBe(first);
  expect(make({ app: 'b', version: 'v2' })).toBe(make({ app: 'b', version: 'v3' }));
});

it('gives a result again to proxies none of whose addresses was asked for', () => {
  const results = new ResultsByProxy<object>(() => '');
  const make = (ip: string) =>
    results.get(proxyNamed({ ip }), EMPTY, (observed) => ({
      isOwn: observed.hasAddress('10.0.0.1'),
    }));
  const others = make('10.0.0.7');
  expect(make('10.0.0.8')).toBe(others);
  expect(make('10.0.0.1')).toEqual({ isOwn: true });
  expect(make('10.0.0.9')).toBe(others);
});

it('makes the routes of a namespace once, unless a rule asks for labels that differ', () => {
  const rule = `---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: by-version, namespace: ns}
spec:
  hosts: [b]
  http:
  - match: [{sourceLabels: {version: v2}}]
    route: [{destination: {host: c, port: {number: 8080}}}]
  - route: [{destination: {host: b}}]
`;
  const model = modelOf(REFERENCE_SERVICES + rule);
  const routesOf = (name: string, version: string) =>
    generateForProxy(model, proxyNamed({ name, ip: `10.1.0.${name.length}`, labels: { version } }))
      .routes;
  const v1 = routesOf('a', 'v1');
  expect(routesOf('bb', 'v1')).toBe(v1);
  const v2 = routesOf('dddd', 'v2');
  expect(v2).not.toBe(v1);
  expect(v2).toEqual(
    configOf(REFERENCE_SERVICES + rule, proxyNamed({ labels: { version: 'v2' } })).routes,
  );
});
