import { describe, expect, it } from 'vitest';
import { prepareExperiment } from './experiment.ts';
import type { ScenarioFileSystem } from './file/file-system.ts';
import { loadScenario } from './file/load-scenario.ts';
import { Run } from './run.ts';
import type { RunResult, TrafficResult } from './run-result.ts';

const MS = 1e6;

/** `api` in two zones and `db` in one, called by `web`; a host outside that is called, too. */
function scenario(clients: string, more: string): string {
  const deployment = (name: string, app: string, zone: string) =>
    `  - { apiVersion: apps/v1, kind: Deployment, metadata: { name: ${name} }, spec: { template: { metadata: { labels: { app: ${app}, topology.istio.io/subzone: "" } }, spec: { nodeName: node-${zone}, containers: [{ name: c, ports: [{ containerPort: 8080 }] }] } } } }`;
  const service = (name: string) =>
    `  - { apiVersion: v1, kind: Service, metadata: { name: ${name} }, spec: { selector: { app: ${name} }, ports: [{ name: http, port: 80, targetPort: 8080 }] } }
  - { apiVersion: networking.istio.io/v1, kind: VirtualService, metadata: { name: ${name} }, spec: { hosts: [${name}], http: [{ route: [{ destination: { host: ${name} } }], retries: { attempts: 0 } }] } }`;
  const node = (zone: string) =>
    `  - { apiVersion: v1, kind: Node, metadata: { name: node-${zone}, labels: { topology.kubernetes.io/region: eu, topology.kubernetes.io/zone: ${zone} } } }`;
  return `duration: 20s
proxy: { latency: 0 }
push: { delay: 0 }
mesh:
${['a', 'b'].map(node).join('\n')}
${[deployment('web', 'web', 'a'), deployment('api-a', 'api', 'a'), deployment('api-b', 'api', 'b'), deployment('db', 'db', 'b')].join('\n')}
${['api', 'db'].map(service).join('\n')}
clients: { ${clients} }
${more}`;
}

function prepared(clients: string, more: string) {
  const fileSystem: ScenarioFileSystem = {
    readFile: () => ({ text: scenario(clients, more) }),
    listFiles: () => undefined,
  };
  const loaded = loadScenario('scenario.yaml', fileSystem);
  expect(loaded.diagnostics).toEqual([]);
  return prepareExperiment(loaded.scenario!, fileSystem);
}

function run(clients: string, more = ''): RunResult {
  const { experiment, diagnostics } = prepared(clients, more);
  expect(diagnostics).toEqual([]);
  return new Run(experiment!).finish();
}

const load = (host: string, more = '') =>
  `load: { from: web, request: GET http://${host}/, ${more} load: { rate: 100/s } }`;
const client = ({ clients }: RunResult): TrafficResult => clients[0]!;
const share = (result: RunResult, code: number): number =>
  client(result)
    .responses.filter((it) => it.code === code)
    .reduce((sum, it) => sum + it.share, 0);

