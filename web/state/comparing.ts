import { run } from './engine.ts';
import { page } from './page-state.ts';

/** B is what there is from now on. */
export function keepB(): void {
  page.set({ former: undefined, isComparing: false });
}

/** Undoes the change, and runs what was before it. */
export function backToA(): void {
  const { former } = page.state;
  if (former === undefined) return;
  page.set({ project: former.project, former: undefined, isComparing: false });
  run();
}
