import { expect, it } from 'vitest';
import { prepareExperiment } from './experiment.ts';
import type { ScenarioFileSystem } from './file/file-system.ts';
import { loadScenario } from './file/load-scenario.ts';
import { Run } from './run.ts';

const MESH = `
proxy: { latency: 0 }
network: { latency: 0 }
push: { delay: 0 }
mesh:
  - { apiVersion: apps/v1, kind: Deployment, metadata: { name: web }, spec: { template: { metadata: { labels: { app: web } } } } }
  - { apiVersion: apps/v1, kind: Deployment, metadata: { name: api }, spec: { template: { metadata: { labels: { app: api, version: v1 } }, spec: { containers: [{ name: c, ports: [{ containerPort: 8080 }] }] } } } }
  - { apiVersion: v1, kind: Service, metadata: { name: api }, spec: { selector: { app: api }, ports: [{ name: http, port: 80, targetPort: 8080 }] } }
  - apiVersion: networking.istio.io/v1
    kind: DestinationRule
    metadata: { name: api }
    spec:
      host: api
      trafficPolicy:
        outlierDetection: { consecutive5xxErrors: 3, interval: 1s, maxEjectionPercent: 100 }
        connectionPool: { http: { http1MaxPendingRequests: 1000 } }
      subsets: [{ name: v1, labels: { version: v1 } }, { name: v2, labels: { version: v2 } }]
  - apiVersion: networking.istio.io/v1
    kind: VirtualService
    metadata: { name: api }
    spec:
      hosts: [api]
      http:
        - name: admin
          match: [{ uri: { prefix: /admin } }]
          route: [{ destination: { host: api, subset: v2 } }]
        - match: [{ uri: { prefix: /slow } }, { uri: { prefix: /items } }]
          timeout: 5s
          retries: { attempts: 1, retryOn: 5xx }
          fault: { abort: { httpStatus: 418, percentage: { value: 10 } } }
          route: [{ destination: { host: api, subset: v1 } }]
duration: 10s
`;

function coverageOf(more: string) {
  const text = MESH + more;
  const files: ScenarioFileSystem = { readFile: () => ({ text }), listFiles: () => undefined };
  const { experiment } = prepareExperiment(loadScenario('s.yaml', files).scenario!, files);
  const { coverage } = new Run(experiment!).finish();
  return (isExercised: boolean) =>
    coverage
      .filter((item) => item.isExercised === isExercised)
      .map(({ kind, name }) => `${kind} ${name}`);
}

const GOOD =
  'clients: { load: { from: web, request: GET http://api/items, load: { rate: 20/s } } }';
const BAD = `${GOOD}\nworkloads: { api: { errors: { 503: 100% } } }`;

it('says which routes, matches, subsets and policies no request met', () => {
  const coverage = coverageOf(GOOD);
  expect(coverage(true)).toEqual([
    'route api http[1]',
    'match api http[1] match[1]',
    'fault api http[1]',
    'subset api|v1',
  ]);
  expect(coverage(false)).toEqual([
    'route admin',
    'match api http[1] match[0]',
    'timeout api http[1]',
    'retries api http[1]',
    'outlierDetection api',
    'connectionPool api',
    'subset api|v2',
  ]);
});

it('counts a policy when it has done something: a retry, an ejection', () => {
  const exercised = coverageOf(BAD)(true);
  expect(exercised).toContain('retries api http[1]');
  expect(exercised).toContain('outlierDetection api');
  expect(exercised).not.toContain('timeout api http[1]');
});

it('is of the run alone: another run of the same experiment starts from nothing', () => {
  const text = MESH + GOOD;
  const files: ScenarioFileSystem = { readFile: () => ({ text }), listFiles: () => undefined };
  const { experiment } = prepareExperiment(loadScenario('s.yaml', files).scenario!, files);
  const exercised = (run: Run) => run.result().coverage.filter(({ isExercised }) => isExercised);
  const first = new Run(experiment!);
  first.finish();
  expect(exercised(first)).toHaveLength(4);
  expect(exercised(new Run(experiment!))).toEqual([]);
});
