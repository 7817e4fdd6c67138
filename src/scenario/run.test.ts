import { describe, expect, it } from 'vitest';
import { diagnosticText } from '#source/diagnostic-text.ts';
import { prepareExperiment } from './experiment.ts';
import type { ScenarioFileSystem } from './file/file-system.ts';
import { loadScenario } from './file/load-scenario.ts';
import { Run } from './run.ts';
import type { RunResult, TrafficResult } from './run-result.ts';

const MS = 1e6;

/** A caller and the services that it calls, without a millisecond of their own on the way. */
function mesh(...services: readonly string[]): string {
  const objects = services.map(
    (name) => `
  - { apiVersion: apps/v1, kind: Deployment, metadata: { name: ${name} }, spec: { template: { metadata: { labels: { app: ${name} } }, spec: { containers: [{ name: c, ports: [{ containerPort: 8080 }] }] } } } }
  - { apiVersion: v1, kind: Service, metadata: { name: ${name} }, spec: { selector: { app: ${name} }, ports: [{ name: http, port: 80, targetPort: 8080 }] } }`,
  );
  return `proxy: { latency: 0 }
network: { latency: 0 }
push: { delay: 0 }
mesh:
  - { apiVersion: apps/v1, kind: Deployment, metadata: { name: web }, spec: { template: { metadata: { labels: { app: web } } } } }${objects.join('')}
`;
}

function run(text: string): RunResult {
  const fileSystem: ScenarioFileSystem = {
    readFile: () => ({ text }),
    listFiles: () => undefined,
  };
  const loaded = loadScenario('scenario.yaml', fileSystem);
  const say = (found: typeof loaded.diagnostics) =>
    found.map((it) => diagnosticText(it, () => undefined)).join('\n');
  expect(say(loaded.diagnostics)).toBe('');
  const prepared = prepareExperiment(loaded.scenario!, fileSystem);
  expect(say(prepared.diagnostics)).toBe('');
  return new Run(prepared.experiment!).finish();
}

const client = ({ clients }: RunResult, name = 'load'): TrafficResult =>
  clients.find((it) => it.name === name)!;

const share = (result: TrafficResult, code: number): number =>
  result.responses.filter((it) => it.code === code).reduce((sum, it) => sum + it.share, 0);

const load = (request: string, how: string, more = '') =>
  `clients: { load: { from: web, request: GET ${request}, ${more} load: ${how} } }\n`;

describe('an instance', () => {
  it('is an M/M/1 queue: at 80 % load a request stays five service times', () => {
    const result = run(`${mesh('api')}duration: 200s
workloads: { api: { latency: { exponential: { mean: 1ms } }, concurrency: 1 } }
${load('http://api/', '{ rate: 800/s }')}`);
    const { latency } = client(result);
    expect(Math.abs(latency.mean / MS - 5)).toBeLessThan(0.5);
  });

  it('turns away what Erlang’s formula says when nobody may wait', () => {
    // Offered 2 Erlang to 3 places: B = (8/6) / (1 + 2 + 2 + 8/6) = 21.05 %.
    const result = run(`${mesh('api')}duration: 100s
workloads: { api: { latency: { exponential: { mean: 10ms } }, concurrency: 3, queue: 0, overload: 429 } }
${load('http://api/', '{ rate: 200/s }')}`);
    expect(share(client(result), 429)).toBeGreaterThan(0.19);
    expect(share(client(result), 429)).toBeLessThan(0.23);
  });

  it('fails with the shares that it is given', () => {
    const result = run(`${mesh('api')}duration: 100s
workloads: { api: { latency: 1ms, errors: { 500: 5%, 404: 10% } } }
${load('http://api/', '{ rate: 100/s }')}`);
    expect(share(client(result), 500)).toBeCloseTo(0.05, 1.7);
    expect(share(client(result), 404)).toBeCloseTo(0.1, 1.7);
  });

  it('answers 503 UC for a reset: the sidecar beside it says so', () => {
    const result = run(`${mesh('api')}duration: 10s
workloads: { api: { latency: 1ms, errors: { reset: 100% } } }
${load('http://api/', '{ rate: 10/s }')}`);
    expect(client(result).responses).toMatchObject([{ code: 503 }]);
    expect(client(result).requestCount).toBe(client(result).responses[0]!.count);
  });

  it('that hangs holds its slot until the client gives up', () => {
    const result = run(`${mesh('api')}duration: 10s
workloads: { api: { errors: { hang: 100% }, concurrency: 1 } }
${load('http://api/', '{ requests: 5 }', 'timeout: 1s,')}`);
    expect(client(result).requestCount).toBe(5);
    expect(client(result).responses).toMatchObject([{ code: 0 }]);
    expect(client(result).latency.mean / MS).toBeCloseTo(1000, 0);
  });

  it('has latencies for parts of its traffic', () => {
    const result = run(`${mesh('api')}duration: 10s
workloads: { api: { latency: { constant: 1ms, by: [{ path: /slow*, constant: 100ms }] } } }
clients:
  fast: { from: web, request: GET http://api/x, load: { requests: 10 } }
  slow: { from: web, request: GET http://api/slow/x, load: { requests: 10 } }
`);
    expect(client(result, 'fast').latency.mean / MS).toBeCloseTo(1, 1);
    expect(client(result, 'slow').latency.mean / MS).toBeCloseTo(100, 0);
  });
});

