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

/** How long a new pod takes. */
export interface RolloutTimes {
  readonly readyNs: number;
  /** From then until it counts as available: `minReadySeconds`. */
  readonly minReadyNs: number;
}

/** What a rollout does to the pods of its workload. */
export interface RolloutSteps {
  /** A new pod is ready: it joins the endpoints. */
  addPod(workload: string, nowNs: number): void;
  /** The oldest pod leaves them and terminates. */
  removeOldest(workload: string, nowNs: number): void;
}

const READY = 0;
const AVAILABLE = 1;

/**
 * Replaces the pods of a workload within its limits: new ones start while there is surge left, old ones go
 * while enough are available: ready for `minReadySeconds`.
 *
 * @source kubernetes: pkg/controller/deployment/rolling.go
 */
export class RollingUpdate implements EventTarget {
  readonly #steps: RolloutSteps;
  readonly #workload: string;
  readonly #dispatcher: Dispatcher;
  readonly #limits: RolloutLimits;
  readonly #times: RolloutTimes;
  readonly #count: number;
  #oldLeft: number;
  #created = 0;
  #available = 0;

  constructor(
    steps: RolloutSteps,
    workload: string,
    count: number,
    limits: RolloutLimits,
    times: RolloutTimes,
    dispatcher: Dispatcher,
  ) {
    this.#steps = steps;
    this.#workload = workload;
    this.#count = count;
    this.#oldLeft = count;
    this.#limits = limits;
    this.#times = times;
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

  /** A new pod is ready: it serves; later it is available: an old one may go. */
  onEvent(event: number, nowNs: number): void {
    if (event === READY) {
      this.#steps.addPod(this.#workload, nowNs);
      if (this.#times.minReadyNs > 0) {
        this.#dispatcher.schedule(this.#times.minReadyNs, this, AVAILABLE);
        return;
      }
    }
    this.#available++;
    this.#advance(nowNs);
  }

  #advance(nowNs: number): void {
    const least = this.#count - this.#limits.unavailable;
    while (this.#oldLeft > 0 && this.#oldLeft + this.#available > least) this.#removeOne(nowNs);
    const most = this.#count + this.#limits.surge;
    while (this.#created < this.#count && this.#oldLeft + this.#created < most) this.#create();
  }

  #create(): void {
    this.#created++;
    this.#dispatcher.schedule(this.#times.readyNs, this, READY);
  }

  #removeOne(nowNs: number): void {
    this.#oldLeft--;
    this.#steps.removeOldest(this.#workload, nowNs);
  }
}
