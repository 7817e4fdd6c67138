import { Worker } from 'node:worker_threads';
import type { SweepRun } from '#scenario/sweep/sweep-job.ts';
import type { SweepJob } from '#scenario/sweep/sweep-plan.ts';
import type { SweepWorkerData } from './sweep-runner.ts';

/** Threads that run the jobs of a sweep, each one at a time. */
export class SweepThreads {
  readonly #data: SweepWorkerData;
  readonly #all: Worker[] = [];
  #idle: Worker[] = [];

  constructor(data: SweepWorkerData) {
    this.#data = data;
  }

  /** On a thread that has nothing to do; a new one if there is none. */
  async run(job: SweepJob): Promise<SweepRun> {
    const thread = this.#idle.pop() ?? this.#start();
    const run = await runOn(thread, job);
    this.#idle.push(thread);
    return run;
  }

  async close(): Promise<void> {
    this.#idle = [];
    await Promise.all(this.#all.splice(0).map((thread) => thread.terminate()));
  }

  #start(): Worker {
    const thread = new Worker(new URL('../cli/sweep-worker.js', import.meta.url), {
      workerData: this.#data,
    });
    this.#all.push(thread);
    return thread;
  }
}

function runOn(thread: Worker, job: SweepJob): Promise<SweepRun> {
  return new Promise((resolve, reject) => {
    const finish = () => {
      thread.removeListener('message', onMessage);
      thread.removeListener('error', onError);
    };
    const onMessage = (run: SweepRun) => {
      finish();
      resolve(run);
    };
    const onError = (error: Error) => {
      finish();
      reject(error);
    };
    thread.on('message', onMessage);
    thread.on('error', onError);
    thread.postMessage(job);
  });
}
