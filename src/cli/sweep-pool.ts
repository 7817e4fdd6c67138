import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import type { Measure } from '#scenario/sweep/measure.ts';
import { type SweepRun, SweepRunner } from '#scenario/sweep/sweep-job.ts';
import type { SweepJob } from '#scenario/sweep/sweep-plan.ts';
import type { ProgramContext } from './program-context.ts';
import type { ScenarioOptions } from './run-command.ts';
import { pointReader, type SweepWorkerData } from './sweep-runner.ts';

/**
 * Runs the jobs of a sweep on all cores: each worker takes the next job when it is done with one. The
 * results do not depend on how many there are. One worker is this thread itself.
 */
export class SweepPool {
  readonly #data: SweepWorkerData;
  readonly #context: ProgramContext;
  readonly #size: number;
  #workers: Worker[] = [];
  #runner: SweepRunner | undefined = undefined;
  #isInterrupted = false;
  readonly #onInterrupt = () => {
    this.#isInterrupted = true;
  };

  constructor(
    path: string,
    options: ScenarioOptions & { readonly jobs?: number },
    measures: readonly Measure[],
    context: ProgramContext,
  ) {
    const { set, strict, allowOutside, seed } = options;
    this.#data = { path, options: plain({ set, strict, allowOutside, seed }), measures };
    this.#context = context;
    this.#size = options.jobs ?? availableParallelism();
    process.on('SIGINT', this.#onInterrupt);
  }

  /** Ctrl-C was pressed: what is known so far is all there will be. */
  get isInterrupted(): boolean {
    return this.#isInterrupted;
  }

  /** By index; those that are done when interrupted. */
  async run(jobs: readonly SweepJob[]): Promise<readonly SweepRun[]> {
    const runs: SweepRun[] = [];
    const waiting = jobs[Symbol.iterator]();
    const show = () => this.#showProgress(runs.length, jobs.length);
    const serve = async (runOne: (job: SweepJob) => Promise<SweepRun>) => {
      for (const job of waiting) {
        if (this.#isInterrupted) return;
        runs.push(await runOne(job));
        show();
      }
    };
    const size = Math.min(this.#size, jobs.length);
    if (size <= 1) await serve((job) => this.#runHere(job));
    else {
      while (this.#workers.length < size) this.#workers.push(this.#newWorker());
      const workers = this.#workers.slice(0, size);
      await Promise.all(workers.map((worker) => serve((job) => runOn(worker, job))));
    }
    this.#clearProgress();
    return runs.sort((a, b) => a.index - b.index);
  }

  async close(): Promise<void> {
    process.removeListener('SIGINT', this.#onInterrupt);
    await Promise.all(this.#workers.map((worker) => worker.terminate()));
    this.#workers = [];
  }

  #newWorker(): Worker {
    const url = new URL('./sweep-worker.js', import.meta.url);
    return new Worker(url, { workerData: this.#data });
  }

  async #runHere(job: SweepJob): Promise<SweepRun> {
    await new Promise((resolve) => setImmediate(resolve)); // Lets a signal through.
    const { path, options, measures } = this.#data;
    this.#runner ??= new SweepRunner(pointReader(path, options), measures);
    return this.#runner.run(job);
  }

  #showProgress(done: number, all: number): void {
    if (this.#isShown) process.stderr.write(`\r\u001b[K${done} of ${all} runs`);
  }

  #clearProgress(): void {
    if (this.#isShown) process.stderr.write('\r\u001b[K');
  }

  get #isShown(): boolean {
    return (
      process.stderr.isTTY === true && !this.#context.isQuiet && (process.env['CI'] ?? '') === ''
    );
  }
}

/** Without keys that are undefined: a worker is given what was said. */
function plain(
  options: {
    readonly [Key in keyof ScenarioOptions]: ScenarioOptions[Key] | undefined;
  },
): ScenarioOptions {
  const known = Object.entries(options).filter(([, value]) => value !== undefined);
  return { set: options.set ?? [], ...Object.fromEntries(known) };
}

function runOn(worker: Worker, job: SweepJob): Promise<SweepRun> {
  return new Promise((resolve, reject) => {
    const finish = () => {
      worker.removeListener('message', onMessage);
      worker.removeListener('error', onError);
    };
    const onMessage = (run: SweepRun) => {
      finish();
      resolve(run);
    };
    const onError = (error: Error) => {
      finish();
      reject(error);
    };
    worker.on('message', onMessage);
    worker.on('error', onError);
    worker.postMessage(job);
  });
}
