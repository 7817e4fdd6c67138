import { describe, expect, it } from 'vitest';
import { prepareExperiment } from './experiment.ts';
import type { ScenarioFileSystem } from './file/file-system.ts';
import { loadScenario } from './file/load-scenario.ts';
import { Run } from './run.ts';
import type { RunResult, TrafficResult } from './run-result.ts';

const MS = 1e6;

/** Services without a millisecond of their own on the way, and one caller, `web`. */
function run(workloads: string, clients: string, more = ''): RunResult {
  const objects = ['api', 'back'].map(
    (name) => `
  - { apiVersion: apps/v1, kind: Deployment, metadata: { name: ${name} }, spec: { template: { metadata: { labels: { app: ${name} } }, spec: { containers: [{ name: c, ports: [{ containerPort: 8080 }] }] } } } }
  - { apiVersion: v1, kind: Service, metadata: { name: ${name} }, spec: { selector: { app: ${name} }, ports: [{ name: http, port: 80, targetPort: 8080 }] } }
  - { apiVersion: networking.istio.io/v1, kind: VirtualService, metadata: { name: ${name} }, spec: { hosts: [${name}], http: [{ route: [{ destination: { host: ${name} } }], retries: { attempts: 0 } }] } }`,
  );
  const text = `proxy: { latency: 0 }
network: { latency: 0 }
push: { delay: 0 }
mesh:
  - { apiVersion: apps/v1, kind: Deployment, metadata: { name: web }, spec: { template: { metadata: { labels: { app: web } } } } }${objects.join('')}
workloads: { ${workloads} }
clients: { ${clients} }
${more}`;
  const fileSystem: ScenarioFileSystem = {
    readFile: () => ({ text }),
    listFiles: () => undefined,
  };
  const loaded = loadScenario('scenario.yaml', fileSystem);
  expect(loaded.diagnostics).toEqual([]);
  const prepared = prepareExperiment(loaded.scenario!, fileSystem);
  expect(prepared.diagnostics).toEqual([]);
  return new Run(prepared.experiment!).finish();
}

const load = (how: string, more = '') =>
  `load: { from: web, request: GET http://api/, ${more} load: ${how} }`;
const client = ({ clients }: RunResult): TrafficResult => clients[0]!;
const share = (result: TrafficResult, code: number): number =>
  result.responses.filter((it) => it.code === code).reduce((sum, it) => sum + it.share, 0);

