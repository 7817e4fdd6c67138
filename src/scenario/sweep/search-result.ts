import type { Dimension } from '#telemetry/query/reading.ts';
import type { BreakingPoint, Trial } from './breaking-point.ts';
import type { Spread } from './sweep-result.ts';

/** A value that was tried, under all seeds. */
export interface SearchTrial extends Trial {
  /** Seeds in which it broke. */
  readonly brokenCount: number;
  /** What the query of the condition gave; undefined where there is none. */
  readonly spread: Spread | undefined;
}

/** A search for the value that breaks a scenario, in the order of the trials. */
export interface SearchResult {
  readonly scenario: string;
  readonly title: string;
  readonly key: string;
  /** As written; undefined: that an expectation fails. */
  readonly until: string | undefined;
  /** Of the condition's query. */
  readonly dimension: Dimension | undefined;
  readonly firstSeed: number;
  readonly seedCount: number;
  readonly trials: readonly SearchTrial[];
  readonly breakingPoint: BreakingPoint;
}
