// Runs a bundled scenario in a worker thread and posts its digest.
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { parentPort, workerData } from 'node:worker_threads';

const { dist, path } = workerData;
const { loadScenario } = await import(`${dist}/scenario/file/load-scenario.js`);
const { prepareExperiment } = await import(`${dist}/scenario/experiment.js`);
const { Run } = await import(`${dist}/scenario/run.js`);
const files = {
  readFile: (name) => ({ text: readFileSync(name, 'utf8') }),
  listFiles: (name) =>
    statSync(name).isDirectory() ? readdirSync(name).map((it) => `${name}/${it}`) : undefined,
};
const { scenario } = loadScenario(path, files);
const { experiment } = prepareExperiment(scenario, files);
parentPort.postMessage(new Run(experiment).finish().digest);
