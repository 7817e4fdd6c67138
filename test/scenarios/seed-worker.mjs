// A thread of `npm run scenarios`: runs the scenario that it is sent under all seeds.
import { parentPort } from 'node:worker_threads';
import { loadSource } from '../load-source.mjs';

const ready = Promise.all([loadSource('src/envoy/re2.ts'), loadSource('test/scenarios/seeds.ts')]);
parentPort.on('message', async ({ scenario, seedCount }) => {
  const [, { seedRows }] = await ready;
  parentPort.postMessage(seedRows(scenario, seedCount));
});
