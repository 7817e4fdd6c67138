/** What tells a window the time. */
export interface Clock {
  readonly nowNs: number;
}

/** Entries that are over may take this much room before they go. */
const COMPACT_AT = 1024;

/**
 * How many streams have started within the last interval, retries among them, whether or not they are
 * over: what a retry budget with a `budget_interval` is a share of. Measured on Envoy 1.40.
 *
 * @source envoy: source/common/upstream/resource_manager_impl.h, RetryBudgetImpl
 */
export class RequestWindow {
  readonly #intervalNs: number;
  readonly #clock: Clock;
  readonly #startsNs: number[] = [];
  /** Those before it are over. */
  #first = 0;

  constructor(intervalNs: number, clock: Clock) {
    this.#intervalNs = intervalNs;
    this.#clock = clock;
  }

  add(nowNs: number): void {
    this.#startsNs.push(nowNs);
  }

  get count(): number {
    const sinceNs = this.#clock.nowNs - this.#intervalNs;
    const starts = this.#startsNs;
    while (this.#first < starts.length && starts[this.#first]! <= sinceNs) this.#first++;
    if (this.#first >= COMPACT_AT) {
      starts.splice(0, this.#first);
      this.#first = 0;
    }
    return starts.length - this.#first;
  }
}
