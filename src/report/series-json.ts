import type { Histogram } from '#telemetry/histogram.ts';
import { labelOf } from '#telemetry/label-catalogue.ts';
import { flagsText } from '#telemetry/response-flags.ts';
import { clientGroup, type RunRecorder } from '#telemetry/run-recorder.ts';
import type { RunSeries } from '#telemetry/run-series.ts';
import type { Json } from './summary-json.ts';

/**
 * The run in buckets, as the `series` of a summary: per client its requests by outcome and its
 * percentiles, and every gauge that was ever above zero. Null where nothing ended.
 */
export function seriesJson(recorder: RunRecorder, series: RunSeries, nowNs: number): Json {
  const clients = recorder.rows.clients.all.map(({ name }) => name).sort();
  return {
    stepMs: series.stepNs / 1e6,
    bucketCount: series.bucketCount,
    clients: clients.map((name) => ({
      client: name,
      responses: responsesOf(recorder, series, name),
      ...latencyOf(series.durationsOf(clientGroup(name)) ?? []),
    })),
    gauges: gaugesOf(recorder, nowNs),
  };
}

function responsesOf(recorder: RunRecorder, series: RunSeries, client: string): Json {
  const { rows } = recorder;
  const byOutcome = new Map<string, number[]>();
  for (const row of recorder.rowsOf('client')) {
    const counts = series.countsOf(row);
    if (counts === undefined || labelOf(rows, row, 'client') !== client) continue;
    const key = `${rows.codeOf(row)} ${flagsText(rows.flagsOf(row))}`;
    const sums = byOutcome.get(key) ?? new Array<number>(series.bucketCount).fill(0);
    counts.forEach((count, bucket) => {
      sums[bucket]! += count;
    });
    byOutcome.set(key, sums);
  }
  return [...byOutcome]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, requestCounts]) => {
      const [code, flags] = key.split(' ');
      return { responseCode: Number(code), responseFlags: flags!, requestCounts };
    });
}

function latencyOf(buckets: readonly (Histogram | undefined)[]): { readonly [key: string]: Json } {
  const at = (quantile: number) =>
    buckets.map((histogram) =>
      histogram === undefined ? null : histogram.valueAt(quantile) / 1e6,
    );
  return { latencyP50Ms: at(0.5), latencyP90Ms: at(0.9), latencyP99Ms: at(0.99) };
}

function gaugesOf(recorder: RunRecorder, nowNs: number): Json {
  const kinds = ['inflight', 'pending', 'connections', 'queue'] as const;
  return kinds.flatMap((kind) =>
    [...recorder.gaugesOf(kind)].flatMap(({ row, window, series }) => {
      if (series === undefined || window.max === 0) return [];
      const { mean, max } = series.read(nowNs);
      const label = (name: string) => labelOf(recorder.rows, row, name);
      return {
        kind,
        proxy: label('proxy'),
        cluster: label('upstream_cluster'),
        pod: label('pod'),
        meanCounts: [...mean],
        maxCounts: [...max],
      };
    }),
  );
}
