import { describe, expect, it } from 'vitest';
import { runValuesOf } from './run-values.ts';

const ROUTES = `apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: catalog }
spec:
  hosts: [catalog]
  http:
    - timeout: 1.5s # all attempts together
      retries: { attempts: 2, perTryTimeout: "250ms", retryOn: "503" }
      fault:
        abort: { percentage: { value: 10 }, httpStatus: 503 }
        delay: { percentage: { value: 0.5 }, fixedDelay: 3s }
      mirror: { host: shadow, port: { number: 8080 } }
      mirrorPercentage: { value: 20 }
      route:
        - destination: { host: catalog, subset: v1 }
          weight: 90
        - { destination: { host: catalog.shop.svc.cluster.local }, weight: 10 }
---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: { name: catalog }
spec:
  host: catalog
  trafficPolicy:
    connectionPool: { http: { http1MaxPendingRequests: 1 }, tcp: { maxConnections: 4 } }
    outlierDetection: { consecutive5xxErrors: 5, interval: 5s, maxEjectionPercent: 50 }
`;

const SCENARIO = `title: 90 s of it
seed: 7
duration: 60s
mesh:
  - routes.yaml
  - apiVersion: apps/v1
    kind: Deployment
    metadata: { name: catalog-v1 }
    spec: { replicas: 3 }
workloads:
  catalog-v1: { latency: { p50: 12ms, p99: 80ms }, errors: { 500: 5% }, concurrency: 32 }
clients:
  shop: { from: web, request: GET http://catalog:80/, load: { rate: 50/s } }
timeline:
  - { at: 30s, workload: catalog-v1, set: { errors: { 503: 40% } } }
expect:
  - { that: 'requests / requests', is: 10% }
`;

function valuesOf(files: Readonly<Record<string, string>>) {
  return runValuesOf({ scenario: 'scenario.yaml', files });
}

describe('values a run depends on', () => {
  it('are weights, timeouts, retries, limits and percentages of manifests', () => {
    const values = valuesOf({ 'routes.yaml': ROUTES });
    expect(values.map(({ name, value, unit }) => `${name} ${value}${unit}`)).toEqual([
      'timeout 1.5s',
      'attempts 2',
      'perTryTimeout 250ms',
      'abort percentage 10',
      'delay percentage 0.5',
      'fixedDelay 3s',
      'mirrorPercentage 20',
      'weight v1 90',
      'weight catalog 10',
      'http1MaxPendingRequests 1',
      'maxConnections 4',
      'consecutive5xxErrors 5',
      'interval 5s',
      'maxEjectionPercent 50',
    ]);
  });

  it('are how workloads and clients behave, and objects within a scenario', () => {
    const values = valuesOf({ 'scenario.yaml': SCENARIO });
    expect(
      values.map(({ object, name, value, unit }) => [object, name, `${value}${unit}`]),
    ).toEqual([
      ['Deployment catalog-v1', 'replicas', '3'],
      ['', 'catalog-v1 latency p50', '12ms'],
      ['', 'catalog-v1 latency p99', '80ms'],
      ['', 'catalog-v1 errors 500', '5%'],
      ['', 'catalog-v1 concurrency', '32'],
      ['', 'shop rate', '50/s'],
      ['', 'step 1 at', '30s'],
      ['', 'step 1 errors 503', '40%'],
    ]);
  });

  it('stand where their digits do, quotes and units aside', () => {
    const lines = ROUTES.split('\n');
    for (const { at, value } of valuesOf({ 'routes.yaml': ROUTES }))
      expect(lines[at.line - 1]!.slice(at.column - 1, at.column - 1 + at.length)).toBe(
        String(value),
      );
  });

  it('have a range that fits them: percentages end at 100, others well above what is written', () => {
    const values = valuesOf({ 'routes.yaml': ROUTES, 'scenario.yaml': SCENARIO });
    const mostOf = (name: string) => values.find((value) => value.name === name)?.most;
    expect(mostOf('maxEjectionPercent')).toBe(100);
    expect(mostOf('weight v1')).toBe(100);
    expect(mostOf('shop rate')).toBe(200);
    expect(mostOf('attempts')).toBe(10);
  });

  it('know which weights share a route', () => {
    const weights = valuesOf({ 'routes.yaml': ROUTES }).filter(({ route }) => route !== '');
    expect(weights).toHaveLength(2);
    expect(new Set(weights.map(({ route }) => route)).size).toBe(1);
  });

  it('are rules and the scenario first where there are too many', () => {
    const deployments = Array.from(
      { length: 500 },
      (_, index) => `apiVersion: apps/v1
kind: Deployment
metadata: { name: d-${index} }
spec: { replicas: 1 }
`,
    );
    const few = valuesOf({ 'routes.yaml': ROUTES, 'scenario.yaml': SCENARIO });
    const all = valuesOf({
      'mesh.yaml': deployments.join('---\n'),
      'routes.yaml': ROUTES,
      'scenario.yaml': SCENARIO,
    });
    expect(all).toHaveLength(400);
    expect(all.filter(({ at }) => at.file === 'routes.yaml')).toEqual(
      few.filter(({ at }) => at.file === 'routes.yaml'),
    );
    expect(all.map(({ name }) => name)).toContain('shop rate');
  });

  it('are none where a file does not parse', () => {
    expect(valuesOf({ 'routes.yaml': 'spec: { http: [' })).toEqual([]);
  });
});
