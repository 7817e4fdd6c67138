import { assert } from '#kernel/assert.ts';
import { Accumulator, type AccumulatorRequest, type RowTally } from './accumulator.ts';
import { ClientOutcomes } from './client-outcomes.ts';
import { Digest, nameHash } from './digest.ts';
import { EventLog } from './event-log.ts';
import { type GaugeReading, GaugeTable } from './gauge-table.ts';
import { GaugeWindow } from './gauge-window.ts';
import { Histogram } from './histogram.ts';
import { labelOf } from './label-catalogue.ts';
import type { ClientLabels, ClusterLabels, HostLabels, ProxyLabels } from './labels.ts';
import {
  type ClientId,
  type ClientRequest,
  type ClusterId,
  type Ejection,
  type GaugeId,
  type GaugeLabels,
  type HostId,
  NONE,
  type OverflowLimit,
  type ProxyId,
  type ProxyRequest,
  type Recorder,
  type RouteId,
  type RowId,
  type Span,
  type UpstreamAttempt,
} from './recorder.ts';
import { RequestSample } from './request-sample.ts';
import { RowCounts } from './row-counts.ts';
import { OVERFLOW_LIMITS, type RowKind, RowTable } from './row-table.ts';
import { type GaugeSeries, RunSeries } from './run-series.ts';
import { setPlace } from './set-place.ts';

export interface RunRecorderOptions {
  readonly seed: number;
  /** What was sent (or happened) before it is left out of all counts; the digest has everything. */
  readonly warmupNs: number;
  /** Where spans go; undefined = no tracing. */
  readonly trace: ((span: Span) => void) | undefined;
  /** Whether to keep the run in buckets, too. */
  readonly series?: { readonly stepNs: number; readonly untilNs: number } | undefined;
  /** Shown every request of a client as it ends, the warm-up's too. It changes nothing else. */
  readonly observer?: RequestObserver | undefined;
}

/** The record is reused: read it before returning. `row` is the request's own, of kind `client`. */
export type RequestObserver = (request: ClientRequest, attempts: number, row: RowId) => void;

/** Who else hears of a gauge's changes: its series, and the sums that it is part of. */
interface GaugeReaders {
  readonly series: GaugeSeries | undefined;
  readonly sums: readonly GaugeWindow[];
}

/** Who reads what is counted in a row: accumulators, and the histograms of its group (`groupOf`). */
interface RowReaders {
  readonly accumulators: readonly Accumulator[];
  readonly histogram: Histogram | undefined;
  /** Of its series. */
  readonly buckets: (Histogram | undefined)[] | undefined;
}

export interface RecordedGauge {
  readonly row: RowId;
  readonly window: GaugeReading;
  readonly series: GaugeSeries | undefined;
}

/** A sum of all gauges that match, over a window. */
export interface GaugeSum {
  readonly window: GaugeWindow;
  readonly request: AccumulatorRequest;
  rowCount: number;
}

/**
 * Records one run in memory that does not grow with requests. Everything is counted by rows
 * (`row-table.ts`); a new row is matched once against the accumulators, so that a request pays only
 * for those it belongs to. Accumulators are asked for before the first record.
 */
export class RunRecorder implements Recorder {
  declare readonly wantsTrace: boolean;
  declare readonly wantsSeries: boolean;
  readonly rows = new RowTable();
  readonly counts = new RowCounts();
  readonly events = new EventLog();
  declare readonly sample: RequestSample;
  declare readonly series: RunSeries | undefined;
  declare private readonly trace: (span: Span) => void;
  declare private readonly observer: RequestObserver | undefined;
  declare private readonly warmupNs: number;
  readonly #digest = new Digest();
  /** By row; undefined = not seen yet, or the row of a gauge. */
  readonly #readersOf: (RowReaders | undefined)[] = [];
  readonly #groups = new Map<string, Histogram>();
  readonly #accumulators: Accumulator[] = [];
  readonly #tallies: RowTally[] = [];
  readonly #gaugeSums: GaugeSum[] = [];
  declare private readonly gauges: GaugeTable;
  readonly #gaugeRows: RowId[] = [];
  /** By gauge; undefined = nobody. */
  readonly #gaugeReaders: (GaugeReaders | undefined)[] = [];
  readonly #gaugeOfRow = new Map<RowId, GaugeId>();
  readonly #hostHash: number[] = [];
  readonly #outcomes = new ClientOutcomes(this.rows, (host) => this.#hostHash[host]!);
  #isStarted = false;

