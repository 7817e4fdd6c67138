import { expect, it } from 'vitest';
import { prepareExperiment } from '#scenario/experiment.ts';
import { loadScenario } from '#scenario/file/load-scenario.ts';
import { Run } from '#scenario/run.ts';
import { optimizedLate } from './when-to-optimize.ts';

it('gives what the work gives, and hands on what it throws', () => {
  expect(optimizedLate(() => 42)).toBe(42);
  const failing = () => {
    throw new Error('the work failed');
  };
  expect(() => optimizedLate(failing)).toThrow('the work failed');
});

it('does istiod’s work for each proxy of a run, and changes nothing of its outcome', () => {
  let count = 0;
  const counted = <T>(work: () => T): T => {
    count++;
    return optimizedLate(work);
  };
  const late = runOf(counted);
  const plain = runOf(undefined);
  expect(count).toBe(late.mesh.proxies.length);
  expect(late.mesh.proxies.length).toBe(2);
  expect(late.result().digest).toBe(plain.result().digest);
});

const MESH = ['client', 'server']
  .map(
    (name) => `apiVersion: v1
kind: Service
metadata: { name: ${name}, namespace: shop }
spec: { selector: { app: ${name} }, ports: [{ name: http, port: 8080 }] }
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: ${name}, namespace: shop }
spec:
  selector: { matchLabels: { app: ${name} } }
  template:
    metadata: { labels: { app: ${name} } }
    spec: { containers: [{ name: app, image: app }] }
`,
  )
  .join('---\n');
const SCENARIO = `mesh: [mesh.yaml]
duration: 1s
clients: { one: { from: shop/client, request: GET http://server:8080/, load: { requests: 3 } } }
`;

function runOf(translating: typeof optimizedLate | undefined): Run {
  const files = {
    readFile: (path: string) => ({ text: path.endsWith('mesh.yaml') ? MESH : SCENARIO }),
    listFiles: () => undefined,
  };
  const options = { parameters: new Map(), mayLeaveFolder: true };
  const { scenario } = loadScenario('scenario.yaml', files, options);
  const { experiment } = prepareExperiment(scenario!, files);
  const run = new Run(experiment!, { translating });
  run.until(2e9);
  return run;
}
