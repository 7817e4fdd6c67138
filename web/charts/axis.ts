import { scaleLinear, scaleLog } from 'd3';

/** Every chart and the ruler share these: one x scale for all. */
export const AXIS_LEFT = 40;
export const AXIS_RIGHT = 76;

export type Scale = (value: number) => number;

/** A stretch of a run. */
export interface Stretch {
  readonly fromNs: number;
  readonly toNs: number;
}

export function timeScale(
  width: number,
  { fromNs, toNs }: Stretch,
  left = AXIS_LEFT,
  right = AXIS_RIGHT,
) {
  return scaleLinear()
    .domain([fromNs, toNs])
    .range([left, Math.max(left + 10, width - right)]);
}

export interface ValueAxis {
  readonly y: Scale;
  readonly ticks: readonly number[];
}

const ROUND_VALUES = [0.1, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 30_000];

/** From 0 for counts and rates; a log axis from the smallest value. */
export function valueAxis(
  values: Iterable<number>,
  height: number,
  { isLog, tickCount }: { readonly isLog: boolean; readonly tickCount: number },
): ValueAxis {
  let most = 0;
  let least = Number.POSITIVE_INFINITY;
  for (const value of values) {
    if (!Number.isFinite(value)) continue;
    if (value > most) most = value;
    if (value > 0 && value < least) least = value;
  }
  if (most === 0) most = 1;
  const range = [height - 5, 5];
  const top = most * 1.05;
  // Without a round value to write beside it, a stretch of a logarithmic axis says nothing.
  const inside = ROUND_VALUES.filter((tick) => tick >= least && tick <= top);
  if (isLog && inside.length > 0) {
    const scale = scaleLog().domain([least, top]).range(range);
    const step = Math.max(1, Math.ceil(inside.length / tickCount));
    return {
      y: (value) => scale(Math.max(value, least)),
      ticks: inside.filter((_, i) => i % step === 0),
    };
  }
  const scale = scaleLinear()
    .domain([0, most * 1.06])
    .range(range);
  return { y: (value) => scale(value), ticks: scale.ticks(tickCount) };
}

/** Labels moved apart so that none covers another, inside the height. */
export function spread<Label extends { y: number }>(
  labels: readonly Label[],
  gap: number,
  height: number,
): readonly Label[] {
  const sorted = labels.map((label) => ({ ...label })).sort((a, b) => a.y - b.y);
  for (let index = 1; index < sorted.length; index++) {
    const above = sorted[index - 1]!;
    if (sorted[index]!.y - above.y < gap) sorted[index]!.y = above.y + gap;
  }
  const overflow = (sorted.at(-1)?.y ?? 0) - (height - 5);
  if (overflow <= 0) return sorted;
  for (let index = sorted.length - 1, limit = height - 5; index >= 0; index--, limit -= gap)
    if (sorted[index]!.y > limit) sorted[index]!.y = limit;
  return sorted;
}