  constructor(options: RunRecorderOptions) {
    this.warmupNs = options.warmupNs;
    this.gauges = new GaugeTable(options.warmupNs);
    this.wantsTrace = options.trace !== undefined;
    this.wantsSeries = options.series !== undefined;
    this.trace = options.trace ?? (() => {});
    this.observer = options.observer;
    this.sample = new RequestSample(options.seed);
    const { series } = options;
    this.series = series === undefined ? undefined : new RunSeries(series.stepNs, series.untilNs);
  }

  // What is asked for before a run.

  accumulate(request: AccumulatorRequest): Accumulator {
    assert(!this.#isStarted, 'accumulators are asked for before the first record');
    const accumulator = new Accumulator(request);
    this.#accumulators.push(accumulator);
    return accumulator;
  }

  /** The same row by row. */
  tally(request: AccumulatorRequest): RowTally {
    assert(!this.#isStarted, 'tallies are asked for before the first record');
    const tally: RowTally = { request, rows: [] };
    this.#tallies.push(tally);
    return tally;
  }

  accumulateGauges(request: AccumulatorRequest): GaugeSum {
    assert(this.gauges.count === 0, 'sums of gauges are asked for before there are gauges');
    const window = new GaugeWindow(request.fromNs, request.toNs);
    const sum: GaugeSum = { window, request, rowCount: 0 };
    this.#gaugeSums.push(sum);
    return sum;
  }

  // Recorder: names.

  internProxy(labels: ProxyLabels): ProxyId {
    return this.rows.proxies.intern(labels.name, labels);
  }

  internCluster(labels: ClusterLabels): ClusterId {
    const { name, asked } = labels;
    const key = asked === undefined ? name : `${asked.routes} has no ${asked.host}`;
    return this.rows.clusters.intern(key, labels);
  }

  internHost(labels: HostLabels): HostId {
    const host = this.rows.hosts.intern(labels.address, labels);
    this.#hostHash[host] ??= nameHash(labels.address);
    return host;
  }

  internRoute(name: string): RouteId {
    return this.rows.routes.intern(name, name);
  }

  internClient(labels: ClientLabels): ClientId {
    const client = this.rows.clients.intern(labels.name, labels);
    assert(
      client < (this.#outcomes.clientCount ?? Number.POSITIVE_INFINITY),
      'all clients are known before the first request',
    );
    return client;
  }

  internGauge(labels: GaugeLabels): GaugeId {
    const row = this.rows.ofGauge(labels);
    const known = this.#gaugeOfRow.get(row);
    if (known !== undefined) return known;
    const matching = this.#gaugeSums.filter((sum) => this.#matches(sum.request, row));
    for (const sum of matching) sum.rowCount++;
    const gauge = this.gauges.add();
    const series = this.series?.newGauge();
    const sums = matching.map((sum) => sum.window);
    this.#gaugeRows[gauge] = row;
    const isRead = series !== undefined || sums.length > 0;
    this.#gaugeReaders[gauge] = isRead ? { series, sums } : undefined;
    this.#gaugeOfRow.set(row, gauge);
    return gauge;
  }

  // Recorder: what happens.

  proxyRequest(request: ProxyRequest, known = NONE): RowId {
    const row = known === NONE ? this.rows.ofProxyRequest(request) : known;
    const { startNs } = request;
    const durationNs = request.endNs - startNs;
    assert(durationNs >= 0, 'a stream ends after it starts');
    this.#add(row, startNs, durationNs, request.attempts);
    if (startNs >= this.warmupNs) {
      const { requestBytes, responseBytes } = request;
      const bucket = this.counts.addStream(row, requestBytes, responseBytes, durationNs);
      this.series?.countStream(row, startNs, bucket, durationNs);
    }
    return row;
  }

  attemptsOf(row: RowId): number {
    return this.rows.attemptOf(row);
  }

  clientRequest(request: ClientRequest): void {
    const outcome = this.#outcomes.of(request);
    const { row } = outcome;
    const { intendedNs } = request;
    assert(request.endNs >= intendedNs, 'an answer comes after its request');
    const ofLastTry = request.row === NONE ? request.attempts : outcome.attempts;
    const attempts = ofLastTry + request.earlierAttempts;
    this.#add(row, intendedNs, request.endNs - intendedNs, attempts);
    if (intendedNs >= this.warmupNs) this.sample.consider(request, attempts, row);
    this.#digest.request(request, attempts, outcome);
    this.observer?.(request, attempts, row);
  }

  unfinished(client: ClientId, _rootNumber: number, intendedNs: number): void {
    this.#add(this.rows.ofClientEvent('unfinished', client), intendedNs, 0, 0);
  }

  dropped(client: ClientId, intendedNs: number): void {
    this.#add(this.rows.ofClientEvent('dropped', client), intendedNs, 0, 0);
  }

  attempt(attempt: UpstreamAttempt, known = NONE): RowId {
    const row = known === NONE ? this.rows.ofAttempt(attempt) : known;
    this.#add(row, attempt.startNs, attempt.endNs - attempt.startNs, 1);
    return row;
  }

  ejected(ejection: Ejection, nowNs: number): void {
    const { proxy, cluster, host } = ejection;
    this.#add(this.rows.ofEvent('ejection', proxy, cluster, host), nowNs, 0, 0);
    this.events.ejected(ejection, nowNs);
    this.#digest.ejection(
      nowNs,
      nameHash(this.rows.proxies.of(proxy).name),
      nameHash(this.rows.clusters.of(cluster).name),
      this.#hostHash[host]!,
    );
  }

  unejected(proxy: ProxyId, cluster: ClusterId, host: HostId, nowNs: number): void {
    this.#add(this.rows.ofEvent('unejection', proxy, cluster, host), nowNs, 0, 0);
    this.events.unejected(proxy, cluster, host, nowNs);
  }

  overflowed(proxy: ProxyId, cluster: ClusterId, limit: OverflowLimit, nowNs: number): void {
    const detail = OVERFLOW_LIMITS.indexOf(limit);
    this.#add(this.rows.ofEvent('overflow', proxy, cluster, NONE, detail), nowNs, 0, 0);
  }

  pushed(proxy: ProxyId, change: string, nowNs: number): void {
    this.#add(this.rows.ofEvent('push', proxy, NONE, NONE), nowNs, 0, 0);
    this.events.pushed(proxy, change, nowNs);
    this.#digest.push(nowNs, nameHash(this.rows.proxies.of(proxy).name));
  }

  mirrored(proxy: ProxyId, cluster: ClusterId, nowNs: number): void {
    this.#add(this.rows.ofEvent('mirror', proxy, cluster, NONE), nowNs, 0, 0);
  }

  note(text: string, nowNs: number): void {
    this.events.note(text, nowNs);
  }

  setGauge(id: GaugeId, value: number, nowNs: number): void {
    const difference = this.gauges.set(id, value, nowNs);
    const readers = this.#gaugeReaders[id];
    if (readers === undefined) return;
    readers.series?.add(difference, nowNs);
    const { sums } = readers;
    for (let index = 0; index < sums.length; index++) sums[index]!.add(difference, nowNs);
  }

  span(span: Span): void {
    this.trace(span);
  }

  // What is read after (or during) a run.

  /** The 16 hexadecimal digits of `digest.ts`; ends the recording. */
  finishDigest(): string {
    return this.#digest.finish();
  }

  /** Durations of all rows of a group after warm-up; undefined if it has none. See `groupOf`. */
  durationsOf(group: string): Histogram | undefined {
    return this.#groups.get(group);
  }

  /** The gauges of a kind: row, values over the whole run after warm-up, and in buckets. */
  *gaugesOf(kind: RowKind): Generator<RecordedGauge> {
    for (let gauge = 0; gauge < this.gauges.count; gauge++) {
      const row = this.#gaugeRows[gauge]!;
      if (this.rows.kindOf(row) !== kind) continue;
      const series = this.#gaugeReaders[gauge]?.series;
      yield { row, window: this.gauges.reading(gauge), series };
    }
  }

  /** The rows of a kind, in the order in which they were first seen. */
  *rowsOf(kind: RowKind): Generator<RowId> {
    for (let row = 0; row < this.rows.rowCount; row++) {
      if (this.rows.kindOf(row) === kind) yield row;
    }
  }

  #add(row: RowId, atNs: number, durationNs: number, attempts: number): void {
    const { accumulators, histogram, buckets } = this.#readersOf[row] ?? this.#admit(row);
    for (let index = 0; index < accumulators.length; index++) {
      accumulators[index]!.add(atNs, durationNs);
    }
    const { series } = this;
    if (series !== undefined) {
      series.count(row, atNs);
      if (buckets !== undefined) series.recordDuration(buckets, atNs, durationNs);
    }
    if (atNs < this.warmupNs) return;
    this.counts.add(row, attempts, atNs);
    if (histogram !== undefined) histogram.record(durationNs);
  }

  /** A row is seen for the first time: gives who reads it. */
  #admit(row: RowId): RowReaders {
    this.#isStarted = true;
    this.counts.reserve(row + 1);
    const matching = this.#accumulators.filter(({ request }) => this.#matches(request, row));
    for (const accumulator of matching) accumulator.rowCount++;
    for (const { request, rows } of this.#tallies) {
      if (!this.#matches(request, row)) continue;
      const accumulator = new Accumulator(request);
      rows.push({ row, accumulator });
      matching.push(accumulator);
    }
    const group = groupOf(this.rows, row);
    const readers: RowReaders = {
      accumulators: matching.length === 0 ? NO_ACCUMULATORS : matching,
      histogram: group === undefined ? undefined : this.#histogramFor(group),
      buckets: group === undefined ? undefined : this.series?.durationsFor(group),
    };
    setPlace(this.#readersOf, row, readers);
    return readers;
  }

  #matches(request: AccumulatorRequest, row: RowId): boolean {
    return request.kinds.includes(this.rows.kindOf(row)) && request.matches(this.rows, row);
  }

  #histogramFor(group: string): Histogram {
    let histogram = this.#groups.get(group);
    if (histogram === undefined) {
      histogram = new Histogram();
      this.#groups.set(group, histogram);
    }
    return histogram;
  }
}

const NO_ACCUMULATORS: readonly Accumulator[] = [];

/**
 * The rows whose durations the summary shows together: a client; an edge from a source workload to a
 * destination service; a workload that answers. Undefined = durations of this row are not kept.
 */
export function groupOf(rows: RowTable, row: RowId): string | undefined {
  const of = (label: string) => labelOf(rows, row, label);
  switch (rows.kindOf(row)) {
    case 'client':
      return clientGroup(of('client'));
    case 'source':
    case 'tcpSource':
      return edgeGroup(
        `${of('source_workload_namespace')}/${of('source_workload')}`,
        `${of('destination_service_namespace')}/${of('destination_service_name')}`,
      );
    case 'destination':
    case 'tcpDestination':
      return workloadGroup(`${of('destination_workload_namespace')}/${of('destination_workload')}`);
    default:
      return undefined;
  }
}

export function clientGroup(client: string): string {
  return `client ${client}`;
}

/** Both as `namespace/name`. */
export function edgeGroup(source: string, destination: string): string {
  return `edge ${source} ${destination}`;
}

export function workloadGroup(workload: string): string {
  return `workload ${workload}`;
}
