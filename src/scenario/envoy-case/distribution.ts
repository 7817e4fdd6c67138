/** n, min, p50, p90, max, mean of milliseconds, to a tenth. */
export function distribution(values: readonly number[]): Readonly<Record<string, number | null>> {
  const sorted = [...values].sort((a, b) => a - b);
  const mean = values.reduce((sum, value) => sum + value, 0) / (values.length || 1);
  return {
    n: values.length,
    min: tenths(quantile(sorted, 0)),
    p50: tenths(quantile(sorted, 0.5)),
    p90: tenths(quantile(sorted, 0.9)),
    max: tenths(quantile(sorted, 1)),
    mean: tenths(mean),
  };
}

/** Linear between neighbours; undefined of nothing. */
export function quantile(sorted: readonly number[], share: number): number | undefined {
  if (sorted.length === 0) return undefined;
  const at = (sorted.length - 1) * share;
  const below = Math.floor(at);
  const low = sorted[below] ?? 0;
  const high = sorted[Math.min(below + 1, sorted.length - 1)] ?? 0;
  return low + (high - low) * (at - below);
}

/** Rounded, as measures are; null for none. */
export function tenths(value: number | undefined): number | null {
  return value === undefined ? null : Math.round(value * 10) / 10;
}
