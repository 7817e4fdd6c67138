import type { ResourceOf } from '#config/resource.ts';
import type { Dispatcher, EventTarget } from '#kernel/dispatcher.ts';

/** How many pods a rollout may have too many, and how many too few. */
export interface RolloutLimits {
  readonly surge: number;
  readonly unavailable: number;
  /** All old ones go before the first new one comes. */
  readonly isRecreate: boolean;
}

/**
 * A Deployment's strategy for a number of pods: 25 % and 25 % unless it says so, the one rounded up and the
 * other down; both cannot be nothing.
 *
 * @source kubernetes: pkg/controller/deployment/util/deployment_util.go, ResolveFenceposts
 */
export function rolloutLimits(
  deployment: ResourceOf<'Deployment'> | undefined,
  count: number,
): RolloutLimits {
  const strategy = deployment?.spec.strategy;
  const rolling = strategy?.rollingUpdate;
  const surge = Math.ceil(amount(rolling?.maxSurge, count));
  const unavailable = Math.floor(amount(rolling?.maxUnavailable, count));
  return {
    surge,
    unavailable: surge === 0 && unavailable === 0 ? 1 : unavailable,
    isRecreate: strategy?.type === 'Recreate',
  };
}

function amount(written: string | number | undefined, count: number): number {
  if (typeof written === 'number') return written;
  const [, percent] = /^(\d+)%$/.exec(written ?? '') ?? [];
  if (percent !== undefined) return (Number(percent) / 100) * count;
  const number = Number(written ?? '');
  return written !== undefined && written !== '' && Number.isFinite(number) ? number : count / 4;
}

/** What a rollout does to the pods of its workload. */
export interface RolloutSteps {
  /** A new pod is ready: it joins the endpoints. */
  addPod(workload: string, nowNs: number): void;
  /** The oldest pod leaves them and terminates. */
  removeOldest(workload: string, nowNs: number): void;
}

const READY = 0;

/**
 * Replaces the pods of a workload within its limits: new ones start while there is surge left, old ones go
 * while enough are available.
 *
 * @source kubernetes: pkg/controller/deployment/rolling.go
 */
export class RollingUpdate implements EventTarget {
  readonly #steps: RolloutSteps;
  readonly #workload: string;
  readonly #dispatcher: Dispatcher;
  readonly #limits: RolloutLimits;
  readonly #readyNs: number;
  readonly #count: number;
  #oldLeft: number;
  #created = 0;
  #ready = 0;

  constructor(
    steps: RolloutSteps,
    workload: string,
    count: number,
    limits: RolloutLimits,
    readyNs: number,
    dispatcher: Dispatcher,
  ) {
    this.#steps = steps;
    this.#workload = workload;
    this.#count = count;
    this.#oldLeft = count;
    this.#limits = limits;
    this.#readyNs = readyNs;
    this.#dispatcher = dispatcher;
  }

  start(nowNs: number): void {
    if (this.#limits.isRecreate) {
      while (this.#oldLeft > 0) this.#removeOne(nowNs);
      return; // `oldOnesGone` goes on.
    }
    this.#advance(nowNs);
  }

  /** Every old pod has terminated; matters to `Recreate` alone. */
  oldOnesGone(): void {
    if (this.#limits.isRecreate) while (this.#created < this.#count) this.#create();
  }

  /** A new pod is ready. */
  onEvent(_event: number, nowNs: number): void {
    this.#ready++;
    this.#steps.addPod(this.#workload, nowNs);
    this.#advance(nowNs);
  }

  #advance(nowNs: number): void {
    const least = this.#count - this.#limits.unavailable;
    while (this.#oldLeft > 0 && this.#oldLeft + this.#ready > least) this.#removeOne(nowNs);
    const most = this.#count + this.#limits.surge;
    while (this.#created < this.#count && this.#oldLeft + this.#created < most) this.#create();
  }

  #create(): void {
    this.#created++;
    this.#dispatcher.schedule(this.#readyNs, this, READY);
  }

  #removeOne(nowNs: number): void {
    this.#oldLeft--;
    this.#steps.removeOldest(this.#workload, nowNs);
  }
}
