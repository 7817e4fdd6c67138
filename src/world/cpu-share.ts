import type { Dispatcher, EventTarget, Timer } from '#kernel/dispatcher.ts';

/** Work on a processor; told when it is done. */
export interface CpuJob extends EventTarget {
  /** The virtual time at which it is done. */
  cpuFinish: number;
}

const NEXT_DONE = 0;

/**
 * The processor time of one instance, shared evenly: up to `cores` requests work at full speed, more of
 * them at `cores / n`, as a container behind its CPU limit does over the length of a request.
 *
 * Virtual time is the work that each request has got; whoever needs least of it is done first.
 */
export class CpuShare implements EventTarget {
  readonly #dispatcher: Dispatcher;
  readonly #timer: Timer;
  #cores: number;
  #virtualNs = 0;
  #sinceNs = 0;
  #busyNs = 0;
  /** The next to be done is the last. */
  readonly #jobs: CpuJob[] = [];

  constructor(dispatcher: Dispatcher, cores: number) {
    this.#dispatcher = dispatcher;
    this.#cores = cores;
    this.#timer = dispatcher.createTimer(this, NEXT_DONE);
  }

  /** Core time used so far. */
  busyUntilNow(): number {
    this.#advance(this.#dispatcher.nowNs);
    return this.#busyNs;
  }

  setCores(cores: number): void {
    if (cores === this.#cores) return;
    this.#advance(this.#dispatcher.nowNs);
    this.#cores = cores;
    this.#arm();
  }

  add(job: CpuJob, workNs: number): void {
    this.#advance(this.#dispatcher.nowNs);
    job.cpuFinish = this.#virtualNs + workNs;
    let low = 0;
    let high = this.#jobs.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#jobs[middle]!.cpuFinish > job.cpuFinish) low = middle + 1;
      else high = middle;
    }
    this.#jobs.splice(low, 0, job);
    this.#arm();
  }

  /** Stops working on it. False when it was not being worked on. */
  remove(job: CpuJob): boolean {
    const index = this.#jobs.indexOf(job);
    if (index < 0) return false;
    this.#advance(this.#dispatcher.nowNs);
    this.#jobs.splice(index, 1);
    this.#arm();
    return true;
  }

  /** The first is done. */
  onEvent(event: number, nowNs: number): void {
    this.#advance(nowNs);
    const job = this.#jobs.pop();
    if (job === undefined) return;
    this.#virtualNs = Math.max(this.#virtualNs, job.cpuFinish);
    this.#arm();
    job.onEvent(event, nowNs);
  }

  /** How fast each request is worked on. */
  get #speed(): number {
    return Math.min(1, this.#cores / this.#jobs.length);
  }

  #advance(nowNs: number): void {
    const passedNs = nowNs - this.#sinceNs;
    this.#sinceNs = nowNs;
    const count = this.#jobs.length;
    if (count === 0) return;
    this.#virtualNs += passedNs * this.#speed;
    this.#busyNs += passedNs * Math.min(count, this.#cores);
  }

  #arm(): void {
    const next = this.#jobs.at(-1);
    if (next === undefined) {
      this.#virtualNs = 0; // Nobody's finish counts: small numbers stay exact.
      this.#timer.disable();
    } else {
      const leftNs = Math.max(0, next.cpuFinish - this.#virtualNs) / this.#speed;
      this.#timer.enable(Math.round(leftNs));
    }
  }
}
