import type { Histogram } from '#telemetry/histogram.ts';
import { labelOf } from '#telemetry/label-catalogue.ts';
import { groupOf, type RunRecorder } from '#telemetry/run-recorder.ts';
import type { RunSeries } from '#telemetry/run-series.ts';
import type { ViewLatency } from './run-view.ts';
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
      });
    }
  return [...found.values()];
}

function wholeOf(histogram: Histogram | undefined) {
  const at = (quantile: number) =>
    histogram === undefined ? Number.NaN : histogram.valueAt(quantile) / MS;
  return { p50: at(0.5), p90: at(0.9), p99: at(0.99) };
}

function percentiles(buckets: readonly (Histogram | undefined)[], bucketCount: number) {
  const at = (quantile: number) =>
    Float64Array.from({ length: bucketCount }, (_, bucket) => {
      const histogram = buckets[bucket];
      return histogram === undefined ? Number.NaN : histogram.valueAt(quantile) / MS;
    });
  return { p50: at(0.5), p90: at(0.9), p99: at(0.99) };
}
