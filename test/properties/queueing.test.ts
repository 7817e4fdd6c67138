import { describe, expect, it } from 'vitest';
import { prepareExperiment } from '#scenario/experiment.ts';
import type { ScenarioFileSystem } from '#scenario/file/file-system.ts';
import { loadScenario } from '#scenario/file/load-scenario.ts';
import { Run } from '#scenario/run.ts';
import type { RunResult } from '#scenario/run-result.ts';

const MESH = `apiVersion: v1
kind: Service
metadata: { name: server }
spec: { selector: { app: server }, ports: [{ name: http, port: 80, targetPort: 8080 }] }
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: server }
spec:
  replicas: 1
  selector: { matchLabels: { app: server } }
  template: { metadata: { labels: { app: server } }, spec: { containers: [{ name: c, image: c }] } }
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: caller }
spec:
  replicas: 1
  selector: { matchLabels: { app: caller } }
  template: { metadata: { labels: { app: caller } }, spec: { containers: [{ name: c, image: c }] } }
`;

/** A mesh that costs no time, so that nothing is left but the queue; expectations as given. */
function runOf(
  server: string,
  ratePerSecond: number,
  seed: number,
  expectations: readonly string[],
): RunResult {
  const scenario = `seed: ${seed}
duration: 400s
warmup: 20s
mesh: mesh.yaml
proxy: { latency: 0 }
network: { latency: 0 }
workloads: { server: ${server} }
clients: { load: { from: caller, request: GET http://server/, load: { rate: ${ratePerSecond}/s } } }
expect:
${expectations.map((expectation) => `  - ${expectation}`).join('\n')}
`;
  const files = new Map([
    ['scenario.yaml', scenario],
    ['mesh.yaml', MESH],
  ]);
  const fileSystem: ScenarioFileSystem = {
    readFile: (path) => {
      const text = files.get(path);
      return text === undefined ? { problem: 'no such file' } : { text };
    },
    listFiles: () => undefined,
  };
  const loaded = loadScenario('scenario.yaml', fileSystem);
  expect(loaded.diagnostics).toEqual([]);
  const prepared = prepareExperiment(loaded.scenario!, fileSystem);
  return new Run(prepared.experiment!).finish();
}

/** The mean time in an M/M/c system, by Erlang's C formula. */
function sojournMs(serverCount: number, ratePerMs: number, serviceMs: number): number {
  const offered = ratePerMs * serviceMs;
  let term = 1;
  let sum = 1;
  for (let k = 1; k < serverCount; k++) {
    term *= offered / k;
    sum += term;
  }
  const last = (term * offered) / serverCount / (1 - offered / serverCount);
  const waiting = last / (sum + last);
  return serviceMs + (waiting * serviceMs) / (serverCount - offered);
}

const EXPONENTIAL = 'latency: { exponential: { mean: 10ms } }';

describe('a mesh that takes no time is an exact queueing model', () => {
  it.each([
    [1, 60],
    [4, 320],
    [16, 1000],
  ])('M/M/%d at %d requests/s has the mean time that Erlang’s formula gives', (servers, rate) => {
    const expected = sojournMs(servers, rate / 1000, 10);
    const { expectations } = runOf(`{ ${EXPONENTIAL}, concurrency: ${servers} }`, rate, servers, [
      `{ that: 'mean(latency{client="load"})', is: "~${expected.toFixed(4)}ms" }`,
    ]);
    expect(expectations[0]).toMatchObject({ holds: true });
    // The interval is narrow enough for the test to fail.
    const { low, high } = expectations[0]!.interval!;
    expect((high - low) / 1e6 / expected).toBeLessThan(0.2);
  });

  it('holds Little’s law: requests in flight are rate times time', () => {
    const { clients, gauges } = runOf(`{ ${EXPONENTIAL}, concurrency: 4 }`, 320, 1, [
      `{ that: 'mean(inflight{proxy=~"caller.*"})', is: "> 0" }`,
    ]);
    const { ratePerSecond, latency } = clients[0]!;
    const inflight = gauges.find(
      ({ kind, proxy }) => kind === 'inflight' && proxy.startsWith('caller'),
    );
    expect(inflight!.mean / (ratePerSecond * (latency.mean / 1e9))).toBeCloseTo(1, 2);
    const queue = gauges.find(({ kind }) => kind === 'queue')!;
    const waitingSeconds = latency.mean / 1e9 - 0.01;
    expect(queue.mean / (ratePerSecond * waitingSeconds)).toBeCloseTo(1, 1);
  });

  it('loses the share of requests that Erlang’s B formula gives when there is no waiting room', () => {
    // M/M/4/4 with an offered load of 4: 0.3107. A 500 is no reason to retry, a 503 would be.
    const server = `{ ${EXPONENTIAL}, concurrency: 4, queue: 0, overload: 500 }`;
    const { expectations, clients } = runOf(server, 400, 3, [
      `{ that: 'requests{client="load", response_code="500"} / requests{client="load"}', is: 31.07% ± 0.6% }`,
    ]);
    expect(expectations[0]).toMatchObject({ holds: true });
    expect(clients[0]!.attemptsPerRequest).toBe(1);
  });
});
