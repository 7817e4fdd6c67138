/** A simulated mean with the reach of its 99.9 % interval. */
export interface Estimate {
  readonly mean: number;
  readonly reach: number;
}

const BATCHES = 40;
/** Student's t with 39 degrees of freedom at 0.9995. */
const T_39 = 3.5581;

/**
 * The mean of values in order, by batch means: 40 batches, each much longer than what a queue remembers.
 *
 * @source A. M. Law, "Simulation Modeling and Analysis", 5th ed., §9.5.3
 */
export function estimateOf(values: Float64Array): Estimate {
  const size = Math.floor(values.length / BATCHES);
  const means: number[] = [];
  for (let batch = 0; batch < BATCHES; batch++) {
    let sum = 0;
    for (let index = batch * size; index < (batch + 1) * size; index++) sum += values[index]!;
    means.push(sum / size);
  }
  return estimateOfMeans(means);
}

/** From the means of 40 batches. */
export function estimateOfMeans(means: readonly number[]): Estimate {
  const mean = means.reduce((sum, value) => sum + value, 0) / means.length;
  const squares = means.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { mean, reach: T_39 * Math.sqrt(squares / (means.length - 1) / means.length) };
}

/** What a test says of an estimate that misses its formula; '' = it is inside. */
export function missOf({ mean, reach }: Estimate, expected: number): string {
  if (Math.abs(mean - expected) <= reach) return '';
  return `${mean.toPrecision(6)} ± ${reach.toPrecision(3)}, the formula says ${expected.toPrecision(6)}`;
}
