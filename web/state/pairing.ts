import { comparePaired } from './engine.ts';
import { page } from './page-state.ts';
import { paired } from './paired.ts';

/** While somebody drags a value one run follows another: the last of them is compared. */
const DELAY_MS = 120;

/** Has A and B compared request by request whenever one of them has become another. */
export function keepPaired(): () => void {
  let known: readonly unknown[] = [];
  let timer: ReturnType<typeof setTimeout> | undefined;
  const look = () => {
    const { isComparing, former, view, status, ranProject, parameters } = page.state;
    if (!isComparing || former === undefined || ranProject === undefined) return;
    if (status !== 'finished' || view?.isOver !== true) return;
    const pair = [former.view, view];
    if (pair.every((one, index) => one === known[index])) return;
    known = pair;
    paired.set({ comparison: undefined });
    clearTimeout(timer);
    const a = { project: former.project, parameters, seed: former.view.seed };
    const b = { project: ranProject, parameters, seed: view.seed };
    timer = setTimeout(() => comparePaired(a, b), DELAY_MS);
  };
  look();
  return page.subscribe(look);
}
