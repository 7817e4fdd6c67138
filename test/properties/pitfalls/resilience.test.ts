import { describe, expect, it } from 'vitest';
import {
  answers,
  ask,
  called,
  deployment,
  destinationRule,
  type Part,
  service,
  virtualService,
} from './ask.ts';

const routed = (rest: string, host = 'b') =>
  virtualService(
    `{hosts: [${host}], http: [{route: [{destination: {host: ${host}}}]${rest === '' ? '' : `, ${rest}`}}]}`,
    `vs-${host}`,
  );
const workloads = (behaviours: Part): Part => ({ workloads: behaviours });
const b = (behaviour: Part) => workloads({ 'b-v1': behaviour, 'b-v2': behaviour });
const slow = (latency: string) => b({ latency });
const failing = (errors: Part) => b({ errors });
const pool = (settings: string, host = 'b', path = 'pool') =>
  destinationRule(`{host: ${host}, trafficPolicy: {connectionPool: ${settings}}}`, path);
const outliers = (settings: string, host = 'c') =>
  destinationRule(`{host: ${host}, trafficPolicy: {outlierDetection: ${settings}}}`, 'outliers');
const burst = (concurrency: number, requests: number) => ({ load: { concurrency, requests } });

describe('timeouts and retries', () => {
  it('T1: without a VirtualService nothing times out', () => {
    expect(answers({ scenario: slow('20s'), count: 2 })).toBe('200');
  });
  it('T2: the route’s timeout answers 504 UT while the application goes on', () => {
    const { kinds, served } = ask({ mesh: routed('timeout: 2s'), scenario: slow('5s'), count: 2 });
    expect(kinds).toBe('504 UT');
    expect([...served.values()].reduce((sum, it) => sum + it, 0)).toBe(2);
  });
  it('T3: a client that gives up first ends the request, and nothing is retried', () => {
    const mesh = routed('timeout: 10s, retries: {attempts: 3, retryOn: 5xx}');
    const asked = ask({ mesh, scenario: slow('5s'), count: 3, client: { timeout: '1s' } });
    expect([...asked.counts.keys()].every((kind) => kind.startsWith('0'))).toBe(true);
    expect([...asked.served.values()].reduce((sum, it) => sum + it, 0)).toBe(3);
  });
  it('T4: the timeout covers all tries and their back-off', () => {
    const mesh = routed('timeout: 5s, retries: {attempts: 3, perTryTimeout: 2s, retryOn: 5xx}');
    const asked = ask({ mesh, scenario: slow('30s'), count: 2 });
    expect(asked.kinds).toBe('504 UT');
    expect(asked.attemptsPerRequest).toBe(3);
  });
  it('T5: a try that times out is not retried by the default policy', () => {
    const asked = ask({
      mesh: routed('retries: {attempts: 3, perTryTimeout: 2s}'),
      scenario: slow('30s'),
      count: 2,
    });
    expect(asked.kinds).toBe('504 UT');
    expect(asked.attemptsPerRequest).toBe(1);
  });
  it('T6: without perTryTimeout a slow try uses up the whole timeout', () => {
    const asked = ask({
      mesh: routed('timeout: 2s, retries: {attempts: 3, retryOn: 5xx}'),
      scenario: slow('30s'),
      count: 2,
    });
    expect(asked.kinds).toBe('504 UT');
    expect(asked.attemptsPerRequest).toBe(1);
  });
  it('T7: a perTryTimeout of the timeout’s length or more is none', () => {
    const asked = ask({
      mesh: routed('timeout: 2s, retries: {attempts: 3, perTryTimeout: 2s, retryOn: 5xx}'),
      scenario: slow('30s'),
      count: 2,
    });
    expect(asked.attemptsPerRequest).toBe(1);
  });
  it('T8: attempts are retries: three of them are four requests', () => {
    const asked = ask({
      mesh: routed('retries: {attempts: 3, retryOn: 5xx}'),
      scenario: failing({ 503: '100%' }),
      count: 5,
    });
    expect(asked.attemptsPerRequest).toBe(4);
  });
  it('T9: a 503 of the application is not retried by default, before 1.24 twice', () => {
    const scenario = failing({ 503: '100%' });
    expect(ask({ scenario, count: 5 }).attemptsPerRequest).toBe(1);
    expect(
      ask({ scenario: { ...scenario, istioVersion: '1.23' }, count: 5 }).attemptsPerRequest,
    ).toBe(3);
  });
  it('T10: a refused connection is retried on another host', () => {
    const scenario = workloads({ 'b-v1': { errors: { refuse: '100%' } } });
    const asked = ask({ base: PLAIN_SERVERS, mesh: '', scenario, count: 40 });
    expect(asked.kinds).toBe('200');
    expect(asked.attemptsPerRequest).toBeGreaterThan(1.2);
  });
  it('T11: when all pods refuse, 503 URX,UF after three tries', () => {
    const asked = ask({ base: PLAIN_SERVERS, scenario: failing({ refuse: '100%' }), count: 5 });
    expect(asked.kinds).toBe('503 URX,UF');
    expect(asked.attemptsPerRequest).toBe(3);
  });
  it('T12: retries of every hop multiply', () => {
    const mesh =
      routed('retries: {attempts: 2, retryOn: 5xx}') +
      routed('retries: {attempts: 2, retryOn: 5xx}', 'c');
    const scenario = workloads({
      'b-v1': { calls: ['GET http://c:8080/'] },
      'b-v2': { calls: ['GET http://c:8080/'] },
      c: { errors: { 503: '100%' } },
    });
    expect(ask({ mesh, scenario, count: 4 }).served.get('c')).toBe(36);
  });
  it('T13: retries of the application multiply with those of its proxy', () => {
    const mesh = routed('retries: {attempts: 1, retryOn: 5xx}', 'c');
    const call = { request: 'GET http://c:8080/', retries: 2 };
    const scenario = workloads({
      'b-v1': { calls: [call] },
      'b-v2': { calls: [call] },
      c: { errors: { 503: '100%' } },
    });
    expect(ask({ mesh, scenario, count: 4 }).served.get('c')).toBe(24);
  });
  it('T14: the method is not considered: a POST is repeated, too', () => {
    const mesh = routed('retries: {attempts: 1, retryOn: 5xx}');
    const asked = ask({
      mesh,
      request: 'POST http://b/',
      scenario: failing({ 503: '100%' }),
      count: 5,
    });
    expect(asked.attemptsPerRequest).toBe(2);
  });
  it('T15: with a single endpoint the retry goes to the same host', () => {
    const mesh = routed('retries: {attempts: 1, retryOn: 5xx}', 'c');
    const asked = ask({
      mesh,
      request: 'GET http://c:8080/',
      scenario: workloads({ c: { errors: { 503: '100%' } } }),
      count: 5,
    });
    expect(asked.served.get('c')).toBe(10);
  });
  it('T16: attempts 0, or an empty block, is no retry at all', () => {
    for (const retries of ['{attempts: 0}', '{}']) {
      const asked = ask({
        base: PLAIN_SERVERS,
        mesh: routed(`retries: ${retries}`),
        scenario: failing({ refuse: '100%' }),
        count: 5,
      });
      expect(asked.attemptsPerRequest, retries).toBe(1);
    }
  });
  it('T17: a timeout of 0s is refused', () => {
    expect(() => ask({ mesh: routed('timeout: 0s') })).toThrow('duration must be greater than 1ms');
  });
  it('T18: through a port named tcp- nothing is retried', () => {
    const mesh =
      service('raw', '{app: b}', '{name: tcp-x, port: 7000, targetPort: 8080}') +
      routed('retries: {attempts: 3, retryOn: 5xx}', 'raw');
    const asked = ask({
      mesh,
      request: 'GET http://raw:7000/',
      scenario: failing({ 503: '100%' }),
      count: 10,
    });
    expect(asked.kinds).toMatch(/^503/);
    expect([...asked.served.values()].reduce((sum, it) => sum + it, 0)).toBe(10);
  });
  it('T19: inner calls go on when the outer one has timed out', () => {
    const mesh = routed('timeout: 1s');
    const scenario = {
      ...workloads({
        'b-v1': { calls: ['GET http://c:8080/'] },
        'b-v2': { calls: ['GET http://c:8080/'] },
        c: { latency: '3s' },
      }),
    };
    const asked = ask({ mesh, scenario, count: 3 });
    expect(asked.kinds).toBe('504 UT');
    expect(asked.served.get('c')).toBe(3);
  });
});

