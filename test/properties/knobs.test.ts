import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { prepareExperiment } from '#scenario/experiment.ts';
import type { ScenarioFileSystem } from '#scenario/file/file-system.ts';
import { loadScenario } from '#scenario/file/load-scenario.ts';
import { Run, type RunOptions } from '#scenario/run.ts';

/** What a mesh lets one turn without touching clients and workloads. */
interface Knobs {
  readonly trafficPolicy: object;
  readonly http: object;
  readonly proxy: object;
  readonly push: object;
  readonly network: object;
}

/** Two services without calls, whose work is theirs alone; clients of three kinds. */
function scenario({ trafficPolicy, http, proxy, push, network }: Knobs): string {
  const service = (name: string) => [
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name },
      spec: { selector: { app: name }, ports: [{ name: 'http', port: 80, targetPort: 8080 }] },
    },
    {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name },
      spec: {
        replicas: 3,
        template: { metadata: { labels: { app: name } }, spec: { containers: [{ name: 'c' }] } },
      },
    },
    {
      apiVersion: 'networking.istio.io/v1',
      kind: 'DestinationRule',
      metadata: { name },
      spec: { host: name, trafficPolicy },
    },
    {
      apiVersion: 'networking.istio.io/v1',
      kind: 'VirtualService',
      metadata: { name },
      spec: { hosts: [name], http: [{ route: [{ destination: { host: name } }], ...http }] },
    },
  ];
  const latency = { p50: '5ms', p99: '60ms' };
  const errors = { '500': '5%', '503': '5%', reset: '1%' };
  return JSON.stringify({
    duration: '5s',
    proxy,
    push,
    network,
    mesh: ['web', 'api', 'db'].flatMap(service),
    workloads: {
      api: { latency, errors },
      db: { latency, errors },
    },
    clients: {
      plain: { from: 'web', request: 'GET http://api/', load: { rate: '40/s' } },
      bursty: {
        from: 'web',
        request: 'GET http://api/u{user}',
        users: { population: 20, popularity: { zipf: 1 } },
        cookies: true,
        load: { rate: '30/s', arrivals: { on: '1s', off: '1s' } },
      },
      impatient: {
        from: 'web',
        request: 'GET http://db/',
        timeout: '50ms',
        retries: 1,
        load: { rate: '30/s', arrivals: 'bursty', maxConcurrency: 5 },
      },
    },
  });
}

/** When requests were to start, and how long first tries were worked on at their first hop. */
function drawsOf(knobs: Knobs): { starts: Map<string, number>; service: Map<string, number> } {
  const starts = new Map<string, number>();
  const service = new Map<string, number>();
  const trace: RunOptions['trace'] = (span) => {
    const { kind, streamHash, rootNumber, attempt, callPathHash, startNs, endNs } = span;
    const key = `${streamHash} ${rootNumber}`;
    if (kind === 'client') starts.set(key, startNs);
    if (kind === 'service' && attempt === 1 && callPathHash === 0 && span.detail === '200')
      service.set(`${key} ${span.at.startsWith('api')}`, endNs - startNs);
  };
  const fileSystem: ScenarioFileSystem = {
    readFile: () => ({ text: scenario(knobs) }),
    listFiles: () => undefined,
  };
  const loaded = loadScenario('scenario.yaml', fileSystem);
  expect(loaded.diagnostics).toEqual([]);
  const { experiment, diagnostics } = prepareExperiment(loaded.scenario!, fileSystem);
  expect(diagnostics.filter(({ severity }) => severity === 'error')).toEqual([]);
  new Run(experiment!, { trace }).finish();
  return { starts, service };
}

const seconds = (max: number) => fc.integer({ min: 1, max }).map((s) => `${s}s`);
const millis = (max: number) => fc.integer({ min: 1, max }).map((ms) => `${ms}ms`);
const few = fc.integer({ min: 1, max: 8 });

const loadBalancer = fc.oneof(
  fc.constantFrom('ROUND_ROBIN', 'LEAST_REQUEST', 'RANDOM').map((simple) => ({ simple })),
  fc.constantFrom(
    { consistentHash: { useSourceIp: true } },
    { consistentHash: { httpHeaderName: 'x-user', maglev: { tableSize: 101 } } },
    { consistentHash: { httpCookie: { name: 'sid', ttl: '60s' } } },
  ),
);

const trafficPolicy = fc.record(
  {
    loadBalancer,
    connectionPool: fc.record({
      tcp: fc.record({ maxConnections: few }),
      http: fc.record({
        http1MaxPendingRequests: few,
        maxRequestsPerConnection: few,
        maxRetries: few,
      }),
    }),
    outlierDetection: fc.record({
      consecutive5xxErrors: few,
      interval: seconds(3),
      baseEjectionTime: seconds(5),
      maxEjectionPercent: fc.integer({ min: 1, max: 100 }),
    }),
    tls: fc.constantFrom('DISABLE', 'ISTIO_MUTUAL').map((mode) => ({ mode })),
  },
  { requiredKeys: ['tls'] },
);

const http = fc.record(
  {
    retries: fc.record({
      attempts: fc.integer({ min: 1, max: 4 }),
      perTryTimeout: millis(80),
      retryOn: fc.constantFrom('5xx', 'gateway-error', 'connect-failure,refused-stream'),
    }),
    timeout: millis(300),
    fault: fc
      .integer({ min: 1, max: 50 })
      .map((value) => ({ abort: { httpStatus: 503, percentage: { value } } })),
  },
  { requiredKeys: [] },
);

const knobs: fc.Arbitrary<Knobs> = fc.record({
  trafficPolicy,
  http,
  proxy: fc.record({ latency: millis(3), concurrency: few }),
  push: fc.record({ delay: millis(200) }),
  network: fc.record({ latency: millis(5), jitter: millis(5), loss: fc.constantFrom(0, '1%') }),
});

const PLAIN: Knobs = {
  trafficPolicy: { tls: { mode: 'ISTIO_MUTUAL' } },
  http: {},
  proxy: {},
  push: {},
  network: {},
};

describe('whatever knob of the mesh is turned', () => {
  const plain = drawsOf(PLAIN);

  it('leaves arrivals of open loops and service times of first hops where they are', () => {
    // Requests that never reached a pod have no service time, those of other outcomes none that counts.
    let compared = 0;
    const law = fc.property(knobs, (turned) => {
      const { starts, service } = drawsOf(turned);
      for (const [key, startNs] of starts) {
        // Which arrivals a full client drops depends on answers; those that start are where they were.
        const before = plain.starts.get(key);
        if (before !== undefined) expect(startNs).toBe(before);
      }
      for (const [key, ns] of service) {
        const before = plain.service.get(key);
        if (before === undefined) continue;
        expect(ns).toBe(before);
        compared++;
      }
    });
    fc.assert(law, { numRuns: 12, seed: 7 });
    expect(compared).toBeGreaterThan(1200);
    expect(plain.starts.size).toBeGreaterThan(300);
  });
});