describe('calls', () => {
  const calling = (calls: string, more = '') => `${mesh('front', 'a', 'b')}duration: 10s
workloads:
  front: { latency: 10ms, calls: ${calls} }
  a: { latency: 20ms }
  b: { latency: 30ms ${more} }
${load('http://front/', '{ requests: 50 }')}`;

  it.each([
    ['one after another', '[GET http://a/, GET http://b/]', 60],
    ['together', '[{ parallel: [GET http://a/, GET http://b/] }]', 40],
    ['several times in a row', '[{ request: GET http://a/, times: 3 }]', 70],
    ['never, with no chance', '[{ request: GET http://a/, chance: 0 }]', 10],
  ])('are made %s', (_, calls, wantedMs) => {
    expect(client(run(calling(calls))).latency.mean / MS).toBeCloseTo(wantedMs, 0);
  });

  it('are made as often as their chance says', () => {
    const result = run(
      calling('[{ request: GET http://a/, chance: 40% }]')
        .replace('requests: 50', 'requests: 500')
        .replace('10s', '60s'),
    );
    const made = result.edges.find(({ destination }) => destination === 'default/a')!.requestCount;
    expect(made).toBeGreaterThan(160);
    expect(made).toBeLessThan(240);
  });

  it.each([
    ['ends the request with its status', '[GET http://b/]', 500],
    ['is ignored', '[{ request: GET http://b/, onError: ignore }]', 200],
    ['becomes another status', '[{ request: GET http://b/, onError: 418 }]', 418],
  ])('a failed one %s', (_, calls, code) => {
    const result = run(calling(calls, ', errors: { 500: 100% }'));
    expect(client(result).responses).toMatchObject([{ code }]);
  });

  it('of a request that is tried again have draws of their own', () => {
    const retries = `  - { apiVersion: networking.istio.io/v1, kind: VirtualService, metadata: { name: front }, spec: { hosts: [front], http: [{ route: [{ destination: { host: front } }], retries: { attempts: 2, retryOn: 5xx, backoff: 1ms } }] } }
`;
    const result = run(`${mesh('front', 'b')}${retries}duration: 100s
workloads:
  front: { latency: 1ms, calls: [GET http://b/] }
  b: { latency: 1ms, errors: { 500: 50% } }
${load('http://front/', '{ rate: 20/s }')}`);
    // Three tries, each of which fails every second time.
    expect(share(client(result), 500)).toBeGreaterThan(0.1);
    expect(share(client(result), 500)).toBeLessThan(0.15);
  });

  it('give up after the application’s timeout, and are tried again by the application', () => {
    const result = run(calling('[{ request: GET http://b/, timeout: 5ms, retries: 2 }]'));
    expect(client(result).responses).toMatchObject([{ code: 503 }]);
    expect(client(result).latency.mean / MS).toBeCloseTo(25, 0);
  });
});

