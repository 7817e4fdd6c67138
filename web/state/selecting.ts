import { page, type Selection } from './page-state.ts';

/** Selects more: what is given is added to what is selected, or takes the place of the same kind. */
export function select(change: Selection): void {
  page.set({ selection: { ...page.state.selection, ...change }, phoneTab: page.state.phoneTab });
}

/** Drops some of what is selected. */
export function deselect(keys: readonly (keyof Selection)[]): void {
  const left: Record<string, unknown> = { ...page.state.selection };
  for (const key of keys) delete left[key];
  page.set({ selection: left as Selection }); // Only keys of a selection were taken away.
}

const ORDER: readonly (readonly (keyof Selection)[])[] = [
  ['range'],
  ['endpoint'],
  ['code', 'flags'],
  ['version'],
  ['client'],
  ['from', 'to'],
];

/** Drops the last chip. False if nothing was selected. */
export function deselectLast(): boolean {
  const { selection } = page.state;
  const keys = ORDER.find((group) => group.some((key) => selection[key] !== undefined));
  if (keys === undefined) return false;
  deselect(keys);
  return true;
}
