import { claimOf } from './claim.ts';
import { pointResults, type SweepResult } from './sweep-result.ts';
import type { SweepPoint } from './vary.ts';

/** An expectation that failed at a point of a sweep in more runs than what it says allows. */
export interface BrokenExpectation {
  readonly name: string;
  readonly point: SweepPoint;
  readonly failedCount: number;
  readonly runCount: number;
  /** `~X` may fail in one run of a hundred, and chance has its say; nothing else may fail at all. */
  readonly mostFailures: number;
}

/** What failed: by expectation as in the file, then by point. */
export function brokenExpectations(result: SweepResult): readonly BrokenExpectation[] {
  const points = pointResults(result);
  return result.plan.measures.flatMap((measure, place) => {
    if (measure.kind !== 'expectation') return [];
    return points.flatMap(({ point, spreads }): readonly BrokenExpectation[] => {
      const { heldCount, runCount } = spreads[place]!;
      const failedCount = runCount - (heldCount ?? runCount);
      const { mostFailures } = claimOf(measure.is, runCount);
      if (failedCount <= mostFailures) return [];
      return [{ name: measure.name, point, failedCount, runCount, mostFailures }];
    });
  });
}