/** As `BASE`, but b's pods have no sidecar: what they do, the caller's proxy sees. */
const PLAIN = '{sidecar.istio.io/inject: "false"}';
const PLAIN_SERVERS = [
  deployment('web', 'app: web'),
  deployment('b-v1', 'app: b, version: v1', { annotations: PLAIN }),
  deployment('b-v2', 'app: b, version: v2', { annotations: PLAIN }),
  service('b', '{app: b}', '{name: http, port: 80, targetPort: 8080}'),
].join('\n');

describe('circuit breakers', () => {
  const held = slow('1s');
  it('C1: limits belong to a client proxy: more clients, more connections', () => {
    const base = [
      deployment('web', 'app: web', { replicas: 3 }),
      deployment('b-v1', 'app: b', { annotations: PLAIN }),
      service('b', '{app: b}', '{name: http, port: 80, targetPort: 8080}'),
    ].join('\n');
    const mesh = pool('{tcp: {maxConnections: 1}, http: {http1MaxPendingRequests: 1}}');
    const asked = ask({
      base,
      mesh,
      client: { load: { rate: '20/s', arrivals: 'constant', requests: 12 } },
      scenario: { ...workloads({ 'b-v1': { latency: '1s' } }), proxy: { concurrency: 1 } },
    });
    // Each of three proxies runs one request and queues another.
    expect(asked.counts.get('200')).toBe(6);
  });
  it('C2: maxConnections alone makes requests queue', () => {
    expect(
      answers({
        base: PLAIN_SERVERS,
        mesh: pool('{tcp: {maxConnections: 1}}'),
        client: burst(5, 5),
        scenario: held,
      }),
    ).toBe('200');
  });
  it('C3: with http1MaxPendingRequests the rest is 503 UO, not retried', () => {
    const asked = ask({
      base: PLAIN_SERVERS,
      mesh: pool('{tcp: {maxConnections: 1}, http: {http1MaxPendingRequests: 1}}'),
      client: { load: { rate: '10/s', arrivals: 'constant', requests: 5 } },
      scenario: held,
    });
    expect(asked.counts).toEqual(
      new Map([
        ['503 UO', 3],
        ['200', 2],
      ]),
    );
  });
  it('C4: a request that waits for a new connection is pending, however far maxConnections is', () => {
    const asked = ask({
      base: PLAIN_SERVERS,
      mesh: pool('{tcp: {maxConnections: 100}, http: {http1MaxPendingRequests: 1}}'),
      client: burst(10, 10),
      scenario: held,
    });
    expect(asked.counts.get('503 UO')).toBeGreaterThan(0);
  });
  it('C5: http2MaxRequests limits HTTP/1.1, too', () => {
    const asked = ask({
      base: PLAIN_SERVERS,
      mesh: pool('{http: {http2MaxRequests: 5}}'),
      client: burst(6, 6),
      scenario: held,
    });
    expect(asked.counts.get('503 UO')).toBe(1);
  });
  it('C6: the server’s sidecar enforces the same limits: its overflow is 503 without a flag at the client', () => {
    const base = [
      deployment('web', 'app: web', { replicas: 4 }),
      deployment('b-v1', 'app: b'),
      service('b', '{app: b}', '{name: http, port: 80, targetPort: 8080}'),
    ].join('\n');
    const mesh = pool('{http: {http2MaxRequests: 2}}');
    const asked = ask({
      base,
      mesh,
      client: burst(8, 8),
      scenario: workloads({ 'b-v1': { latency: '1s' } }),
    });
    expect(asked.counts.get('200')).toBe(2);
    expect(asked.counts.get('503')).toBe(6);
  });
  it('C7: each subset has limits of its own', () => {
    const mesh =
      destinationRule(
        '{host: b, trafficPolicy: {connectionPool: {http: {http2MaxRequests: 2}}}, subsets: [{name: v1, labels: {version: v1}}, {name: v2, labels: {version: v2}}]}',
      ) +
      virtualService(
        '{hosts: [b], http: [{match: [{uri: {prefix: /1}}], route: [{destination: {host: b, subset: v1}}]}, {route: [{destination: {host: b, subset: v2}}]}]}',
      );
    const asked = ask({
      base: PLAIN_SERVERS,
      mesh,
      scenario: {
        ...held,
        clients: {
          one: { from: 'ns/web', request: 'GET http://b/1', load: { concurrency: 3, requests: 3 } },
          two: { from: 'ns/web', request: 'GET http://b/2', load: { concurrency: 3, requests: 3 } },
        },
      },
    });
    const good = asked.result.clients.map(
      ({ responses }) => responses.find(({ code }) => code === 200)?.count,
    );
    expect(good).toEqual([2, 2]);
  });
  it('C8: a limit of 0 is none', () => {
    expect(
      answers({
        base: PLAIN_SERVERS,
        mesh: pool('{http: {http2MaxRequests: 0}}'),
        client: burst(6, 6),
        scenario: held,
      }),
    ).toBe('200');
  });
  it('C9: maxRequestsPerConnection 1 makes a connection a request', () => {
    const { routing } = called(pool('{http: {maxRequestsPerConnection: 1}}'), 'web', {
      url: 'http://b/',
    });
    expect(routing?.route).toBeDefined();
    const asked = ask({
      base: PLAIN_SERVERS,
      mesh: pool('{http: {maxRequestsPerConnection: 1}}'),
      count: 10,
      scenario: { network: { latency: '5ms' } },
    });
    const kept = ask({ base: PLAIN_SERVERS, count: 10, scenario: { network: { latency: '5ms' } } });
    const p50 = (it: typeof asked) => it.result.clients[0]!.latency.valueAt(0.5);
    // A round trip of 10 ms for each handshake.
    expect(p50(asked) - p50(kept)).toBeGreaterThan(8e6);
  });
  it('C10: maxRetries limits concurrent retries: the error goes back with UO', () => {
    const mesh = routed('retries: {attempts: 3, retryOn: 5xx}') + pool('{http: {maxRetries: 1}}');
    const asked = ask({
      base: PLAIN_SERVERS,
      mesh,
      client: burst(10, 10),
      scenario: b({ latency: '100ms', errors: { 503: '100%' } }),
    });
    expect(asked.kinds).toContain('503 UO');
  });
});

