import type {
  BlameCause,
  BlameLink,
  BlameResult,
  EventResult,
  ExpectationOutcome,
  ResponseResult,
  RunResult,
  TrafficResult,
} from '#scenario/run-result.ts';
import type { Place } from '#source/diagnostic.ts';
import type { Histogram } from '#telemetry/histogram.ts';
import type { Dimension } from '#telemetry/query/reading.ts';
import type { Interval } from '#telemetry/statistics.ts';

/** Plain JSON: what is not known is null, never NaN. */
export type Json =
  | string
  | number
  | boolean
  | null
  | readonly Json[]
  | { readonly [key: string]: Json };

export interface SummaryJsonOptions {
  /** Of the package. */
  readonly version: string;
  /** Undefined with `--reproducible`. */
  readonly wallMs: number | undefined;
  /** With `--series`: from `seriesJson`. */
  readonly series?: Json;
  /** With `--why` and `--trace`: from `whyJson` and `traceJson`. */
  readonly why?: Json;
  readonly trace?: Json;
}

/**
 * The summary as `meshsim/summary/v1` (`schema/summary-v1.schema.json`). Every number carries its unit
 * in its key; within v1, keys are only added.
 */
export function summaryJson(result: RunResult, options: SummaryJsonOptions): Json {
  return {
    schema: 'meshsim/summary/v1',
    meshsim: options.version,
    scenario: result.scenario,
    title: result.title,
    seed: result.seed,
    istioVersion: result.istioVersion,
    digest: result.digest,
    durationMs: msOf(result.durationNs),
    warmupMs: msOf(result.warmupNs),
    ...(result.stoppedAtNs === undefined ? {} : { stoppedAtMs: msOf(result.stoppedAtNs) }),
    ...(options.wallMs === undefined ? {} : { wallMs: options.wallMs }),
    expectations: result.expectations.map(expectationJson),
    clients: byName(result.clients, (client) => [
      client.name,
      {
        ...trafficJson(client),
        unfinishedCount: client.unfinishedCount,
        droppedCount: client.droppedCount,
      },
    ]),
    edges: result.edges.map((edge) => ({
      source: edge.source,
      destination: edge.destination,
      ...trafficJson(edge),
    })),
    workloads: result.workloads.map((workload) => ({
      name: workload.name,
      requestCount: workload.requestCount,
      ratePerSecond: known(workload.ratePerSecond),
      successShare: known(workload.successShare),
      ...latencyJson(workload.latency),
    })),
    splits: result.splits.map(({ of, parts }) => ({
      of,
      parts: parts.map(({ name, cluster, count, share }) => ({
        name,
        cluster,
        requestCount: count,
        share: known(share),
      })),
    })),
    responses: result.responses.map(responseJson),
    ejections: result.ejections.map((ejection) => ({
      atMs: msOf(ejection.atNs),
      host: ejection.host,
      pod: ejection.pod,
      cluster: ejection.cluster,
      proxy: ejection.proxy,
      detector: ejection.detector,
      errorCount: ejection.count < 0 ? null : ejection.count,
      backAtMs: ejection.backNs === undefined ? null : msOf(ejection.backNs),
    })),
    gauges: result.gauges.map(({ kind, proxy, cluster, pod, mean, max }) => ({
      kind,
      proxy,
      cluster,
      pod,
      meanCount: known(mean),
      maxCount: max,
    })),
    events: result.events.map(eventJson),
    blame: result.blame.map(blameJson),
    coverage: coverageJson(result),
    notModelled: result.notModelled.map(({ kind, objects }) => ({ kind, objects: [...objects] })),
    notes: [...result.notes],
    ...(options.series === undefined ? {} : { series: options.series }),
    ...(options.why === undefined ? {} : { why: options.why }),
    ...(options.trace === undefined ? {} : { trace: options.trace }),
  };
}

function expectationJson(expectation: ExpectationOutcome): Json {
  const { name, that, is, during, at, holds, dimension, value, count, interval } = expectation;
  return {
    name,
    that,
    is,
    during: during === undefined ? null : { fromMs: msOf(during.fromNs), toMs: msOf(during.toNs) },
    at: placeJson(at),
    holds,
    ...quantityJson('value', dimension, value),
    sampleCount: count ?? null,
    ...intervalJson(dimension, interval),
    remark: expectation.remark ?? null,
    requestCount: expectation.requestCount ?? null,
    failures: expectation.failures.map(responseJson),
    blame: expectation.blame.map(blameJson),
  };
}

