import { availableParallelism } from 'node:os';
import type { Measure } from '#scenario/sweep/measure.ts';
import { type SweepRun, SweepRunner } from '#scenario/sweep/sweep-job.ts';
import type { SweepJob } from '#scenario/sweep/sweep-plan.ts';
import type { ProgramContext } from './program-context.ts';
import type { ScenarioOptions } from './run-command.ts';
import { SweepProgress } from './sweep-progress.ts';
import { pointReader, type SweepWorkerData, sweepWorkerData } from './sweep-runner.ts';
import { SweepThreads } from './sweep-threads.ts';

/**
 * Runs the jobs of a sweep on all cores: each worker takes the next job when it is done with one. The
 * results do not depend on how many there are. One worker is this thread itself.
 */
export class SweepPool {
  readonly #data: SweepWorkerData;
  readonly #progress: SweepProgress;
  readonly #size: number;
  readonly #threads: SweepThreads;
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
    this.#data = sweepWorkerData(path, options, measures);
    this.#threads = new SweepThreads(this.#data);
    this.#progress = new SweepProgress(context);
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
    const serve = async (runOne: (job: SweepJob) => Promise<SweepRun>) => {
      for (const job of waiting) {
        if (this.#isInterrupted) return;
        runs.push(await runOne(job));
        this.#progress.show(runs.length, jobs.length);
      }
    };
    const size = Math.min(this.#size, jobs.length);
    if (size <= 1) await serve((job) => this.#runHere(job));
    else
      await Promise.all(Array.from({ length: size }, () => serve((job) => this.#threads.run(job))));
    this.#progress.clear();
    return runs.sort((a, b) => a.index - b.index);
  }

  async close(): Promise<void> {
    process.removeListener('SIGINT', this.#onInterrupt);
    await this.#threads.close();
  }

  async #runHere(job: SweepJob): Promise<SweepRun> {
    await new Promise((resolve) => setImmediate(resolve)); // Lets a signal through.
    const { path, options, measures } = this.#data;
    this.#runner ??= new SweepRunner(pointReader(path, options), measures);
    return this.#runner.run(job);
  }
}
