import { assert } from '#kernel/assert.ts';
import { exp, log, pow } from '#kernel/math.ts';
import { inverseGamma } from './inverse-gamma.ts';
import { inverseNormal } from './inverse-normal.ts';

/**
 * How long something takes: a constant or a distribution of nanoseconds. Every distribution is drawn
 * by its inverse distribution function, so one decision costs exactly one uniform number and two runs
 * that share their randomness can be compared request by request.
 */
export type Latency =
  | { readonly kind: 'constant'; readonly ns: number }
  | { readonly kind: 'logNormal'; readonly low: Percentile; readonly high: Percentile }
  | { readonly kind: 'exponential'; readonly meanNs: number }
  | { readonly kind: 'normal'; readonly meanNs: number; readonly sdNs: number }
  | { readonly kind: 'uniform'; readonly fromNs: number; readonly toNs: number }
  | { readonly kind: 'gamma'; readonly meanNs: number; readonly shape: number }
  | { readonly kind: 'pareto'; readonly minNs: number; readonly alpha: number }
  | { readonly kind: 'weibull'; readonly scaleNs: number; readonly shape: number }
  | { readonly kind: 'percentiles'; readonly points: readonly Percentile[] }
  | { readonly kind: 'samples'; readonly sortedNs: readonly number[] }
  | { readonly kind: 'mix'; readonly parts: readonly LatencyShare[] };

/** `percent` of all values are at most `ns`. */
export interface Percentile {
  readonly percent: number;
  readonly ns: number;
}

export interface LatencyShare {
  readonly weight: number;
  readonly latency: Latency;
}

/** A compiled latency: the value in integer nanoseconds at `uniform` in [0, 1). */
export interface LatencySampler {
  /** The value if it is always the same; then nothing has to be drawn. */
  readonly constantNs: number | undefined;
  sampleNs(uniform: number): number;
}

/** No draw is longer: a tail that would overflow the clock means nothing (about 11 days). */
const MAX_LATENCY_NS = 1e15;

/** Compiles a latency once; sampling then allocates nothing. */
export function latencySampler(latency: Latency): LatencySampler {
  if (latency.kind === 'constant') return new Constant(latency.ns);
  return new Inverse(quantileFunction(latency));
}

class Constant implements LatencySampler {
  readonly constantNs: number;
  constructor(ns: number) {
    this.constantNs = ns;
  }
  sampleNs(): number {
    return this.constantNs;
  }
}

class Inverse implements LatencySampler {
  readonly constantNs = undefined;
  readonly #quantile: (uniform: number) => number;
  constructor(quantile: (uniform: number) => number) {
    this.#quantile = quantile;
  }
  sampleNs(uniform: number): number {
    const ns = this.#quantile(uniform);
    if (!(ns > 0)) return 0; // Cut at zero; an infinite or undefined tail never reaches the clock.
    return ns < MAX_LATENCY_NS ? Math.floor(ns + 0.5) : MAX_LATENCY_NS;
  }
}

/** The inverse distribution function of a latency, in (not yet rounded) nanoseconds. */
function quantileFunction(latency: Latency): (uniform: number) => number {
  switch (latency.kind) {
    case 'constant':
      return () => latency.ns;
    case 'logNormal':
      return logNormalQuantile(latency.low, latency.high);
    case 'exponential':
      return (u) => -latency.meanNs * log(1 - u);
    case 'normal':
      return (u) => latency.meanNs + latency.sdNs * inverseNormal(u);
    case 'uniform':
      return (u) => latency.fromNs + (latency.toNs - latency.fromNs) * u;
    case 'gamma':
      return (u) => (latency.meanNs / latency.shape) * inverseGamma(latency.shape, u);
    case 'pareto':
      return (u) => latency.minNs * pow(1 - u, -1 / latency.alpha);
    case 'weibull':
      return (u) => latency.scaleNs * pow(-log(1 - u), 1 / latency.shape);
    case 'percentiles':
      return percentilesQuantile(latency.points);
    case 'samples':
      return samplesQuantile(latency.sortedNs);
    case 'mix':
      return mixQuantile(latency.parts);
  }
}

/** The log-normal distribution through two percentiles. */
function logNormalQuantile(low: Percentile, high: Percentile): (uniform: number) => number {
  const zLow = inverseNormal(low.percent / 100);
  const zHigh = inverseNormal(high.percent / 100);
  const sigma = (log(high.ns) - log(low.ns)) / (zHigh - zLow);
  const mu = log(low.ns) - sigma * zLow;
  return (u) => exp(mu + sigma * inverseNormal(u));
}

/** Straight lines between the points; what lies below the first point starts at zero. */
function percentilesQuantile(points: readonly Percentile[]): (uniform: number) => number {
  assert(points.length > 0, 'a list of percentiles is not empty');
  return (u) => {
    const percent = u * 100;
    let lowPercent = 0;
    let lowNs = points[0]!.percent === 0 ? points[0]!.ns : 0;
    for (const point of points) {
      if (percent <= point.percent) {
        const width = point.percent - lowPercent;
        return width > 0 ? lowNs + ((percent - lowPercent) / width) * (point.ns - lowNs) : point.ns;
      }
      lowPercent = point.percent;
      lowNs = point.ns;
    }
    return lowNs;
  };
}

function samplesQuantile(sortedNs: readonly number[]): (uniform: number) => number {
  assert(sortedNs.length > 0, 'a list of samples is not empty');
  return (u) => sortedNs[Math.floor(u * sortedNs.length)]!;
}

/** One draw picks the part, and what is left of it draws inside that part. */
function mixQuantile(parts: readonly LatencyShare[]): (uniform: number) => number {
  const total = parts.reduce((sum, part) => sum + part.weight, 0);
  const compiled = parts.map((part) => ({
    share: part.weight / total,
    quantile: quantileFunction(part.latency),
  }));
  return (u) => {
    let rest = u;
    for (const part of compiled) {
      if (rest < part.share) return part.quantile(rest / part.share);
      rest -= part.share;
    }
    return compiled.at(-1)!.quantile(0.5); // Rounding ate the last sliver of the last part.
  };
}
