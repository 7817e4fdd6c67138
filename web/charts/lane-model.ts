import type { RunView } from '#report/run-view.ts';
import type { Selection } from '../state/page-state.ts';

/** A lane of the chart column as values: what is drawn, said, shown as a table and exported. */
export interface LaneModel {
  readonly id: string;
  readonly title: string;
  /** The values at a moment. */
  readonly reading: (atNs: number) => readonly ReadingPart[];
  /** One sentence for those who cannot see it. */
  readonly summary: string;
  readonly plot: Plot;
}

export interface ReadingPart {
  readonly text: string;
  readonly isStrong?: boolean;
}

export type Plot = LinesPlot | BarsPlot | SharesPlot | SpansPlot | HeatPlot;

/** A value per bucket; NaN is a gap. */
export interface Series {
  readonly name: string;
  readonly values: Float64Array;
  /** A CSS colour for the mark, and for the label if the mark's is too faint. */
  readonly colour: string;
  readonly ink?: string;
  /** Of the run before: dashed. */
  readonly isFormer?: boolean;
  readonly isThin?: boolean;
  /** Filled down to zero, or to another series. */
  readonly fill?: { readonly colour: string; readonly to?: Float64Array };
  /** What the direct label says; '' for none. */
  readonly label: string;
  readonly select?: (() => void) | undefined;
}

export interface LimitLine {
  readonly value: number;
  readonly label: string;
  readonly colour: string;
}

export interface LinesPlot {
  readonly kind: 'lines';
  readonly series: readonly Series[];
  readonly limits: readonly LimitLine[];
  readonly tick: (value: number) => string;
  readonly isLog?: boolean;
  /** Of the values at its ticks; written once, at the lowest. */
  readonly unit?: string;
  /** Single requests, drawn when time is zoomed in. */
  readonly points?: readonly LinePoint[];
  /** B − A per bucket, drawn below. `good` says which sign is better; 0 for neither. */
  readonly difference?: {
    readonly values: Float64Array;
    readonly good: -1 | 0 | 1;
    readonly unit: string;
  };
}

export interface LinePoint {
  readonly atNs: number;
  readonly value: number;
  readonly isBad: boolean;
  readonly says: string;
  readonly select: () => void;
}

/** How many took how long: `bins` numbers per bucket, the quickest first. */
export interface HeatPlot {
  readonly kind: 'heat';
  readonly counts: Float64Array;
  readonly bins: number;
  /** The lower end of a bin. */
  readonly lowerOf: (bin: number) => number;
  readonly tick: (value: number) => string;
  readonly limits: readonly LimitLine[];
}

/** Counts, one upon another. */
export interface BarsPlot {
  readonly kind: 'bars';
  readonly series: readonly Series[];
  readonly tick: (value: number) => string;
}

/** Shares from 0 to 1, one upon another; `wanted` is the configured boundary below the last one. */
export interface SharesPlot {
  readonly kind: 'shares';
  readonly series: readonly Series[];
  readonly wanted: readonly { readonly fromNs: number; readonly share: number }[];
}

/** One row per endpoint, with bars in time. */
export interface SpansPlot {
  readonly kind: 'spans';
  readonly rows: readonly SpanRow[];
  readonly rest: string;
}

export interface SpanRow {
  readonly name: string;
  readonly note: string;
  readonly spans: readonly {
    readonly fromNs: number;
    readonly toNs: number;
    /** Which of the half-height tracks. */
    readonly track: number;
    readonly label: string;
    readonly isFormer?: boolean;
  }[];
  readonly select?: () => void;
}

/** What a lane is made from. */
export interface LaneContext {
  readonly view: RunView;
  readonly former: RunView | undefined;
  readonly windowNs: number;
  readonly selection: Selection;
}

/** Counts per bucket as rates per second. */
export function perSecond(view: RunView, counts: Float64Array): Float64Array {
  const seconds = view.bucketNs / 1e9;
  return upToFront(
    view,
    counts.map((count) => count / seconds),
  );
}

/** What has not happened yet is a gap. */
export function upToFront(view: RunView, values: Float64Array): Float64Array {
  if (view.isOver) return values;
  const front = Math.floor(view.frontNs / view.bucketNs);
  return values.map((value, bucket) => (bucket < front ? value : Number.NaN));
}

/** Merges `size` buckets into one where single ones are too few requests to draw a line from. */
export function smoothed(values: Float64Array, size: number): Float64Array {
  if (size <= 1) return values;
  const sums = new Float64Array(values.length);
  for (let start = 0; start < values.length; start += size) {
    let sum = 0;
    const end = Math.min(values.length, start + size);
    for (let bucket = start; bucket < end; bucket++) sum += values[bucket]!;
    for (let bucket = start; bucket < end; bucket++) sums[bucket] = sum / (end - start);
  }
  return sums;
}

export function valueAt(view: RunView, values: Float64Array, atNs: number): number {
  const bucket = Math.min(values.length - 1, Math.max(0, Math.ceil(atNs / view.bucketNs) - 1));
  return values[bucket] ?? Number.NaN;
}
