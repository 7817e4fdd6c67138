import { exp, log } from '#kernel/math.ts';

/** Where a true value lies, with the given confidence. */
export interface Interval {
  readonly low: number;
  readonly high: number;
}

/** All intervals of expectations: 99 %. */
const CONFIDENCE = 0.99;
/** The standard normal quantile of (1 + CONFIDENCE) / 2. */
const NORMAL_99 = 2.5758293035489004;

/**
 * The exact interval of a share of which `hits` of `count` draws were seen: Clopper and Pearson's.
 *
 * @source C. Clopper, E. S. Pearson, Biometrika 26 (1934), 404–413
 */
export function binomialInterval(hits: number, count: number, confidence = CONFIDENCE): Interval {
  const tail = (1 - confidence) / 2;
  if (count === 0) return { low: 0, high: 1 };
  return {
    low: hits === 0 ? 0 : solve((p) => incompleteBeta(hits, count - hits + 1, p), tail),
    high: hits === count ? 1 : solve((p) => incompleteBeta(hits + 1, count - hits, p), 1 - tail),
  };
}

/**
 * The exact interval of the mean of a Poisson count that was seen as `count`.
 *
 * @source F. Garwood, Biometrika 28 (1936), 437–442
 */
export function poissonInterval(count: number, confidence = CONFIDENCE): Interval {
  const tail = (1 - confidence) / 2;
  const reach = count + 10 * Math.sqrt(count + 1) + 20;
  const at = (shape: number, level: number) =>
    reach * solve((share) => lowerGamma(shape, share * reach), level);
  return { low: count === 0 ? 0 : at(count, tail), high: at(count + 1, 1 - tail) };
}

/** The interval of a mean by the normal distribution of batch means; undefined for fewer than 10. */
export function batchMeansInterval(means: readonly number[]): Interval | undefined {
  const count = means.length;
  if (count < 10) return undefined;
  const mean = means.reduce((sum, value) => sum + value, 0) / count;
  const squares = means.reduce((sum, value) => sum + (value - mean) * (value - mean), 0);
  const reach = NORMAL_99 * Math.sqrt(squares / (count - 1) / count);
  return { low: mean - reach, high: mean + reach };
}

/** How many draws it takes to know a share near `share` to ± `tolerance` with the usual confidence. */
export function drawsNeeded(share: number, tolerance: number): number {
  return Math.ceil((NORMAL_99 * NORMAL_99 * share * (1 - share)) / (tolerance * tolerance));
}

/** The x in [0, 1] where a rising function takes the value `level`. */
function solve(rising: (x: number) => number, level: number): number {
  let low = 0;
  let high = 1;
  for (let step = 0; step < 100 && high - low > 1e-16 * high; step++) {
    const middle = (low + high) / 2;
    if (rising(middle) < level) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

/**
 * ln Γ(x) for x > 0, to about 15 digits.
 *
 * @source C. Lanczos, SIAM J. Numer. Anal. B 1 (1964), 86–96; coefficients for g = 7, n = 9
 */
export function logGamma(x: number): number {
  let sum = LANCZOS[0]!;
  for (let index = 1; index < LANCZOS.length; index++) sum += LANCZOS[index]! / (x + index - 1);
  const base = x + 6.5;
  return HALF_LOG_TAU + (x - 0.5) * log(base) - base + log(sum);
}

const HALF_LOG_TAU = 0.9189385332046728;
const LANCZOS: readonly number[] = [
  0.9999999999998099, 676.5203681218851, -1259.1392167224028, 771.3234287776531, -176.6150291621406,
  12.507343278686905, -0.13857109526572012, 9.984369578019572e-6, 1.5056327351493116e-7,
];

/**
 * The regularised incomplete beta function I_x(a, b): the share of a beta distribution below x.
 * By its continued fraction (Lentz), on the side where it converges fast.
 *
 * @source Press et al., "Numerical Recipes", 3rd ed., §6.4
 */
export function incompleteBeta(a: number, b: number, x: number): number {
  if (x <= 0) return 0;
  if (x >= 1) return 1;
  const front = exp(logGamma(a + b) - logGamma(a) - logGamma(b) + a * log(x) + b * log(1 - x));
  if (x < (a + 1) / (a + b + 2)) return (front * betaFraction(a, b, x)) / a;
  return 1 - (front * betaFraction(b, a, 1 - x)) / b;
}

function betaFraction(a: number, b: number, x: number): number {
  let c = 1;
  let d = 1 / nonZero(1 - ((a + b) * x) / (a + 1));
  let fraction = d;
  for (let m = 1; m < 10_000; m++) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m));
    d = 1 / nonZero(1 + even * d);
    c = nonZero(1 + even / c);
    fraction *= d * c;
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1));
    d = 1 / nonZero(1 + odd * d);
    c = nonZero(1 + odd / c);
    fraction *= d * c;
    if (Math.abs(d * c - 1) < 1e-15) break;
  }
  return fraction;
}

/** The regularised incomplete gamma function P(a, x): a series below a + 1, a fraction above. */
export function lowerGamma(a: number, x: number): number {
  if (x <= 0) return 0;
  const front = exp(a * log(x) - x - logGamma(a));
  if (x < a + 1) return front * gammaSeries(a, x);
  return 1 - front * gammaFraction(a, x);
}

function gammaSeries(a: number, x: number): number {
  let term = 1 / a;
  let sum = term;
  for (let n = 1; n < 100_000 && term > sum * 1e-16; n++) {
    term *= x / (a + n);
    sum += term;
  }
  return sum;
}

function gammaFraction(a: number, x: number): number {
  let b = x + 1 - a;
  let c = 1e300;
  let d = 1 / nonZero(b);
  let fraction = d;
  for (let n = 1; n < 100_000; n++) {
    const step = -n * (n - a);
    b += 2;
    d = 1 / nonZero(step * d + b);
    c = nonZero(b + step / c);
    fraction *= d * c;
    if (Math.abs(d * c - 1) < 1e-15) break;
  }
  return fraction;
}

function nonZero(value: number): number {
  return Math.abs(value) < 1e-300 ? 1e-300 : value;
}
