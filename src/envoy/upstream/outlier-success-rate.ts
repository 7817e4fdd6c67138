/**
 * Counts answers and successes over the intervals of the detector: one bucket is written, the one of
 * the last complete interval is read.
 *
 * @source envoy: source/common/upstream/outlier_detection_impl.h, SuccessRateAccumulator
 */
export class SuccessRateAccumulator {
  #total = 0;
  #success = 0;
  /** Of the last complete interval. */
  volume = 0;
  #successVolume = 0;

  count(isSuccess: boolean): void {
    this.#total++;
    if (isSuccess) this.#success++;
  }

  /** The interval is over: what it counted can be read. */
  swap(): void {
    this.volume = this.#total;
    this.#successVolume = this.#success;
    this.#total = 0;
    this.#success = 0;
  }

  /** Neither bucket holds anything. */
  get isEmpty(): boolean {
    return this.#total === 0 && this.volume === 0;
  }

  /** In percent; meaningful when `volume` is not 0. */
  get ratePercent(): number {
    return (100 * this.#successVolume) / this.volume;
  }
}

/**
 * Below which success rate a host is an outlier: the mean less `factor` standard deviations.
 *
 * @param rates of the hosts with enough requests, in percent; at least one
 * @source envoy: source/common/upstream/outlier_detection_impl.cc, successRateEjectionThreshold
 */
export function successRateThreshold(
  rates: readonly number[],
  factor: number,
): { readonly mean: number; readonly stdev: number; readonly threshold: number } {
  const mean = rates.reduce((sum, rate) => sum + rate, 0) / rates.length;
  const variance =
    rates.reduce((sum, rate) => sum + (rate - mean) * (rate - mean), 0) / rates.length;
  const stdev = Math.sqrt(variance);
  return { mean, stdev, threshold: mean - factor * stdev };
}

/** @source envoy: source/common/upstream/outlier_detection_impl.cc, processSuccessRateEjections */
export function hasFailurePercentage(ratePercent: number, thresholdPercent: number): boolean {
  return 100 - ratePercent >= thresholdPercent;
}
