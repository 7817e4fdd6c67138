import type { ViewComparison } from '#report/run-view-comparison.ts';
import { Store } from './store.ts';

/** The two runs that are compared, request by request; undefined while the engine is at it. */
export const paired = new Store<{ readonly comparison: ViewComparison | undefined }>({
  comparison: undefined,
});