describe('a workload', () => {
  it('that is twice as busy takes longer by its slowdown', () => {
    const result = run(
      'api: { latency: 10ms, slowdown: 50% }',
      load('{ concurrency: 3 }'),
      'duration: 1s',
    );
    // With three under way each takes 10 ms + 2 × 50 %; the first two find fewer before them.
    expect(client(result).latency.mean / MS).toBeCloseTo(20, 0);
  });

  it('shares its processor: the mean time is that of M/M/1 with processor sharing', () => {
    const result = run(
      'api: { latency: { exponential: { mean: 5ms } }, cpu: 0.5 }',
      load('{ rate: 70/s }'),
      'duration: 300s',
    );
    // M/M/1 at 10 ms and 70 % load: 33 ms.
    expect(client(result).latency.mean / MS).toBeGreaterThan(29);
    expect(client(result).latency.mean / MS).toBeLessThan(38);
  });

  it('stands still in its pauses', () => {
    const result = run(
      'api: { latency: 10ms, pauses: { every: 1s, for: 200ms } }',
      load('{ rate: 100/s }'),
      'duration: 60s',
    );
    const { latency } = client(result);
    expect(latency.max / MS).toBeGreaterThan(200);
    expect(latency.max / MS).toBeLessThan(212);
    // Who meets a pause, 21 %, waits 100 ms on average.
    expect(latency.mean / MS).toBeGreaterThan(28);
    expect(latency.mean / MS).toBeLessThan(34);
  });

  it('is slow with new pods, not with those that were there', () => {
    const text = 'api: { latency: 10ms, warmup: { for: 10s, factor: 11 } }';
    expect(
      client(run(text, load('{ rate: 50/s }'), 'duration: 20s')).latency.max / MS,
    ).toBeLessThan(11);
    const scaled = 'duration: 20s\ntimeline: [{ at: 5s, scale: api, to: 2 }]';
    const { latency } = client(run(text, load('{ rate: 50/s }'), scaled));
    expect(latency.max / MS).toBeGreaterThan(90);
  });

  it.each([
    ['fifo', 0.9, 1],
    ['lifo', 0, 0.9],
  ])(
    'in overload with %s leaves the patience of its callers as it does',
    (order, atLeast, atMost) => {
      // Twice what it can do, callers that wait 300 ms, and a room in which waiting takes a second.
      const result = run(
        `api: { latency: 10ms, concurrency: 1, queue: 100, queueOrder: ${order} }`,
        load('{ rate: 200/s }', 'timeout: 300ms,'),
        'duration: 30s',
      );
      const lost = 1 - share(client(result), 200);
      expect(lost).toBeGreaterThan(atLeast);
      expect(lost).toBeLessThan(atMost);
    },
  );

  it('turns away whoever waited too long, and does the rest in time', () => {
    const result = run(
      'api: { latency: 10ms, concurrency: 1, maxWait: 100ms }',
      load('{ rate: 200/s }'),
      'duration: 30s',
    );
    expect(share(client(result), 200)).toBeGreaterThan(0.4);
    expect(client(result).latency.max / MS).toBeLessThan(125);
  });

  it.each([
    ['goes on with the work of callers that left', '', 0, 0.05],
    ['stops for callers that left when it is told to', ', cancel: true', 0.35, 1],
  ])('%s', (_, keys, atLeast, atMost) => {
    // One request in two hangs on the slow path for a second; its caller leaves after 20 ms.
    const result = run(
      `api: { latency: { constant: 10ms, by: [{ path: /slow, constant: 1s }] }, concurrency: 1, queue: 1 ${keys} }`,
      'load: { from: web, timeout: 20ms, requests: [{ request: GET http://api/ }, { request: GET http://api/slow }], load: { rate: 40/s } }',
      'duration: 30s',
    );
    expect(share(client(result), 200)).toBeGreaterThanOrEqual(atLeast);
    expect(share(client(result), 200)).toBeLessThan(atMost);
  });

  it('gives up the calls of a caller that left', () => {
    const { edges } = run(
      'api: { latency: 1ms, calls: [GET http://back/, GET http://back/], cancel: true }, back: { latency: 50ms }',
      load('{ rate: 10/s }', 'timeout: 20ms,'),
      'duration: 10s',
    );
    const calls = edges.find(({ destination }) => destination === 'default/back')!;
    expect(calls.responses.map(({ code }) => code)).toEqual([0]);
  });

  it('makes a call only while such a request is served as the call is for', () => {
    const calls = (when: string): number => {
      const { edges } = run(
        `api: { latency: 1ms, calls: [{ request: GET http://back/, when: ${when} }] }`,
        'load: { from: web, headers: { x-user: { ada: 25%, "": 75% } }, requests: [{ request: GET http://api/list }, { request: POST http://api/order }], load: { rate: 100/s, arrivals: constant } }',
        'duration: 20s',
      );
      const made = edges.find(({ destination }) => destination === 'default/back');
      return (made?.requestCount ?? 0) / 2000;
    };
    expect(calls('{ path: /order }')).toBeCloseTo(0.5, 1);
    expect(calls('{ method: POST, headers: { x-user: ada } }')).toBeCloseTo(0.125, 1);
    expect(calls('{ path: /none }')).toBe(0);
  });

  it.each([
    ['', 1],
    [', forward: none', 0],
  ])('hands tracing headers on, or forgets them: "%s"', (keys, share1) => {
    // `back` is slow for requests that still carry the trace.
    const { clients } = run(
      `api: { latency: 0, calls: [GET http://back/]${keys} }, back: { latency: { constant: 1ms, by: [{ headers: { b3: "*" }, constant: 51ms }] } }`,
      load('{ rate: 20/s }', 'headers: { b3: "1-2" },'),
      'duration: 5s',
    );
    expect(clients[0]!.latency.mean / MS).toBeCloseTo(1 + 50 * share1, 1);
  });

  it('that closes idle connections loses the request that comes at that very moment', () => {
    const thinking = (think: string) =>
      client(
        run(
          'api: { latency: 0, keepAlive: 1s }',
          load(`{ concurrency: 1, think: ${think}, requests: 20 }`),
          'duration: 60s',
        ),
      );
    expect(share(thinking('1.00005s'), 503)).toBeGreaterThan(0.4);
    expect(share(thinking('0.99s'), 200)).toBe(1);
    expect(share(thinking('1.01s'), 200)).toBe(1);
  });
});
