import { describe, expect, it } from 'vitest';
import { prepareExperiment } from '#scenario/experiment.ts';
import type { ScenarioFileSystem } from '#scenario/file/file-system.ts';
import { loadScenario } from '#scenario/file/load-scenario.ts';
import { Run } from '#scenario/run.ts';
import type { RunResult } from '#scenario/run-result.ts';

/** A caller, four pods that it calls, no retries, and an istiod as slow as a real one. */
function scenario(podSpec: string, keys: string, timeline: string, strategy = ''): string {
  return `duration: 60s
mesh:
  - { apiVersion: apps/v1, kind: Deployment, metadata: { name: web }, spec: { template: { metadata: { labels: { app: web } } } } }
  - { apiVersion: apps/v1, kind: Deployment, metadata: { name: api }, spec: { replicas: 4, ${strategy} template: { metadata: { labels: { app: api } }, spec: { ${podSpec} containers: [{ name: c, ports: [{ containerPort: 8080 }] HOOK }] } } } }
  - { apiVersion: v1, kind: Service, metadata: { name: api }, spec: { selector: { app: api }, ports: [{ name: http, port: 80, targetPort: 8080 }] } }
  - { apiVersion: networking.istio.io/v1, kind: VirtualService, metadata: { name: api }, spec: { hosts: [api], http: [{ route: [{ destination: { host: api } }], retries: { attempts: 0 } }] } }
workloads: { api: { latency: 20ms${keys} } }
clients: { load: { from: web, request: GET http://api/, load: { rate: 150/s } } }
timeline: [${timeline}]
`;
}

function run(text: string, hook = ''): RunResult {
  const fileSystem: ScenarioFileSystem = {
    readFile: () => ({ text: text.replace('HOOK', hook) }),
    listFiles: () => undefined,
  };
  const loaded = loadScenario('scenario.yaml', fileSystem);
  expect(loaded.diagnostics).toEqual([]);
  const prepared = prepareExperiment(loaded.scenario!, fileSystem);
  expect(prepared.diagnostics).toEqual([]);
  return new Run(prepared.experiment!).finish();
}

function failures({ clients }: RunResult): number {
  const responses = clients[0]!.responses.filter(({ code }) => code !== 200);
  return responses.reduce((sum, { count }) => sum + count, 0);
}

/** Sidecars that are no native ones. */
const CLASSIC = 'istioVersion: "1.26"\n';
const PRE_STOP = ', lifecycle: { preStop: { exec: { command: [/bin/sh, -c, sleep 5] } } }';
const SCALE = '{ at: 20s, scale: api, to: 1 }';
const ROLLOUT = '{ at: 20s, rollout: api }';

