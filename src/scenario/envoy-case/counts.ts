/** How often each of some outcomes was seen. */
export type Counts = Record<string, number>;

export function increment(counts: Counts, key: string, by = 1): void {
  counts[key] = (counts[key] ?? 0) + by;
}

export function countBy<Item>(items: readonly Item[], keyOf: (item: Item) => string): Counts {
  const counts: Counts = {};
  for (const item of items) increment(counts, keyOf(item));
  return counts;
}

export function dividedBy(counts: Counts, total: number): Counts {
  return Object.fromEntries(Object.entries(counts).map(([key, count]) => [key, count / total]));
}
