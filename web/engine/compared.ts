import { type ViewComparison, viewComparison } from '#report/run-view-comparison.ts';
import { compareRuns, type LoggedRun } from '#scenario/run-comparison.ts';

/** Two finished runs, request by request. Loaded when first asked for. */
export function compared(a: LoggedRun, b: LoggedRun): ViewComparison {
  return viewComparison(compareRuns(a, b));
}
