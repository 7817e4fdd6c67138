/** A thread of a sweep: runs the jobs that it is sent, one at a time. */
import { parentPort, workerData } from 'node:worker_threads';
import { SweepRunner } from '#scenario/sweep/sweep-job.ts';
import type { SweepJob } from '#scenario/sweep/sweep-plan.ts';
import { pointReader, type SweepWorkerData } from './sweep-runner.ts';

const { path, options, measures }: SweepWorkerData = workerData;
const runner = new SweepRunner(pointReader(path, options), measures);
parentPort?.on('message', (job: SweepJob) => {
  parentPort?.postMessage(runner.run(job));
});