describe('the network', () => {
  it('makes each message later by up to its jitter', () => {
    const calm = client(run(load('db'), 'network: { zones: 1ms }'));
    expect(calm.latency.mean / MS).toBeCloseTo(12, 0);
    const nervous = client(run(load('db'), 'network: { zones: 1ms, jitter: 8ms }'));
    // A request and an answer, 4 ms each on average; connecting is rare.
    expect(nervous.latency.mean / MS).toBeGreaterThan(19.5);
    expect(nervous.latency.mean / MS).toBeLessThan(21);
  });

  it('loses messages as delays, or as resets of their connection', () => {
    const late = run(load('db'), 'network: { loss: 5% }');
    expect(share(late, 200)).toBe(1);
    expect(client(late).latency.mean / MS).toBeGreaterThan(12 + 15);
    const reset = run(load('db'), 'network: { reset: 5% }');
    // A request or its answer: one in ten.
    expect(share(reset, 503)).toBeGreaterThan(0.07);
    expect(share(reset, 503)).toBeLessThan(0.13);
    expect(client(reset).responses.map(({ flags }) => flags)).toContain('UC');
  });

  it('does not hang when everything is lost', () => {
    const result = run(load('db', 'timeout: 1s,'), 'network: { loss: 100% }');
    expect(share(result, 200)).toBe(0);
  });

  it('is parted between any two sets: lists, zones, nodes, the outside', () => {
    const lost = (between: string, host = 'api') =>
      1 -
      share(
        run(
          load(host, 'timeout: 500ms,'),
          `timeline: [{ at: 10s, partition: { between: ${between} } }]`,
        ),
        200,
      );
    expect(lost('[web, [api-a, api-b]]')).toBeCloseTo(0.5, 1);
    expect(lost('[web, api-b]')).toBeCloseTo(0.25, 1);
    expect(lost('[a, b]')).toBeCloseTo(0.25, 1);
    expect(lost('[node-a, node-b]')).toBeCloseTo(0.25, 1);
    expect(lost('[web, "*"]')).toBeCloseTo(0.5, 1);
    expect(lost('[outside, "*"]')).toBe(0);
    expect(lost('[web, outside]', 'pay.example.com')).toBeCloseTo(0.5, 1);
  });

  it('refuses places that there are not', () => {
    const { diagnostics } = prepared(
      load('api'),
      'timeline: [{ at: 10s, partition: { between: [web, node-c] } }, { at: 1s, network: { between: [api-c, outsid], loss: 1% } }]',
    );
    expect(diagnostics.map(({ message, hint }) => `${message}; ${hint}`)).toEqual([
      'the mesh has no workload, node, zone or region "node-c"; did you mean "node-a"?',
      'the mesh has no workload, node, zone or region "api-c"; did you mean "api-a"?',
      'the mesh has no workload, node, zone or region "outsid"; did you mean "outside"?',
    ]);
  });

  it('costs a round trip more for the handshake of mTLS', () => {
    const first = (mode: string) => {
      const rule = `- { apiVersion: networking.istio.io/v1, kind: DestinationRule, metadata: { name: db }, spec: { host: db, trafficPolicy: { tls: { mode: ${mode} } } } }`;
      const text = scenario(load('db').replace('rate: 100/s', 'requests: 1'), '').replace(
        'clients:',
        `  ${rule}\nclients:`,
      );
      const fileSystem: ScenarioFileSystem = {
        readFile: () => ({ text }),
        listFiles: () => undefined,
      };
      const experiment = prepareExperiment(loadScenario('s.yaml', fileSystem).scenario!, fileSystem)
        .experiment!;
      return client(new Run(experiment).finish()).latency.mean / MS;
    };
    expect(first('ISTIO_MUTUAL') - first('DISABLE')).toBeCloseTo(2, 3);
  });
});

describe('the name of a host outside', () => {
  it('is not resolved while DNS fails, and is again afterwards', () => {
    const result = run(
      load('pay.example.com'),
      'timeline: [{ at: 5s, external: pay.example.com, set: { dns: fail } }, { at: 10s, external: pay.example.com, set: { dns: ok } }]',
    );
    // Connections that are open stay in use: only who opens a new one asks.
    expect(share(result, 200)).toBeGreaterThan(0.9);
    const always = run(load('pay.example.com'), 'external: { pay.example.com: { dns: fail } }');
    expect(share(always, 200)).toBe(0);
    expect(client(always).responses[0]).toMatchObject({ code: 0, flags: 'UF' });
  });
});

describe('a single pod', () => {
  it('must be one that its workload has, or may have', () => {
    const { diagnostics } = prepared(
      load('api'),
      `workloads: { api-a: { pods: { api-a-7: { latency: 1ms }, api-b-1: { latency: 1ms } } }, "*": { pods: { x: { latency: 1ms } } } }
timeline: [{ at: 1s, workload: db, set: { pods: { db1: { latency: 1ms } } } }]`,
    );
    expect(diagnostics.map(({ message, hint }) => `${message}; ${hint}`)).toEqual([
      'workload "api-a" has no pod "api-b-1"; did you mean "api-a-1"?',
      '"pods" belongs to a workload by name, not to "*"; undefined',
      'workload "db" has no pod "db1"; did you mean "db-1"?',
    ]);
  });

  it('can be changed by the timeline, and keeps what it had', () => {
    const result = run(
      load('api'),
      `workloads: { api-a: { pods: { api-a-1: { errors: { 500: 50% } } } } }
timeline: [{ at: 10s, workload: api-a, set: { pods: { api-a-1: { latency: 100ms } } } }]`,
    );
    // LEAST_REQUEST sends less to the slow pod; had it forgotten its errors, one in eight would fail.
    expect(share(result, 500)).toBeGreaterThan(0.15);
    expect(share(result, 500)).toBeLessThan(0.25);
    expect(client(result).latency.max / MS).toBeGreaterThan(100);
  });
});
