// From files to the first simulated request of a generated mesh, then one VirtualService pushed to the proxies
// that are there, in a process of its own; prints JSON.
// V8 optimizes late what `meshsim run` lets it optimize late.
// Usage: node bench/load-run.mjs SERVICES [PODS_PER_SERVICE] [NAMESPACES]
import { optimizedLate } from '../dist/modules/cli/when-to-optimize.js';
import { prepareExperiment } from '../dist/modules/scenario/experiment.js';
import { loadScenario } from '../dist/modules/scenario/file/load-scenario.js';
import { Run } from '../dist/modules/scenario/run.js';
import { generatedMesh } from './generated-mesh.mjs';

const [services, pods = 2, namespaces = 5] = process.argv.slice(2).map(Number);
const texts = new Map([
  ['mesh.yaml', generatedMesh(services, namespaces, pods)],
  [
    'scenario.yaml',
    `mesh: [mesh.yaml]
duration: 20s
clients: { one: { from: team-0/svc-0, request: GET http://svc-5.team-0:8080/r3, load: { requests: 1 } } }
`,
  ],
]);
const files = {
  readFile: (path) => {
    const text = texts.get(path);
    return text === undefined ? { problem: 'no such file' } : { text };
  },
  listFiles: () => undefined,
};
const cpuMs = () => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
};
const startMs = cpuMs();
const loaded = loadScenario('scenario.yaml', files, {
  parameters: new Map(),
  mayLeaveFolder: true,
});
const { experiment, diagnostics } = optimizedLate(() =>
  prepareExperiment(loaded.scenario ?? {}, files),
);
if (experiment === undefined) throw new Error(diagnostics[0]?.message);
const readMs = cpuMs() - startMs;
const run = optimizedLate(() => new Run(experiment, { translating: optimizedLate }));
run.until(1e9);
const totalMs = cpuMs() - startMs;
const changed = run.mesh.given.find('VirtualService', `team-${5 % namespaces}`, 'svc-5');
const [, ...http] = changed.spec.http;
const beforeMs = cpuMs();
run.mesh.apply([{ ...changed, spec: { ...changed.spec, http } }], 'one VirtualService', run.nowNs);
run.until(10e9);
const pushMs = cpuMs() - beforeMs;
const maxRssMb = process.resourceUsage().maxRSS / 1024;
process.stdout.write(
  `${JSON.stringify({ services, pods: services * pods, readMs, totalMs, pushMs, maxRssMb, requests: run.requestCount })}\n`,
);
