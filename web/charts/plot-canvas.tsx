import { area, line } from 'd3';
import type { ComponentChildren, JSX } from 'preact';
import { AXIS_LEFT, AXIS_RIGHT, type Scale, spread } from './axis.ts';

/** Where a plot is drawn. */
export interface Canvas {
  readonly width: number;
  readonly height: number;
  readonly x: Scale;
  readonly bucketNs: number;
  /** What is shown. */
  readonly fromNs: number;
  readonly toNs: number;
  /** Of the rectangle that keeps marks off the labels at both sides. */
  readonly clip: string;
}
/** Marks inside the axes, whatever time is shown. */
export function Clipped({
  canvas,
  children,
}: {
  readonly canvas: Canvas;
  readonly children: ComponentChildren;
}) {
  return <g clip-path={`url(#${canvas.clip})`}>{children}</g>;
}

export interface PlotProps<P> {
  readonly plot: P;
  readonly canvas: Canvas;
}

/** The buckets that are shown, as far as there are any. */
function shownBuckets({ fromNs, toNs, bucketNs }: Canvas, count: number) {
  const to = Math.min(count, Math.ceil(toNs / bucketNs - 1e-9));
  return { from: Math.max(0, Math.min(to, Math.floor(fromNs / bucketNs + 1e-9))), to };
}

export function* shownValues(values: Float64Array, canvas: Canvas): Generator<number> {
  const { from, to } = shownBuckets(canvas, values.length);
  for (let bucket = from; bucket < to; bucket++) yield values[bucket]!;
}

/** The middle of a bucket. */
export function middle({ x, bucketNs }: Canvas, bucket: number): number {
  return x((bucket + 0.5) * bucketNs);
}

export function linePath(values: Float64Array, canvas: Canvas, y: Scale): string {
  const path = line<number>()
    .defined((value) => Number.isFinite(value))
    .x((_, bucket) => middle(canvas, bucket))
    .y((value) => y(value));
  return path(Array.from(values)) ?? '';
}

export function areaPath(
  low: Float64Array | undefined,
  high: Float64Array,
  canvas: Canvas,
  y: Scale,
) {
  const isThere = (bucket: number) =>
    Number.isFinite(high[bucket]) && (low === undefined || Number.isFinite(low[bucket]));
  const path = area<number>()
    .defined((_, bucket) => isThere(bucket))
    .x((_, bucket) => middle(canvas, bucket))
    .y0((_, bucket) => y(low === undefined ? 0 : low[bucket]!))
    .y1((value) => y(value));
  return path(Array.from(high)) ?? '';
}

export function Ticks({
  ticks,
  y,
  width,
  tick,
  unit = '',
}: {
  readonly ticks: readonly number[];
  readonly y: Scale;
  readonly width: number;
  readonly tick: (value: number) => string;
  readonly unit?: string;
}): JSX.Element {
  const lowest = Math.min(...ticks);
  // Beside the lowest number where it fits, else below it.
  const isBeside = `${tick(lowest)}${unit}`.length <= 4;
  return (
    <>
      {ticks.map((value) => (
        <g key={value}>
          <path class="g" d={`M${AXIS_LEFT} ${y(value)}H${width - AXIS_RIGHT}`} />
          <text x={AXIS_LEFT - 5} y={y(value) + 3.5} text-anchor="end">
            {tick(value)}
            {value === lowest && isBeside && /\d$/.test(tick(value)) ? unit : ''}
          </text>
        </g>
      ))}
      {!isBeside && unit !== '' && ticks.length > 0 && (
        <text x={AXIS_LEFT - 5} y={y(lowest) + 15} text-anchor="end">
          {unit}
        </text>
      )}
    </>
  );
}

export interface DirectLabel {
  readonly text: string;
  readonly ink: string;
  y: number;
  readonly select?: (() => void) | undefined;
}

const LABEL_GAP = 12;
export const MAX_LABEL = 13;

export function Labels({
  labels,
  canvas,
}: {
  readonly labels: readonly DirectLabel[];
  readonly canvas: Canvas;
}) {
  const shown = labels
    .filter(({ text }) => text !== '')
    .slice(0, Math.floor(canvas.height / LABEL_GAP));
  return (
    <>
      {spread(shown, LABEL_GAP, canvas.height).map(({ text, ink, y, select }) => (
        // biome-ignore lint/a11y/noStaticElementInteractions: the same filter is a cell of the table.
        <text
          key={text}
          x={canvas.width - AXIS_RIGHT + 6}
          y={y + 3.5}
          style={{ fill: ink, fontWeight: 540, cursor: select === undefined ? '' : 'pointer' }}
          onClick={select}
        >
          {text.length > MAX_LABEL ? `${text.slice(0, MAX_LABEL - 1)}…` : text}
          <title>{text}</title>
        </text>
      ))}
    </>
  );
}

/** The last value that is there. */
export function lastOf(values: Float64Array, canvas: Canvas): number {
  const { from, to } = shownBuckets(canvas, values.length);
  for (let bucket = to - 1; bucket >= from; bucket--)
    if (Number.isFinite(values[bucket])) return values[bucket]!;
  return 0;
}

export function meanOf(values: Iterable<number>): number {
  let sum = 0;
  let count = 0;
  for (const value of values)
    if (Number.isFinite(value)) {
      sum += value;
      count++;
    }
  return count === 0 ? 0 : sum / count;
}
