// What one change of a generated mesh costs the control plane and all proxies together, after warm-up, in a
// process of its own; prints JSON: CPU in milliseconds, median over CHANGES changes of each kind.
// Usage: node bench/push-run.mjs SERVICES [PODS_PER_SERVICE] [NAMESPACES] [PROXIES] [KIND]
import { prepareExperiment } from '../dist/modules/scenario/experiment.js';
import { loadScenario } from '../dist/modules/scenario/file/load-scenario.js';
import { Run } from '../dist/modules/scenario/run.js';
import { generatedMesh } from './generated-mesh.mjs';

const CHANGES = 5;
const SECOND = 1e9;
const [services, pods = 10, namespaces = 20, proxies = 20] = process.argv.slice(2, 6).map(Number);
const only = process.argv[6];
const texts = new Map([
  ['mesh.yaml', generatedMesh(services, namespaces, pods)],
  [
    'scenario.yaml',
    `mesh: [mesh.yaml]
duration: 1000s
clients: { one: { from: team-0/svc-0, request: GET http://svc-5.team-5:8080/r3, load: { requests: 1 } } }
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
const loaded = loadScenario('scenario.yaml', files, {
  parameters: new Map(),
  mayLeaveFolder: true,
});
const { experiment, diagnostics } = prepareExperiment(loaded.scenario ?? {}, files);
if (experiment === undefined) throw new Error(diagnostics[0]?.message);
const run = new Run(experiment);
run.until(SECOND);
const { mesh } = run;

/** Proxies of many services, spread over all namespaces: each has a configuration of its own. */
const startMs = cpuMs();
startProxies();
const proxiesMs = cpuMs() - startMs;

const medians = {};
measure('virtualService', (step) => {
  const { resource, spec } = changed('VirtualService', step);
  apply([{ ...resource, spec: { ...spec, http: spec.http.slice(1) } }], 'a VirtualService');
});
measure('destinationRule', (step) => {
  const { resource, spec } = changed('DestinationRule', step);
  const [subset] = spec.subsets;
  const subsets = [subset, { ...subset, name: `v${step + 2}` }];
  apply([{ ...resource, spec: { ...spec, subsets } }], 'a DestinationRule');
});
measure('service', (step) => {
  const { resource, spec } = changed('Service', step);
  const port = { ...spec.ports[0], name: 'http-more', port: 9090 };
  apply([{ ...resource, spec: { ...spec, ports: [...spec.ports, port] } }], 'a Service');
});
measure('endpoint', (step) => mesh.kill(`team-${step}/svc-${step}`, 1, undefined, run.nowNs));
measure('scale', (step) => mesh.scale(`team-${step}/svc-${step}`, pods + 1, run.nowNs));
const maxRssMb = process.resourceUsage().maxRSS / 1024;
const count = mesh.proxies.length;
process.stdout.write(
  `${JSON.stringify({ services, pods: services * pods, proxies: count, proxiesMs, ...medians, maxRssMb })}\n`,
);

function startProxies() {
  const all = [...mesh.pods];
  const stride = Math.max(1, Math.floor(all.length / proxies));
  for (let index = 0; index < all.length && index < proxies * stride; index += stride) {
    all[index].proxy;
  }
}

function changed(kind, step) {
  const resource = mesh.given.find(kind, `team-${step}`, `svc-${step}`);
  return { resource, spec: resource.spec };
}

function measure(name, change) {
  if (only !== undefined && only !== name) return;
  medians[`${name}Ms`] = median(steps().map((step) => cpuOf(() => change(step))));
}

function apply(resources, name) {
  mesh.apply(resources, name, run.nowNs);
}

function steps() {
  return Array.from({ length: CHANGES }, (_, step) => step + 1);
}

/** Of a change, until it has reached every proxy. */
function cpuOf(change) {
  const beforeMs = cpuMs();
  change();
  run.until(run.nowNs + 9 * SECOND);
  return cpuMs() - beforeMs;
}

function cpuMs() {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

function median(values) {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];
}