describe('outlier detection', () => {
  const three = (rest: object = {}) =>
    deployment('c', 'app: c', { replicas: 3, annotations: PLAIN, ...rest });
  const base = [
    deployment('web', 'app: web'),
    three(),
    service('c', '{app: c}', '{name: http, port: 8080}'),
  ].join('\n');
  const request = 'GET http://c:8080/';
  const oneBad = workloads({ c: { pods: { 'c-1': { errors: { 500: '100%' } } } } });
  const ejections = (settings: string, scenario: Part = oneBad, requests = 200) =>
    ask({
      base,
      mesh: outliers(settings),
      request,
      scenario,
      client: { load: { rate: '50/s', arrivals: 'constant' } },
      count: requests,
    }).result.ejections;
  const timed = (duration: string, scenario: Part = oneBad) => ({
    ...scenario,
    duration,
  });

  it('O1: of three pods none can be ejected under the default 10 %', () => {
    expect(ejections('{consecutive5xxErrors: 5}', timed('10s'))).toEqual([]);
  });
  it('O2: a lone pod that is ejected leaves 503 UH: there is no panic', () => {
    const lone = base.replace('replicas: 3', 'replicas: 1');
    const asked = ask({
      base: lone,
      mesh: outliers('{consecutive5xxErrors: 5, maxEjectionPercent: 100}'),
      request,
      scenario: timed('5s', workloads({ c: { errors: { 500: '100%' } } })),
      client: { load: { rate: '20/s', arrivals: 'constant' } },
    });
    expect(asked.kinds).toBe('500, 503 UH');
  });
  it('O3: the same when all pods fail', () => {
    const asked = ask({
      base,
      mesh: outliers('{consecutive5xxErrors: 3, maxEjectionPercent: 100}'),
      request,
      scenario: timed('8s', workloads({ c: { errors: { 500: '100%' } } })),
      client: { load: { rate: '50/s', arrivals: 'constant' } },
    });
    expect(asked.kinds).toBe('500, 503 UH');
    expect(asked.counts.get('503 UH')).toBeGreaterThan(asked.counts.get('500')!);
  });
  it('O4: below minHealthPercent every host is tried, ejected ones too', () => {
    const asked = ask({
      base,
      mesh: outliers('{consecutive5xxErrors: 3, maxEjectionPercent: 100, minHealthPercent: 50}'),
      request,
      scenario: timed('8s', workloads({ c: { errors: { 500: '100%' } } })),
      client: { load: { rate: '50/s', arrivals: 'constant' } },
    });
    expect(asked.kinds).toBe('500');
  });
  it('O5: an empty block detects outliers as Envoy does by default', () => {
    const eleven = base.replace('replicas: 3', 'replicas: 11');
    const asked = ask({
      base: eleven,
      mesh: outliers('{}'),
      request,
      scenario: timed('20s'),
      client: { load: { rate: '100/s', arrivals: 'constant' } },
    });
    expect(asked.result.ejections.map(({ detector }) => detector)).toEqual(['consecutive 5xx']);
  });
  it('O6: consecutiveGatewayErrors alone leaves the detector of five 5xx on', () => {
    const on = ejections('{consecutiveGatewayErrors: 3, maxEjectionPercent: 100}', timed('5s'));
    expect(on[0]).toMatchObject({ detector: 'consecutive 5xx', count: 5 });
    expect(
      ejections(
        '{consecutiveGatewayErrors: 3, consecutive5xxErrors: 0, maxEjectionPercent: 100}',
        timed('5s'),
      ),
    ).toEqual([]);
  });
  it('O7: gateway errors are 5xx, too: the smaller number decides', () => {
    const bad = workloads({ c: { pods: { 'c-1': { errors: { 502: '100%' } } } } });
    const [first] = ejections(
      '{consecutiveGatewayErrors: 5, consecutive5xxErrors: 3, maxEjectionPercent: 100}',
      timed('5s', bad),
    );
    expect(first).toMatchObject({ detector: 'consecutive 5xx', count: 3 });
  });
  const ZONES = ['z1', 'z2', 'z3']
    .map(
      (zone, index) => `
---
apiVersion: v1
kind: Node
metadata: {name: n${index + 1}, labels: {topology.kubernetes.io/region: r, topology.kubernetes.io/zone: ${zone}}}`,
    )
    .join('');
  const onNode = (name: string, labels: string, node: string) =>
    deployment(name, labels).replace('spec: {containers', `spec: {nodeName: ${node}, containers`);
  const zoned = [
    ZONES,
    deployment('web', 'app: web').replace('spec: {containers', 'spec: {nodeName: n1, containers'),
    onNode('c-a', 'app: c', 'n1'),
    onNode('c-b', 'app: c', 'n2'),
    onNode('c-c', 'app: c', 'n3'),
    service('c', '{app: c}', '{name: http, port: 8080}'),
  ].join('\n');
  const spread = (mesh: string) => {
    const { served } = ask({ base: zoned, mesh, request, count: 90 });
    return ['c-a', 'c-b', 'c-c'].map((name) => (served.get(name) ?? 0) > 0);
  };
  it('O8: with outlier detection a client sends into its own zone alone', () => {
    expect(spread('')).toEqual([true, true, true]);
    expect(spread(outliers('{consecutive5xxErrors: 5}'))).toEqual([true, false, false]);
  });
  it('O9: failover without outlier detection has no effect', () => {
    const mesh = destinationRule(
      '{host: c, trafficPolicy: {loadBalancer: {localityLbSetting: {failover: [{from: r, to: q}]}}}}',
    );
    expect(spread(mesh)).toEqual([true, true, true]);
  });
  const distribute = (to: string) =>
    destinationRule(
      `{host: c, trafficPolicy: {loadBalancer: {localityLbSetting: {distribute: [{from: r/z1/*, to: ${to}}]}}}}`,
    );
  it('O10: a zone that distribute does not list gets nothing; if only it is left, 503 UH', () => {
    expect(spread(distribute('{r/z1/*: 50, r/z2/*: 50}'))).toEqual([true, true, false]);
    const gone = zoned.replace(
      /---\napiVersion: apps\/v1\nkind: Deployment\nmetadata: \{name: c-[ab][\s\S]*?(?=\n---)/g,
      '',
    );
    expect(answers({ base: gone, mesh: distribute('{r/z1/*: 50, r/z2/*: 50}'), request })).toBe(
      '503 UH',
    );
  });
  it('O11: a client without locality finds all endpoints alike', () => {
    const anywhere = zoned.replace('nodeName: n1, containers', 'containers');
    const { served } = ask({
      base: anywhere,
      mesh: outliers('{consecutive5xxErrors: 5}'),
      request,
      count: 90,
    });
    expect([...served.values()].filter((count) => count > 0).length).toBeGreaterThanOrEqual(3);
  });
  it('O12: one pod in the client’s zone takes all of the zone’s traffic', () => {
    const crowded = `${zoned}\n${['d', 'e', 'f'].map((it) => onNode(`c-${it}`, 'app: c', 'n2')).join('\n')}`;
    const { served } = ask({
      base: crowded,
      mesh: outliers('{consecutive5xxErrors: 5}'),
      request,
      count: 60,
    });
    expect(served.get('c-a')).toBe(60);
  });
  it('O13: each proxy ejects for itself', () => {
    const two = base.replace(
      'name: web, namespace: ns}\nspec:\n  replicas: 1',
      'name: web, namespace: ns}\nspec:\n  replicas: 2',
    );
    const asked = ask({
      base: two,
      mesh: outliers('{consecutive5xxErrors: 5, maxEjectionPercent: 100}'),
      request,
      scenario: timed('10s'),
      client: { load: { rate: '50/s', arrivals: 'constant' } },
    });
    expect(new Set(asked.result.ejections.map(({ proxy }) => proxy)).size).toBe(2);
  });
  it('O14: consecutiveErrors is ignored', () => {
    expect(
      ejections(
        '{consecutiveErrors: 1, consecutive5xxErrors: 0, maxEjectionPercent: 100}',
        timed('5s'),
      ),
    ).toEqual([]);
  });
  it('O15: a host comes back at the first sweep after its time, and is soon ejected again', () => {
    const [first, second] = ejections(
      '{consecutive5xxErrors: 5, maxEjectionPercent: 100, interval: 10s, baseEjectionTime: 15s}',
      timed('60s'),
    );
    expect((first!.backNs! / 1e9) % 10).toBeCloseTo(0, 6);
    expect(first!.backNs! - first!.atNs).toBeGreaterThanOrEqual(15e9);
    expect(second!.atNs).toBeGreaterThan(first!.backNs!);
  });
});
