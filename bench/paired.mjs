// Which of two builds costs less CPU a request? Both run in one process, in turns of 20 ms of virtual time; what
// is printed is the median ratio of neighbouring turns, so a busy machine hurts both alike: 200 turns tell 2 %.
// Usage: node bench/paired.mjs TREE_A TREE_B [SCENARIO]; a tree has package.json, dist/ and the scenario below it.
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

const TURN_NS = 20e6;
const WARM_UP = 100;
const TURNS = 200;
const [a, b, scenario = 'bench/scenarios/w1/scenario.yaml'] = process.argv.slice(2);
const pair = [await runOf(a), await runOf(b)];
const ratios = [];
for (let turn = 1; turn <= WARM_UP + TURNS; turn++) {
  const order = turn % 2 === 0 ? [0, 1] : [1, 0];
  const cost = [0, 0];
  for (const side of order) cost[side] = cpuPerRequest(pair[side], turn * TURN_NS);
  if (turn > WARM_UP) ratios.push(cost[1] / cost[0]);
}
ratios.sort((x, y) => x - y);
const at = (share) => ratios[Math.floor(share * ratios.length)].toFixed(3);
console.log(`B / A: ${at(0.5)} (quartiles ${at(0.25)} to ${at(0.75)})`);

async function runOf(tree) {
  const load = (path) => import(pathToFileURL(resolve(tree, 'dist/modules', path)).href);
  const { NodeFiles } = await load('cli/node-files.js');
  const { prepareExperiment } = await load('scenario/experiment.js');
  const { loadScenario } = await load('scenario/file/load-scenario.js');
  const { Run } = await load('scenario/run.js');
  const files = new NodeFiles();
  const parameters = new Map([['requests', '100000000']]);
  const loaded = loadScenario(resolve(tree, scenario), files, {
    parameters,
    seed: 1,
    mayLeaveFolder: true,
  });
  const { experiment, diagnostics } = prepareExperiment(loaded.scenario, files);
  if (experiment === undefined) throw new Error(diagnostics[0]?.message);
  return new Run(experiment);
}

function cpuPerRequest(run, untilNs) {
  const before = run.requestCount;
  const start = process.cpuUsage();
  run.until(untilNs);
  const { user, system } = process.cpuUsage(start);
  return (user + system) / (run.requestCount - before);
}
