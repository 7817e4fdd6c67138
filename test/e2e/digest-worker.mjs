// Runs a bundled scenario in a worker thread and posts its digest.
import { parentPort, workerData } from 'node:worker_threads';

const { dist, path } = workerData;
const { simulate } = await import(`${dist}/testing/node.js`);
parentPort.postMessage(simulate(path).result.digest);
