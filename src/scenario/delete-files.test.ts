import { expect, it } from 'vitest';
import { prepareExperiment } from './experiment.ts';
import type { ScenarioFileSystem } from './file/file-system.ts';
import { loadScenario } from './file/load-scenario.ts';
import { Run } from './run.ts';

const SCENARIO = `
mesh:
  - abort.yaml
  - { apiVersion: apps/v1, kind: Deployment, metadata: { name: web }, spec: { template: { metadata: { labels: { app: web } }, spec: { containers: [{ name: c, ports: [{ containerPort: 8080 }] }] } } } }
  - { apiVersion: v1, kind: Service, metadata: { name: web }, spec: { selector: { app: web }, ports: [{ name: http, port: 80, targetPort: 8080 }] } }
push: { delay: 0 }
duration: 10s
clients: { load: { from: web, request: GET http://web/, load: { rate: 20/s } } }
timeline: [{ at: 5s, delete: abort.yaml }]
`;
const ABORT = `apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: web }
spec:
  hosts: [web]
  http: [{ fault: { abort: { httpStatus: 418, percentage: { value: 100 } } }, route: [{ destination: { host: web } }] }]
`;

it('deletes the objects of a file, as kubectl delete -f does', () => {
  const files: ScenarioFileSystem = {
    readFile: (path) => ({ text: path === 'abort.yaml' ? ABORT : SCENARIO }),
    listFiles: () => undefined,
  };
  const { experiment } = prepareExperiment(loadScenario('s.yaml', files).scenario!, files);
  const { clients } = new Run(experiment!).finish();
  const codes = clients[0]!.responses.map(({ code }) => code).sort();
  expect(codes).toEqual([200, 418]);
});