describe('a pod that is taken away', () => {
  it.each([
    ['a scale-down', SCALE],
    ['a rollout', ROLLOUT],
  ])('answers 503 in %s: its application is gone before every proxy knows', (_, step) => {
    const result = run(scenario('', '', step));
    expect(failures(result)).toBeGreaterThan(5);
    expect(result.clients[0]!.responses.map(({ code }) => code)).toEqual([200, 503]);
  });

  it.each([
    ['a scale-down', SCALE],
    ['a rollout', ROLLOUT],
  ])('loses nothing in %s when its preStop hook outlasts the way of the endpoints', (_, step) => {
    expect(failures(run(scenario('', '', step), PRE_STOP))).toBe(0);
    expect(failures(run(scenario('', ', lifecycle: { preStop: 4s }', step)))).toBe(0);
  });

  it('finishes what it has begun when it takes SIGTERM well, and not when it exits', () => {
    // Nobody sends to it any more when SIGTERM comes, but answers take longer than the hook.
    const slow = ', lifecycle: { preStop: 4s, nativeSidecar: true';
    const text = (keys: string) => scenario('', keys, SCALE).replace('20ms', '6s');
    expect(failures(run(text(`${slow} }`)))).toBe(0);
    expect(failures(run(text(`${slow}, onTerm: exit }`)))).toBeGreaterThan(40);
  });

  it('loses requests longer than the drain of a sidecar that waits for nobody', () => {
    const text =
      CLASSIC + scenario('', ', lifecycle: { preStop: 4s }', SCALE).replace('20ms', '6s');
    expect(failures(run(text))).toBeGreaterThan(40);
    const patient = text.replace('preStop: 4s', 'preStop: 4s, drain: 20s');
    expect(failures(run(patient))).toBe(0);
  });

  it('has a native sidecar since Istio 1.27, unless a node is older than Kubernetes 1.33', () => {
    const text = scenario('', ', lifecycle: { preStop: 4s }', SCALE).replace('20ms', '6s');
    expect(failures(run(text))).toBe(0);
    expect(failures(run(`istioVersion: "1.27"\n${text}`))).toBe(0);
    const node = (version: string) =>
      text.replace(
        'mesh:\n',
        `mesh:\n  - { apiVersion: v1, kind: Node, metadata: { name: n }, status: { nodeInfo: { kubeletVersion: ${version} } } }\n`,
      );
    expect(failures(run(node('v1.33.2')))).toBe(0);
    expect(failures(run(node('v1.32.9')))).toBeGreaterThan(40);
  });

  it('is killed when its grace period is over, whatever it is still doing', () => {
    const keys = ', lifecycle: { preStop: 4s, nativeSidecar: true }';
    const text = scenario('terminationGracePeriodSeconds: 5,', keys, SCALE).replace('20ms', '8s');
    expect(failures(run(text))).toBeGreaterThan(40);
  });

  it('ends as its manifest says: drain and native sidecar by annotation', () => {
    const text =
      CLASSIC + scenario('', ', lifecycle: { preStop: 4s }', SCALE).replace('20ms', '6s');
    const annotated = (annotation: string) =>
      text.replace(
        'metadata: { labels: { app: api } }',
        `metadata: { labels: { app: api }, annotations: ${annotation} }`,
      );
    const drain = "{ proxy.istio.io/config: 'terminationDrainDuration: 20s' }";
    expect(failures(run(annotated(drain)))).toBe(0);
    expect(failures(run(annotated('{ sidecar.istio.io/nativeSidecar: "true" }')))).toBe(0);
  });

  it('waits for the connections of its sidecar when it is told to, up to the grace period', () => {
    const text =
      CLASSIC + scenario('', ', lifecycle: { preStop: 4s }', SCALE).replace('20ms', '6s');
    const exits = "EXIT_ON_ZERO_ACTIVE_CONNECTIONS: 'true'";
    const byMesh = `${text}meshConfig: { defaultConfig: { proxyMetadata: { ${exits} } } }\n`;
    expect(failures(run(byMesh))).toBe(0);
    const annotation = `annotations: { proxy.istio.io/config: "proxyMetadata: { ${exits} }" }`;
    const byPod = text.replace('labels: { app: api } }', `labels: { app: api }, ${annotation} }`);
    expect(failures(run(byPod))).toBe(0);
    const short = byMesh.replace(
      'spec: {  containers: [{ name: c, ports',
      'spec: { terminationGracePeriodSeconds: 5, containers: [{ name: c, ports',
    );
    expect(short).not.toBe(byMesh);
    expect(failures(run(short))).toBeGreaterThan(40);
  });

  it('keeps its sidecar while the hook of that runs, whose container the manifest customises', () => {
    const text =
      CLASSIC + scenario('', ', lifecycle: { preStop: 4s }', SCALE).replace('20ms', '6s');
    const hook =
      "{ name: istio-proxy, image: auto, lifecycle: { preStop: { exec: { command: ['sleep', '15'] } } } }";
    const both = text.replace('containers: [{ name: c', `containers: [${hook}, { name: c`);
    expect(both).not.toBe(text);
    expect(failures(run(both))).toBe(0);
    const key = text.replace('preStop: 4s', 'preStop: 4s, sidecarPreStop: 15s');
    expect(failures(run(key))).toBe(0);
  });
});

describe('a rollout', () => {
  const pods = (strategy: string) => {
    const text = scenario('', ', lifecycle: { preStop: 4s, ready: 5s }', ROLLOUT, strategy);
    return run(text);
  };

  it('takes no pod away before a new one is ready when nothing may be unavailable', () => {
    const strategy = 'strategy: { rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } },';
    const result = pods(strategy);
    expect(failures(result)).toBe(0);
    // Four pods one after another, five seconds each: the last push is at 40 s and a bit.
    const last = Math.max(...result.events.map(({ atNs }) => atNs));
    expect(last / 1e9).toBeGreaterThan(40);
    expect(last / 1e9).toBeLessThan(42);
  });

  it('is over at once when all may be replaced together', () => {
    const strategy = 'strategy: { rollingUpdate: { maxSurge: 100%, maxUnavailable: 0 } },';
    const result = pods(strategy);
    expect(failures(result)).toBe(0);
    const last = Math.max(...result.events.map(({ atNs }) => atNs));
    expect(last / 1e9).toBeLessThan(27);
  });

  it('leaves nobody to answer for a while when old pods go first', () => {
    const result = pods('strategy: { type: Recreate },');
    // Four seconds of hook and five of drain until the old ones have gone, five until the new ones are ready.
    const lost = failures(result) / 150;
    expect(lost).toBeGreaterThan(13);
    expect(lost).toBeLessThan(15);
  });
});
