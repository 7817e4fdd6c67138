import { exp, log, pow } from '#kernel/math.ts';
import { inverseNormal } from './inverse-normal.ts';

/**
 * The quantile of the gamma distribution with `shape` and scale 1: x such that P(shape, x) = p.
 * Starts from Wilson and Hilferty's approximation and refines it by Newton steps kept inside a
 * bracket, so it always ends.
 */
export function inverseGamma(shape: number, p: number): number {
  if (p <= 0) return 0;
  let low = 0;
  let high = Number.POSITIVE_INFINITY;
  let x = startingPoint(shape, p);
  const logGammaShape = logGamma(shape);
  for (let step = 0; step < 60; step++) {
    const error = lowerGamma(shape, x, logGammaShape) - p;
    if (error > 0) high = x;
    else low = x;
    const density = exp((shape - 1) * log(x) - x - logGammaShape);
    let next = x - error / density;
    if (!(next > low && next < high))
      next = high < Number.POSITIVE_INFINITY ? (low + high) / 2 : x * 2;
    if (Math.abs(next - x) <= 1e-12 * x) return next;
    x = next;
  }
  return x;
}

/** For small shapes the power law near zero, else the cube of a normal variable. */
function startingPoint(shape: number, p: number): number {
  const cube = 1 - 1 / (9 * shape) + inverseNormal(p) / (3 * Math.sqrt(shape));
  const guess = shape * cube * cube * cube;
  if (cube > 0 && guess > 1e-3 * shape) return guess;
  return pow(p * shape, 1 / shape) * exp(logGamma(shape) / shape) + 1e-300;
}

/** The regularised lower incomplete gamma function P(a, x): a series near zero, a fraction beyond. */
function lowerGamma(a: number, x: number, logGammaA: number): number {
  if (x <= 0) return 0;
  const scale = exp(a * log(x) - x - logGammaA);
  return x < a + 1 ? scale * series(a, x) : 1 - scale * continuedFraction(a, x);
}

function series(a: number, x: number): number {
  let term = 1 / a;
  let sum = term;
  for (let n = 1; n < 2000 && term > sum * 1e-16; n++) {
    term *= x / (a + n);
    sum += term;
  }
  return sum;
}

/** Lentz's method. */
function continuedFraction(a: number, x: number): number {
  const tiny = 1e-300;
  let b = x + 1 - a;
  let c = 1 / tiny;
  let d = 1 / b;
  let h = d;
  for (let n = 1; n < 2000; n++) {
    const an = -n * (n - a);
    b += 2;
    d = an * d + b;
    d = 1 / (Math.abs(d) < tiny ? tiny : d);
    c = b + an / c;
    if (Math.abs(c) < tiny) c = tiny;
    h *= d * c;
    if (Math.abs(d * c - 1) < 1e-16) break;
  }
  return h;
}

/** Lanczos' approximation of log Γ(x), x > 0. */
function logGamma(x: number): number {
  let sum = 1.000000000190015;
  for (let index = 0; index < LANCZOS.length; index++) sum += LANCZOS[index]! / (x + 1 + index);
  const t = x + 5.5;
  return (x + 0.5) * log(t) - t + log((2.5066282746310007 * sum) / x);
}

const LANCZOS = [
  76.18009172947146, -86.50532032941678, 24.01409824083091, -1.231739572450155,
  0.001208650973866179, -5.395239384953e-6,
];
