import type { RowId } from '#telemetry/recorder.ts';

/** Rows and how many requests of each are meant. */
export interface CountedRow {
  readonly row: RowId;
  readonly count: number;
}

export function countOf(rows: readonly CountedRow[]): number {
  return rows.reduce((sum, { count }) => sum + count, 0);
}

/** In the order in which the keys are first met. */
export function grouped<Item>(
  items: readonly Item[],
  keyOf: (item: Item) => string,
): Map<string, Item[]> {
  const groups = new Map<string, Item[]>();
  for (const item of items) {
    const key = keyOf(item);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [item]);
    else group.push(item);
  }
  return groups;
}
