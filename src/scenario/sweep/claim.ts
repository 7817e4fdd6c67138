import { pow } from '#kernel/math.ts';

/** How often an expectation may fail over many seeds and still be honest. */
export interface Claim {
  /** The share of runs in which it fails by what it says: 1 % for `~X`, none otherwise. */
  readonly failureShare: number;
  /** More failing runs than this are a finding. */
  readonly mostFailures: number;
}

/** `~X` says "X lies in the 99 % interval": one run of a hundred is outside. */
const ESTIMATE_FAILURE_SHARE = 0.01;
/** Chance with which an honest expectation is called a liar. */
const SIGNIFICANCE = 0.001;

/** What `is: …` claims, over so many runs. */
export function claimOf(is: string, runCount: number): Claim {
  if (!is.trim().startsWith('~')) return { failureShare: 0, mostFailures: 0 };
  const failureShare = ESTIMATE_FAILURE_SHARE;
  return { failureShare, mostFailures: binomialUpperBound(runCount, failureShare, SIGNIFICANCE) };
}

/** The smallest k with P(X > k) <= `tail` for X binomial. */
export function binomialUpperBound(count: number, share: number, tail: number): number {
  let term = pow(1 - share, count);
  let cumulative = term;
  let k = 0;
  while (1 - cumulative > tail && k < count) {
    term *= ((count - k) / (k + 1)) * (share / (1 - share));
    k++;
    cumulative += term;
  }
  return k;
}
