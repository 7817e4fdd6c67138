import { describe, expect, it } from 'vitest';
import type { Origin } from './origin.ts';
import { listenerNamed } from './test-chains.ts';
import { configOf, type MeshOptions, proxyNamed, REFERENCE_SERVICES } from './test-mesh.ts';

/** Its lines are counted in the tests: it stands alone at the end. */
const VIRTUAL_SERVICE = `---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: b, namespace: ns}
spec:
  hosts: [b]
  http:
  - match:
    - uri: {prefix: /old}
    redirect: {uri: /new}
  - timeout: 3s
    fault: {abort: {httpStatus: 503, percentage: {value: 1}}}
    route:
    - {destination: {host: b, subset: v1}, weight: 90}
    - {destination: {host: b, subset: v2}, weight: 10}
`;
const FIRST_LINE = REFERENCE_SERVICES.split('\n').length;

function setUp(options: MeshOptions = {}) {
  const config = configOf(REFERENCE_SERVICES + VIRTUAL_SERVICE, proxyNamed(), options);
  const port80 = config.routes.find(({ name }) => name === '80')!;
  const host = (name: string) => port80.virtualHosts!.find((it) => it.name.startsWith(name))!;
  const textOf = (origin: Origin | undefined) => {
    if (origin === undefined) return 'nowhere';
    const line = origin.at === undefined ? '' : `:${origin.at.line - FIRST_LINE}`;
    return `${origin.kind} ${origin.name}${line}`;
  };
  const originOf = (object: object) => textOf(config.origins.get(object));
  const decidedBy = (object: object, field: string) =>
    textOf(config.fieldOrigins.get(object)?.get(field));
  return { config, host, originOf, decidedBy };
}

describe('the origin', () => {
  it('of a route and its match is the entry in the VirtualService', () => {
    const { host, originOf, decidedBy } = setUp();
    const [redirect, split] = host('b.ns').routes!;
    expect(originOf(redirect!)).toBe('VirtualService b:8');
    expect(originOf(redirect!.match)).toBe('VirtualService b:8');
    expect(decidedBy(redirect!, 'redirect')).toBe('VirtualService b:9');
    expect(originOf(split!)).toBe('VirtualService b:10');
    expect(decidedBy(split!.route!, 'timeout')).toBe('VirtualService b:10');
  });

  it('of a weighted cluster and of a fault is its own line', () => {
    const { host, originOf } = setUp();
    const split = host('b.ns').routes![1]!;
    const [v1, v2] = split.route!.weightedClusters!.clusters;
    expect([v1!, v2!].map(originOf)).toEqual(['VirtualService b:13', 'VirtualService b:14']);
    expect(Object.values(split.typedPerFilterConfig!).map(originOf)).toEqual([
      'VirtualService b:11',
    ]);
  });

  it('of what a service gets by itself is the service', () => {
    const { config, host, originOf } = setUp();
    expect(originOf(host('multi.ns'))).toContain('Service multi');
    expect(originOf(host('multi.ns').routes![0]!)).toContain('Service multi');
    expect(originOf(listenerNamed(config.listeners, '10.0.0.5_90'))).toContain('Service tcp');
  });

  it('of what nobody spoke of is the mesh configuration', () => {
    const { host, originOf } = setUp();
    expect(originOf(host('allow_any'))).toMatch(/^MeshConfig/);
  });

  it('of retries without a word is MeshConfig, when it has a policy for all', () => {
    const { host, decidedBy } = setUp({ meshConfig: { defaultHttpRetryPolicy: { attempts: 5 } } });
    const split = host('b.ns').routes![1]!;
    expect(decidedBy(split.route!, 'retryPolicy')).toMatch(/^MeshConfig/);
  });
});
