// Runs one scenario in a process of its own and prints what it cost, as JSON.
// Usage: node bench/scenario-run.mjs FILE [REQUESTS]
// CPU is user + system of all threads around loading, translating and running; the interpreter's start is out,
// compiling, garbage collection and their threads are in: as the peers of the benchmark count it.
import { NodeFiles } from '../dist/cli/node-files.js';
import { prepareExperiment } from '../dist/scenario/experiment.js';
import { loadScenario } from '../dist/scenario/file/load-scenario.js';
import { Run } from '../dist/scenario/run.js';

const [file, requests] = process.argv.slice(2);
const cpuUs = () => {
  const { user, system } = process.cpuUsage();
  return user + system;
};
const startUs = cpuUs();
const files = new NodeFiles();
const loaded = loadScenario(file, files, {
  parameters: new Map(requests === undefined ? [] : [['requests', requests]]),
  seed: 1,
  mayLeaveFolder: true,
});
const { experiment, diagnostics } = prepareExperiment(loaded.scenario, files);
if (experiment === undefined) throw new Error(diagnostics[0]?.message);
const run = new Run(experiment);
const loadUs = cpuUs() - startUs;
const { digest } = run.finish();
const totalUs = cpuUs() - startUs;
process.stdout.write(
  `${JSON.stringify({
    requests: run.requestCount,
    events: run.dispatcher.eventCount,
    loadMs: loadUs / 1000,
    usPerRequest: totalUs / run.requestCount,
    maxRssMb: process.resourceUsage().maxRSS / 1024,
    digest,
  })}\n`,
);