describe('a client', () => {
  it('of a closed loop has no more requests under way than users', () => {
    const result = run(`${mesh('api')}duration: 10s
workloads: { api: { latency: 100ms } }
${load('http://api/', '{ concurrency: 5, think: 100ms }')}`);
    // Each of 5 users sends one request every 200 ms.
    expect(client(result).requestCount).toBe(250);
    const most = result.gauges.filter(({ kind }) => kind === 'inflight').map(({ max }) => max);
    expect(Math.max(...most)).toBe(5);
  });

  it('stops at the number it was given, and leaves nothing unfinished', () => {
    const result = run(`${mesh('api')}duration: 60s
${load('http://api/', '{ rate: 100/s, requests: 37 }')}`);
    expect(client(result)).toMatchObject({ requestCount: 37, unfinishedCount: 0 });
  });

  it('has requests unfinished that outlast the drain', () => {
    const result = run(`${mesh('api')}duration: 10s
workloads: { api: { latency: 1h } }
${load('http://api/', '{ rate: 1/s, arrivals: constant }')}`);
    expect(client(result)).toMatchObject({ requestCount: 0, unfinishedCount: 10 });
  });

  it('draws requests, headers and path values by their shares', () => {
    const result = run(`${mesh('a', 'b')}duration: 100s
clients:
  load:
    from: web
    requests:
      - { request: GET http://a/, weight: 3 }
      - { request: 'GET http://b/items/{id}', weight: 1, values: { id: [1, 2, 3] } }
    headers: { x-beta: { yes: 20%, "": 80% } }
    load: { rate: 50/s }
`);
    const of = (name: string) =>
      result.edges.find(({ destination }) => destination === name)!.requestCount;
    const ratio = of('default/a') / (of('default/a') + of('default/b'));
    expect(ratio).toBeGreaterThan(0.72);
    expect(ratio).toBeLessThan(0.78);
  });
});

describe('randomness', () => {
  const scenario = (policy: string) => `${mesh('api')}duration: 20s
workloads: { api: { latency: { p50: 5ms, p99: 50ms } } }
${load('http://api/', '{ rate: 50/s }')}${policy}`;

  it('moves no arrival and no service time when another client comes along', () => {
    const alone = client(run(scenario('')));
    const other = '  other: { from: web, request: GET http://api/, load: { rate: 20/s } }\n';
    const text =
      scenario('')
        .replace('clients: { load: {', 'clients:\n  load: {')
        .replace(/ \} \}\n$/, ' }\n') + other;
    expect(client(run(text)).latency.mean).toBe(alone.latency.mean);
  });

  it('gives another outcome with another seed', () => {
    expect(run(`seed: 2\n${scenario('')}`).digest).not.toBe(run(scenario('')).digest);
  });
});

describe('the timeline', () => {
  it('changes how a workload behaves from a moment on', () => {
    const result = run(`${mesh('api')}duration: 20s
workloads: { api: { latency: 1ms } }
${load('http://api/', '{ rate: 10/s, arrivals: constant }')}timeline: [{ at: 10s, workload: api, set: { errors: { 503: 100% } } }]
`);
    expect(share(client(result), 503)).toBeCloseTo(0.5, 2);
  });

  it('takes killed pods away and brings them back with their address', () => {
    const result = run(`${mesh('api')}duration: 30s
workloads: { api: { latency: 1ms } }
${load('http://api/', '{ rate: 10/s, arrivals: constant }')}timeline: [{ at: 10s, kill: api, restart: 10s }]
`);
    const failed = 1 - share(client(result), 200);
    // Ten seconds down, one until endpoints follow, of thirty.
    expect(failed).toBeGreaterThan(0.3);
    expect(failed).toBeLessThan(0.4);
  });

  it('scales down without losing a request', () => {
    const text = `${mesh('api')}duration: 30s
workloads: { api: { latency: 100ms } }
${load('http://api/', '{ rate: 50/s }')}timeline: [{ at: 5s, scale: api, to: 4 }, { at: 15s, scale: api, to: 1 }]
`;
    expect(client(run(text)).responses).toMatchObject([{ code: 200 }]);
  });

  it('holds messages back during a partition', () => {
    const result = run(`${mesh('api')}duration: 20s
workloads: { api: { latency: 1ms } }
${load('http://api/', '{ rate: 10/s, arrivals: constant }')}timeline: [{ at: 5s, partition: { between: [web, api], for: 2s } }]
`);
    expect(client(result).latency.max / MS).toBeGreaterThan(1900);
  });
});
