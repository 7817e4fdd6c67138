/**
 * A sweep on as many machines as are given the same command: a queue server (Redis or Valkey) hands out
 * the runs, and each machine takes some, waits for all, and prints the same document. A run that was lost
 * with its machine is handed out again; one that is known, from before or from elsewhere, is not run twice.
 */
import { availableParallelism } from 'node:os';
import type { Queue, Worker } from 'bullmq';
import type { Redis } from 'ioredis';
import { hexOfUint64 } from '#kernel/uint64.ts';
import { xxHash64 } from '#kernel/xxhash64.ts';
import type { SweepRun } from '#scenario/sweep/sweep-job.ts';
import type { SweepJob } from '#scenario/sweep/sweep-plan.ts';
import type { ProgramContext } from './program-context.ts';
import { SweepProgress } from './sweep-progress.ts';
import type { SweepWorkerData } from './sweep-runner.ts';
import { SweepThreads } from './sweep-threads.ts';
import { packageVersion } from './version.ts';

/** Why there is no queue, and what to do about it. */
export interface NoQueue {
  readonly problem: string;
  readonly hint: string;
}

const LOOK_MS = 100;
const RECONNECT_MS = 500;
/** A machine that has not been heard of for so long has lost its runs. */
const LOCK_MS = 10_000;
const STALLED_CHECK_MS = 5_000;
/** Of a run that fails, or is lost. */
const MOST_TRIES = 3;
const KEPT_SECONDS = 7 * 24 * 3600;

export class SweepQueue {
  readonly #redis: Redis;
  readonly #queue: Queue<SweepJob, SweepRun>;
  readonly #worker: Worker<SweepJob, SweepRun>;
  readonly #threads: SweepThreads;
  readonly #progress: SweepProgress;
  readonly #identity: string;
  #isInterrupted = false;
  readonly #onInterrupt = () => {
    this.#isInterrupted = true;
  };

  /** Connects to the server at `url`; says why it cannot. */
  static async open(
    url: string,
    identity: string,
    data: SweepWorkerData & { readonly jobs: number | undefined },
    context: ProgramContext,
  ): Promise<SweepQueue | NoQueue> {
    const packages = await queuePackages();
    if (packages === undefined)
      return {
        problem: '--queue needs the packages bullmq and ioredis',
        hint: 'npm install bullmq ioredis',
      };
    let isKnown = false;
    let lost = '';
    const redis = new packages.Redis(url, {
      lazyConnect: true,
      maxRetriesPerRequest: null,
      retryStrategy: () => (isKnown ? RECONNECT_MS : null),
    });
    redis.on('error', (error: Error) => {
      lost = error.message;
    });
    try {
      await redis.connect();
      isKnown = true;
    } catch (error) {
      redis.disconnect();
      const why = lost || (error instanceof Error ? error.message : '');
      return {
        problem: `no queue server at ${withoutPassword(url)}: ${why}`,
        hint: 'start Redis or Valkey there, or use --shard',
      };
    }
    return new SweepQueue(packages, redis, identity, data, context);
  }

  private constructor(
    { Queue, Worker }: QueuePackages,
    redis: Redis,
    identity: string,
    data: SweepWorkerData & { readonly jobs: number | undefined },
    context: ProgramContext,
  ) {
    this.#redis = redis;
    this.#identity = identity;
    this.#threads = new SweepThreads(data);
    this.#progress = new SweepProgress(context);
    // A queue of its own for each sweep of each version: nobody takes what it could not run alike.
    const name = `meshsim-sweep-${packageVersion()}-${identity}`;
    this.#queue = new Queue(name, { connection: redis });
    this.#worker = new Worker(name, (job) => this.#threads.run(job.data), {
      connection: redis,
      autorun: false,
      concurrency: data.jobs ?? availableParallelism(),
      lockDuration: LOCK_MS,
      stalledInterval: STALLED_CHECK_MS,
      maxStalledCount: MOST_TRIES,
    });
    // Connections are mended by themselves; a run that fails is looked at when all are over.
    this.#worker.on('error', () => {});
    this.#queue.on('error', () => {});
    process.on('SIGINT', this.#onInterrupt);
  }

  get isInterrupted(): boolean {
    return this.#isInterrupted;
  }

  /** By index; those that are done when interrupted. Whoever ran them. */
  async run(jobs: readonly SweepJob[]): Promise<readonly SweepRun[]> {
    await this.#queue.addBulk(jobs.map((job) => this.#queued(job)));
    this.#worker.run().catch(() => {});
    await this.#untilOver(jobs.length);
    this.#progress.clear();
    await this.#throwFirstFailure();
    const done = await this.#queue.getJobs(['completed'], 0, jobs.length);
    return done.map(({ returnvalue }) => returnvalue).sort((a, b) => a.index - b.index);
  }

  async close(): Promise<void> {
    process.removeListener('SIGINT', this.#onInterrupt);
    // Nothing is under way, or nobody waits for it: another machine will run it again.
    await this.#worker.close(true);
    await this.#queue.close();
    await this.#threads.close();
    this.#redis.disconnect();
  }

  #queued(job: SweepJob) {
    const kept = { age: KEPT_SECONDS };
    const jobId = queueJobId(this.#identity, job);
    const opts = { jobId, attempts: MOST_TRIES, removeOnComplete: kept, removeOnFail: kept };
    return { name: 'run', data: job, opts };
  }

  async #untilOver(count: number): Promise<void> {
    while (!this.#isInterrupted) {
      const { completed = 0, failed = 0 } = await this.#queue.getJobCounts('completed', 'failed');
      this.#progress.show(completed, count);
      if (completed + failed >= count) return;
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    }
  }

  /** Failed runs are taken off the queue, so that the same command tries them again. */
  async #throwFirstFailure(): Promise<void> {
    const failed = await this.#queue.getJobs(['failed']);
    for (const job of failed) await job.remove();
    if (failed[0] !== undefined) throw new Error(failed[0].failedReason);
  }
}

/** Of its inputs: the same run has the same id wherever it is asked for. No `:`, and never a number. */
export function queueJobId(identity: string, { index, point, seed }: SweepJob): string {
  return `run-${hexOfUint64(xxHash64(JSON.stringify([identity, index, point, seed])))}`;
}

/** Optional peers: loaded only when asked for. */
async function queuePackages(): Promise<QueuePackages | undefined> {
  try {
    const [{ Queue, Worker }, { Redis }] = await Promise.all([import('bullmq'), import('ioredis')]);
    return { Queue, Worker, Redis };
  } catch {
    return undefined;
  }
}

interface QueuePackages {
  readonly Queue: typeof Queue;
  readonly Worker: typeof Worker;
  readonly Redis: typeof Redis;
}

/** As it may be shown. */
function withoutPassword(url: string): string {
  return url.replace(/\/\/[^@/]*@/, '//');
}
