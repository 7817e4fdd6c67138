import type { Histogram } from '#telemetry/histogram.ts';
import { labelOf } from '#telemetry/label-catalogue.ts';
import { groupOf, type RunRecorder } from '#telemetry/run-recorder.ts';
import type { RunSeries } from '#telemetry/run-series.ts';
import { HEAT_BINS, HEAT_LEAST_MS, HEAT_PER_DECADE, type ViewLatency } from './run-view.ts';
import { type RunViewGraph, workloadId } from './run-view-graph.ts';

const MS = 1e6;

/** Percentiles of every client, of what workloads send to services, and of what workloads answer. */
export function viewLatencies(
  recorder: RunRecorder,
  series: RunSeries,
  graph: RunViewGraph,
): readonly ViewLatency[] {
  const found = new Map<string, ViewLatency>();
  const { rows } = recorder;
  for (const kind of ['client', 'source', 'destination'] as const)
    for (const row of recorder.rowsOf(kind)) {
      const group = groupOf(rows, row);
      if (group === undefined || found.has(group)) continue;
      const label = (name: string) => labelOf(rows, row, name);
      const edge = kind === 'source' ? graph.edges[graph.edgeOf(row)] : undefined;
      found.set(group, {
        kind: kind === 'client' ? 'client' : kind === 'source' ? 'edge' : 'workload',
        of:
          kind === 'client'
            ? label('client')
            : (edge?.from ??
              workloadId(label('destination_workload_namespace'), label('destination_workload'))),
        service: edge?.service ?? '',
        ...percentiles(series.durationsOf(group) ?? [], series.bucketCount),
        whole: wholeOf(recorder.durationsOf(group)),
        ...(kind === 'client'
          ? { heat: heatOf(series.durationsOf(group) ?? [], series.bucketCount) }
          : {}),
      });
    }
  return [...found.values()];
}

/** The lower end of each bin but the first, in nanoseconds. */
const HEAT_BOUNDS_NS = Array.from(
  { length: HEAT_BINS - 1 },
  (_, bin) => HEAT_LEAST_MS * MS * 10 ** ((bin + 1) / HEAT_PER_DECADE),
);

function heatOf(buckets: readonly (Histogram | undefined)[], bucketCount: number): Float64Array {
  const heat = new Float64Array(bucketCount * HEAT_BINS);
  for (let bucket = 0; bucket < bucketCount; bucket++) {
    let bin = 0;
    // Buckets of a histogram come in order of value: the bin only moves up.
    buckets[bucket]?.forEachBucket((lowest, width, count) => {
      while (bin < HEAT_BINS - 1 && lowest + width / 2 >= HEAT_BOUNDS_NS[bin]!) bin++;
      heat[bucket * HEAT_BINS + bin]! += count;
    });
  }
  return heat;
}

interface Percentiles {
  readonly count: number;
  readonly p50: number;
  readonly p90: number;
  readonly p99: number;
}

/** As last worked out: a view is made many times while a run goes on, and most buckets are closed. */
const known = new WeakMap<Histogram, Percentiles>();
const NONE: Percentiles = { count: 0, p50: Number.NaN, p90: Number.NaN, p99: Number.NaN };

function percentilesOf(histogram: Histogram | undefined): Percentiles {
  if (histogram === undefined) return NONE;
  const before = known.get(histogram);
  if (before?.count === histogram.count) return before;
  const at = (quantile: number) => histogram.valueAt(quantile) / MS;
  const found = { count: histogram.count, p50: at(0.5), p90: at(0.9), p99: at(0.99) };
  known.set(histogram, found);
  return found;
}

function wholeOf(histogram: Histogram | undefined) {
  const { p50, p90, p99 } = percentilesOf(histogram);
  return { p50, p90, p99 };
}

function percentiles(buckets: readonly (Histogram | undefined)[], bucketCount: number) {
  const all = Array.from({ length: bucketCount }, (_, bucket) => percentilesOf(buckets[bucket]));
  return {
    p50: Float64Array.from(all, ({ p50 }) => p50),
    p90: Float64Array.from(all, ({ p90 }) => p90),
    p99: Float64Array.from(all, ({ p99 }) => p99),
  };
}
