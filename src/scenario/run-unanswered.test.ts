import { expect, it } from 'vitest';
import { prepareExperiment } from './experiment.ts';
import type { ScenarioFileSystem } from './file/file-system.ts';
import { loadScenario } from './file/load-scenario.ts';
import { Run } from './run.ts';

const MESH = `
mesh:
  - { apiVersion: apps/v1, kind: Deployment, metadata: { name: web }, spec: { template: { metadata: { labels: { app: web } } } } }
  - { apiVersion: apps/v1, kind: Deployment, metadata: { name: api }, spec: { template: { metadata: { labels: { app: api } }, spec: { containers: [{ name: c, ports: [{ containerPort: 8080 }] }] } } } }
  - { apiVersion: v1, kind: Service, metadata: { name: api }, spec: { selector: { app: api }, ports: [{ name: http, port: 80, targetPort: 8080 }] } }
duration: 10s
clients: { load: { from: web, sidecar: false, request: GET http://api/, load: { rate: 20/s } } }
timeline: [{ at: 5s, kill: api }]
`;

it('counts what a client got no answer to as no success', () => {
  const files: ScenarioFileSystem = {
    readFile: () => ({ text: MESH }),
    listFiles: () => undefined,
  };
  const { experiment } = prepareExperiment(loadScenario('s.yaml', files).scenario!, files);
  const [client] = new Run(experiment!).finish().clients;
  const unanswered = client!.responses.filter(({ code }) => code === 0);
  const share = unanswered.reduce((sum, it) => sum + it.share, 0);
  expect(share).toBeGreaterThan(0.3);
  expect(client!.successShare).toBeCloseTo(1 - share, 9);
});
