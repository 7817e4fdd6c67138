/**
 * A value that changes at instants, over a window [from, to): its mean, weighted by time, and its
 * maximum. The value at the start of the window counts towards both.
 */
export class GaugeWindow {
  value = 0;
  /** The greatest value of the window so far; 0 before it. */
  max = 0;
  readonly #fromNs: number;
  readonly #toNs: number;
  #sinceNs: number;
  #integral = 0;

  constructor(fromNs: number, toNs: number) {
    this.#fromNs = fromNs;
    this.#toNs = toNs;
    this.#sinceNs = fromNs;
  }

  add(difference: number, nowNs: number): void {
    if (nowNs > this.#fromNs) this.#advance(nowNs);
    this.value += difference;
    if (nowNs >= this.#fromNs && nowNs < this.#toNs && this.value > this.max) this.max = this.value;
  }

  /** The mean over the part of the window before `nowNs`; NaN before the window has begun. */
  mean(nowNs: number): number {
    const untilNs = Math.min(nowNs, this.#toNs);
    if (untilNs <= this.#fromNs) return Number.NaN;
    this.#advance(untilNs);
    return this.#integral / (untilNs - this.#fromNs);
  }

  #advance(nowNs: number): void {
    const untilNs = Math.min(nowNs, this.#toNs);
    if (untilNs <= this.#sinceNs) return;
    this.#integral += this.value * (untilNs - this.#sinceNs);
    this.#sinceNs = untilNs;
    if (this.value > this.max) this.max = this.value;
  }
}
