import { LABEL_CATALOGUE } from '#telemetry/label-catalogue.ts';
import type { RowId } from '#telemetry/recorder.ts';
import { DURATION_BOUNDS_MS } from '#telemetry/row-counts.ts';
import type { RunRecorder } from '#telemetry/run-recorder.ts';

export interface OpenMetricsOptions {
  /** The wall clock at virtual time 0, in ms since 1970. */
  readonly epochMs: number;
  /** When the run ended. */
  readonly endNs: number;
}

/**
 * Istio's standard metrics of a run as OpenMetrics text with virtual timestamps, for
 * `promtool tsdb create-blocks-from openmetrics` and so for the stock dashboards.
 *
 * A run that was kept in buckets has a sample at the end of each, from zero on, so that rates are
 * right; otherwise there is one sample, of the end. Sizes and TCP have that one alone.
 *
 * @source https://github.com/prometheus/OpenMetrics/blob/main/specification/OpenMetrics.md
 * @source istio: extensions/stats, the standard metrics
 */
export function openMetricsText(recorder: RunRecorder, options: OpenMetricsOptions): string {
  const writer = new MetricsWriter(recorder, options);
  return [
    ...writer.requests(),
    ...writer.durations(),
    ...writer.sizes('istio_request_bytes', (row) => recorder.counts.requestBytesOf(row)),
    ...writer.sizes('istio_response_bytes', (row) => recorder.counts.responseBytesOf(row)),
    ...writer.tcp(),
    '# EOF',
    '',
  ].join('\n');
}

const ISTIO_LABELS = [...LABEL_CATALOGUE.values()].filter(({ origin }) => origin === 'istio');
/** What a TCP connection has no value for. */
const HTTP_ONLY: ReadonlySet<string> = new Set(['response_code', 'grpc_response_status']);

interface LabelledRow {
  readonly row: RowId;
  /** `name="value",…` */
  readonly labels: string;
}

class MetricsWriter {
  readonly #recorder: RunRecorder;
  readonly #http: readonly LabelledRow[];
  readonly #tcp: readonly LabelledRow[];
  readonly #epochMs: number;
  readonly #endNs: number;

  constructor(recorder: RunRecorder, { epochMs, endNs }: OpenMetricsOptions) {
    this.#recorder = recorder;
    this.#epochMs = epochMs;
    this.#endNs = endNs;
    this.#http = this.#labelled(['source', 'destination'], ISTIO_LABELS);
    const tcpLabels = ISTIO_LABELS.filter(({ name }) => !HTTP_ONLY.has(name));
    this.#tcp = this.#labelled(['tcpSource', 'tcpDestination'], tcpLabels);
  }

