import { describe, expect, it } from 'vitest';
import { prepareExperiment } from '#scenario/experiment.ts';
import type { ScenarioFileSystem } from '#scenario/file/file-system.ts';
import { loadScenario } from '#scenario/file/load-scenario.ts';
import { Run, type RunOptions } from '#scenario/run.ts';
import type { RunResult } from '#scenario/run-result.ts';

/** The manifests of the task. @source istio: content/en/docs/tasks/traffic-management/circuit-breaking */
const MESH = `apiVersion: v1
kind: Service
metadata: { name: httpbin, labels: { app: httpbin } }
spec:
  ports: [{ name: http, port: 8000, targetPort: 8080 }]
  selector: { app: httpbin }
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: httpbin }
spec:
  replicas: 1
  selector: { matchLabels: { app: httpbin } }
  template:
    metadata: { labels: { app: httpbin, version: v1 } }
    spec: { containers: [{ name: httpbin, image: docker.io/mccutchen/go-httpbin, ports: [{ containerPort: 8080 }] }] }
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: fortio }
spec:
  replicas: 1
  selector: { matchLabels: { app: fortio } }
  template:
    metadata: { labels: { app: fortio } }
    spec: { containers: [{ name: fortio, image: fortio/fortio:latest_release }] }
---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: { name: httpbin }
spec:
  host: httpbin
  trafficPolicy:
    connectionPool:
      tcp: { maxConnections: 1 }
      http: { http1MaxPendingRequests: 1, maxRequestsPerConnection: 1 }
    outlierDetection:
      consecutive5xxErrors: 1
      interval: 1s
      baseEjectionTime: 3m
      maxEjectionPercent: 100
`;

function runOf(text: string, options: RunOptions = {}, mesh = MESH): RunResult {
  const fileSystem: ScenarioFileSystem = {
    readFile: (path) => ({ text: path === 'scenario.yaml' ? text : mesh }),
    listFiles: () => undefined,
  };
  const loaded = loadScenario('scenario.yaml', fileSystem);
  expect(loaded.diagnostics).toEqual([]);
  const prepared = prepareExperiment(loaded.scenario!, fileSystem);
  expect(prepared.diagnostics).toEqual([]);
  return new Run(prepared.experiment!, options).finish();
}

describe('Istio’s circuit breaking task', () => {
  // One run of 20 or 30 calls scatters widely: with luck each connection has a worker of its own.
  it.each([
    [2, 20, 0.85],
    [3, 30, 0.37],
  ])(
    'lets through with %d connections and two workers about what it reports',
    (users, calls, wanted) => {
      let success = 0;
      let count = 0;
      for (let seed = 1; seed <= 50; seed++) {
        const { clients } = runOf(`seed: ${seed}
duration: 60s
mesh: httpbin.yaml
proxy: { latency: 1ms }
workloads: { httpbin: { latency: { exponential: { mean: 1.5ms } } } }
clients: { fortio: { from: fortio, request: GET http://httpbin:8000/get, load: { concurrency: ${users}, requests: ${calls} } } }
`);
        count += clients[0]!.requestCount;
        success += clients[0]!.responses.find(({ code }) => code === 200)?.count ?? 0;
      }
      expect(count).toBeGreaterThanOrEqual(1000);
      expect(Math.abs(success / count - wanted)).toBeLessThan(0.1);
    },
  );
});

describe('a knob of the data plane', () => {
  const scenario = `duration: 20s
mesh: httpbin.yaml
workloads: { httpbin: { latency: { p50: 5ms, p99: 50ms } } }
clients: { load: { from: fortio, request: GET http://httpbin:8000/get, load: { rate: 80/s } } }
`;

  /** When each request was to start, and how long the first try of each was worked on. */
  function drawsOf(policy: string): { starts: Map<number, number>; service: Map<number, number> } {
    const starts = new Map<number, number>();
    const service = new Map<number, number>();
    const at = MESH.indexOf('  trafficPolicy:');
    const trace: RunOptions['trace'] = (span) => {
      if (span.kind === 'client') starts.set(span.rootNumber, span.startNs);
      if (span.kind === 'service' && span.attempt === 1)
        service.set(span.rootNumber, span.endNs - span.startNs);
    };
    runOf(scenario, { trace }, `${MESH.slice(0, at)}  trafficPolicy: ${policy}\n`);
    return { starts, service };
  }

  const plain = drawsOf('{ loadBalancer: { simple: RANDOM } }');

  it.each([
    ['a pool of one connection', '{ connectionPool: { tcp: { maxConnections: 1 } } }'],
    [
      'a limit that overflows',
      '{ connectionPool: { tcp: { maxConnections: 1 }, http: { http1MaxPendingRequests: 1 } } }',
    ],
    ['outlier detection', '{ outlierDetection: { consecutive5xxErrors: 1, interval: 1s } }'],
    ['another balancer', '{ loadBalancer: { consistentHash: { useSourceIp: true } } }'],
    ['no mTLS', '{ tls: { mode: DISABLE } }'],
  ])('moves no arrival and no service time: %s', (_, policy) => {
    const { starts, service } = drawsOf(policy);
    expect(starts).toEqual(plain.starts);
    expect(service.size).toBeGreaterThan(1000);
    for (const [root, ns] of service) expect(ns).toBe(plain.service.get(root));
  });
});