/** What follows a key for each kind of quantity. */
const UNITS: Readonly<Record<Dimension, string>> = {
  count: 'Count',
  share: 'Share',
  duration: 'Ms',
  rate: 'PerSecond',
  number: 'Number',
};

function quantityJson(
  key: string,
  dimension: Dimension,
  value: number | undefined,
): { readonly [key: string]: Json } {
  const inUnit = dimension === 'duration' && value !== undefined ? msOf(value) : value;
  return { [`${key}${UNITS[dimension]}`]: inUnit === undefined ? null : known(inUnit) };
}

function intervalJson(
  dimension: Dimension,
  interval: Interval | undefined,
): { readonly [key: string]: Json } {
  if (interval === undefined) return {};
  return {
    ...quantityJson('intervalLow', dimension, interval.low),
    ...quantityJson('intervalHigh', dimension, interval.high),
  };
}

function trafficJson(traffic: TrafficResult): { readonly [key: string]: Json } {
  return {
    requestCount: traffic.requestCount,
    ratePerSecond: known(traffic.ratePerSecond),
    successShare: known(traffic.successShare),
    share4xx: known(traffic.share4xx),
    attemptsPerRequest: known(traffic.attemptsPerRequest),
    ...latencyJson(traffic.latency),
    responses: traffic.responses.map(responseJson),
  };
}

function latencyJson(latency: Histogram): { readonly [key: string]: Json } {
  const at = (quantile: number) => known(msOf(latency.valueAt(quantile)));
  return {
    latencyMeanMs: known(msOf(latency.mean)),
    latencyP50Ms: at(0.5),
    latencyP90Ms: at(0.9),
    latencyP99Ms: at(0.99),
    latencyP999Ms: at(0.999),
    latencyMaxMs: known(msOf(latency.max)),
  };
}

function responseJson({ code, flags, count, share }: ResponseResult): Json {
  return { responseCode: code, responseFlags: flags, requestCount: count, share: known(share) };
}

function eventJson({ atNs, kind, proxy, text }: EventResult): Json {
  return { atMs: msOf(atNs), kind, ...(proxy === '' ? {} : { proxy }), text };
}

export function blameJson(blame: BlameResult): Json {
  const { count, code, flags, source, destination, client, cause, behind } = blame;
  return {
    requestCount: count,
    responseCode: code,
    responseFlags: flags,
    source,
    destination,
    client,
    firstAtMs: msOf(blame.firstNs),
    lastAtMs: msOf(blame.lastNs),
    cause: causeJson(cause),
    behind: behind.map(linkJson),
  };
}

export function causeJson(cause: BlameCause | undefined): Json {
  if (cause === undefined) return null;
  return { object: cause.object, at: placeJson(cause.at), setting: cause.setting };
}

/** Of what is behind a failure; a step of the timeline has its moment. */
export function linkJson({ text, at, sinceNs }: BlameLink): Json {
  const since = sinceNs === undefined ? {} : { sinceMs: msOf(sinceNs) };
  return { text, at: placeJson(at), ...since };
}

function coverageJson({ coverage }: RunResult): Json {
  const exercised = coverage.filter(({ isExercised }) => isExercised).length;
  return {
    itemCount: coverage.length,
    exercisedCount: exercised,
    exercisedShare: coverage.length === 0 ? null : exercised / coverage.length,
    items: coverage.map(({ kind, name, at, isExercised }) => ({
      kind,
      name,
      at: placeJson(at),
      isExercised,
    })),
  };
}

export function placeJson(at: Pick<Place, 'file' | 'line' | 'column'> | undefined): Json {
  return at === undefined ? null : { file: at.file, line: at.line, column: at.column };
}

function byName<Item>(
  items: readonly Item[],
  entry: (item: Item) => readonly [string, Json],
): Json {
  // Without a prototype: a client may be called `__proto__`.
  const object: { [key: string]: Json } = Object.create(null);
  for (const item of items) {
    const [name, json] = entry(item);
    object[name] = json;
  }
  return object;
}

function msOf(ns: number): number {
  return ns / 1e6;
}

function known(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}