  requests(): readonly string[] {
    const samples = this.#merged(this.#http).flatMap(({ rows, labels }) =>
      this.#overTime((bucket) => sum(rows, (row) => this.#countIn(row, bucket))).map(
        ({ value, time }) => `istio_requests_total{${labels}} ${value} ${time}`,
      ),
    );
    return family('istio_requests', 'counter', 'Requests, once at each reporting proxy.', samples);
  }

  durations(): readonly string[] {
    const name = 'istio_request_duration_milliseconds';
    const samples = this.#merged(this.#http).flatMap(({ rows, labels }) => {
      const counts = DURATION_BOUNDS_MS.map((_, index) =>
        this.#overTime((bucket) => sum(rows, (row) => this.#durationsIn(row, bucket, index))),
      );
      const totals = this.#overTime((bucket) => sum(rows, (row) => this.#countIn(row, bucket)));
      const sums = this.#overTime((bucket) => sum(rows, (row) => this.#durationMsIn(row, bucket)));
      return totals.flatMap(({ value, time }, step) => [
        ...DURATION_BOUNDS_MS.map((bound, index) => {
          const upTo = counts.slice(0, index + 1).reduce((all, one) => all + one[step]!.value, 0);
          return `${name}_bucket{${labels},le="${bound}"} ${upTo} ${time}`;
        }),
        `${name}_bucket{${labels},le="+Inf"} ${value} ${time}`,
        `${name}_sum{${labels}} ${sums[step]!.value} ${time}`,
        `${name}_count{${labels}} ${value} ${time}`,
      ]);
    });
    return family(name, 'histogram', 'Whole milliseconds from first to last byte.', samples);
  }

  sizes(name: string, bytesOf: (row: RowId) => number): readonly string[] {
    const time = this.#time(this.#endNs);
    const samples = this.#merged(this.#http).flatMap(({ rows, labels }) => {
      const count = sum(rows, (row) => this.#recorder.counts.countOf(row));
      return [
        `${name}_bucket{${labels},le="+Inf"} ${count} ${time}`,
        `${name}_sum{${labels}} ${sum(rows, bytesOf)} ${time}`,
        `${name}_count{${labels}} ${count} ${time}`,
      ];
    });
    return family(name, 'histogram', 'Bytes of bodies.', samples);
  }

  tcp(): readonly string[] {
    const { counts } = this.#recorder;
    const metrics: readonly (readonly [string, string, (row: RowId) => number])[] = [
      ['connections_opened', 'TCP connections opened.', (row) => counts.countOf(row)],
      ['connections_closed', 'TCP connections closed.', (row) => counts.countOf(row)],
      ['received_bytes', 'Bytes from the client.', (row) => counts.requestBytesOf(row)],
      ['sent_bytes', 'Bytes to the client.', (row) => counts.responseBytesOf(row)],
    ];
    const time = this.#time(this.#endNs);
    return metrics.flatMap(([suffix, help, numberOf]) => {
      const name = `istio_tcp_${suffix}`;
      const samples = this.#merged(this.#tcp).map(
        ({ rows, labels }) => `${name}_total{${labels}} ${sum(rows, numberOf)} ${time}`,
      );
      return family(name, 'counter', help, samples);
    });
  }

  #labelled(
    kinds: readonly Parameters<RunRecorder['rowsOf']>[0][],
    labels: typeof ISTIO_LABELS,
  ): readonly LabelledRow[] {
    const { rows } = this.#recorder;
    return kinds
      .flatMap((kind) => [...this.#recorder.rowsOf(kind)])
      .map((row) => ({
        row,
        labels: labels.map(({ name, read }) => `${name}="${escaped(read(rows, row))}"`).join(','),
      }));
  }

  /** Rows that only differ in what Istio has no label for are one series; in order of their labels. */
  #merged(rows: readonly LabelledRow[]) {
    const byLabels = new Map<string, RowId[]>();
    for (const { row, labels } of rows) {
      const same = byLabels.get(labels);
      if (same === undefined) byLabels.set(labels, [row]);
      else same.push(row);
    }
    return [...byLabels]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([labels, merged]) => ({ labels, rows: merged }));
  }

  /**
   * The running total of a value per bucket of time, at the end of each; `valueIn(undefined)` is asked
   * for the whole run when it was not kept in buckets.
   */
  #overTime(valueIn: (bucket: number | undefined) => number) {
    const { series } = this.#recorder;
    if (series === undefined) {
      return [{ value: valueIn(undefined), time: this.#time(this.#endNs) }];
    }
    const samples = [{ value: 0, time: this.#time(0) }];
    let value = 0;
    for (let bucket = 0; bucket < series.bucketCount; bucket++) {
      value += valueIn(bucket);
      samples.push({ value, time: this.#time((bucket + 1) * series.stepNs) });
    }
    return samples;
  }

  #countIn(row: RowId, bucket: number | undefined): number {
    const { counts, series } = this.#recorder;
    if (bucket === undefined) return counts.countOf(row);
    return series?.durationBucketsOf(row, bucket)?.reduce((all, one) => all + one, 0) ?? 0;
  }

  #durationsIn(row: RowId, bucket: number | undefined, index: number): number {
    const { counts, series } = this.#recorder;
    if (bucket === undefined) return counts.durationBucketsOf(row)[index]!;
    return series?.durationBucketsOf(row, bucket)?.[index] ?? 0;
  }

  #durationMsIn(row: RowId, bucket: number | undefined): number {
    const { counts, series } = this.#recorder;
    return bucket === undefined
      ? counts.durationMsOf(row)
      : (series?.durationMsOf(row, bucket) ?? 0);
  }

  /** Seconds since 1970. */
  #time(ns: number): string {
    return ((this.#epochMs + ns / 1e6) / 1000).toFixed(3);
  }
}

function family(
  name: string,
  type: 'counter' | 'histogram',
  help: string,
  samples: readonly string[],
): readonly string[] {
  if (samples.length === 0) return [];
  return [`# TYPE ${name} ${type}`, `# HELP ${name} ${help}`, ...samples];
}

function sum(rows: readonly RowId[], numberOf: (row: RowId) => number): number {
  return rows.reduce((total, row) => total + numberOf(row), 0);
}

function escaped(value: string): string {
  return value.replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll('"', '\\"');
}
