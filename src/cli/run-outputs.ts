import { appendFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { InvalidArgumentError } from 'commander';
import { epochMsOf } from '#mesh/given-mesh.ts';
import { type AccessLogKind, logsTogether, StreamLog } from '#mesh/stream-log.ts';
import { githubAnnotations, githubSummary } from '#report/github.ts';
import { junitXml } from '#report/junit.ts';
import { openMetricsText } from '#report/openmetrics.ts';
import { otlpJson } from '#report/otlp.ts';
import { requestsCsv, requestsNdjson } from '#report/requests-export.ts';
import { summaryJson } from '#report/summary-json.ts';
import { dotText, mermaidText } from '#report/topology.ts';
import { traceEventsJson } from '#report/trace-events.ts';
import { AttemptLog } from '#scenario/attempt-log.ts';
import type { Experiment } from '#scenario/experiment.ts';
import { RequestLog } from '#scenario/request-log.ts';
import type { Run, RunOptions } from '#scenario/run.ts';
import type { RunResult } from '#scenario/run-result.ts';
import { packageVersion } from './version.ts';
import { writeFile } from './write-file.ts';

/** `--out FORMAT[=FILE]`. */
export interface OutputRequest {
  readonly format: OutputFormat;
  /** Undefined = standard output. */
  readonly file: string | undefined;
}

/** A run that is over, with what was kept for its outputs. */
interface OutputSource {
  readonly run: Run;
  readonly result: RunResult;
  readonly file: string;
  readonly epochMs: number;
  readonly requests: RequestLog;
  readonly attempts: AttemptLog;
  readonly logs: ReadonlyMap<LogKind, StreamLog>;
}

/** What a log of streams is kept for. */
type LogKind = AccessLogKind | 'streams';
const LOG_KINDS: readonly LogKind[] = ['text', 'json', 'configured', 'streams'];

interface OutputKind {
  readonly says: string;
  /** What must be kept while the run goes on. */
  readonly keeps?: 'requests' | 'series' | LogKind;
  readonly write: (source: OutputSource) => string;
}

const lines =
  (kind: AccessLogKind) =>
  ({ logs }: OutputSource): string =>
    logs.get(kind)?.lines.join('') ?? '';
const spans = ({ logs }: OutputSource) => logs.get('streams')?.streams ?? [];
const json = (value: unknown): string => `${JSON.stringify(value, undefined, 2)}\n`;

/** The formats of `--out`, in the order of the help. */
const KINDS = {
  json: {
    says: 'the summary, meshsim/summary/v1',
    write: ({ result }) =>
      json(summaryJson(result, { version: packageVersion(), wallMs: undefined })),
  },
  requests: {
    says: 'one request a line, then one attempt a line: NDJSON, or CSV where the file ends in .csv',
    keeps: 'requests',
    write: ({ file, requests, attempts, run }) => {
      const log = { requests, attempts, recorder: run.recorder };
      return /\.csv(\.gz)?$/.test(file) ? requestsCsv(log) : requestsNdjson(log);
    },
  },
  accesslog: {
    says: 'all requests at all proxies, in Istio’s text format',
    keeps: 'text',
    write: lines('text'),
  },
  'accesslog-json': {
    says: 'the same in Istio’s JSON format',
    keeps: 'json',
    write: lines('json'),
  },
  'accesslog-mesh': {
    says: 'what the proxies log by MeshConfig, Telemetry and EnvoyFilter: formats, filters, or nothing',
    keeps: 'configured',
    write: lines('configured'),
  },
  openmetrics: {
    says: 'Istio’s standard metrics with virtual timestamps, for promtool',
    keeps: 'series',
    write: ({ run, epochMs }) => openMetricsText(run.recorder, { epochMs, endNs: run.nowNs }),
  },
  otlp: {
    says: 'spans as OTLP/JSON, for Jaeger and Tempo',
    keeps: 'streams',
    write: (source) => json(otlpJson(spans(source), source.epochMs)),
  },
  trace: {
    says: 'Chrome trace events, for Perfetto',
    keeps: 'streams',
    write: (source) => json(traceEventsJson(spans(source))),
  },
  junit: { says: 'expectations as test cases', write: ({ result }) => junitXml(result) },
  github: {
    says: 'failed expectations as annotations; a summary into $GITHUB_STEP_SUMMARY',
    write: ({ result }) => githubAnnotations(result),
  },
  mermaid: { says: 'who calls whom, with rates', write: ({ result }) => mermaidText(result) },
  dot: { says: 'the same for Graphviz', write: ({ result }) => dotText(result) },
  // Written by a run of its own: see `html-output.ts`.
  html: { says: 'the page with this run inside, one file', write: () => '' },
} as const satisfies Readonly<Record<string, OutputKind>>;

export type OutputFormat = keyof typeof KINDS;

const FORMATS: ReadonlyMap<string, OutputKind> = new Map(Object.entries(KINDS));

/** `FORMAT  what it is`, for the help and the reference. */
export function outputFormats(): readonly (readonly [string, string])[] {
  return [...FORMATS].map(([format, { says }]) => [format, says]);
}

/** Reads `FORMAT[=FILE]`. */
export function outputRequest(
  text: string,
  before: readonly OutputRequest[],
): readonly OutputRequest[] {
  const equals = text.indexOf('=');
  const format = equals < 0 ? text : text.slice(0, equals);
  const file = equals < 0 ? undefined : text.slice(equals + 1);
  if (!isFormat(format))
    throw new InvalidArgumentError(`there are ${[...FORMATS.keys()].join(', ')}`);
  if (file === '' || (format === 'html' && file === undefined))
    throw new InvalidArgumentError(`want ${format}=FILE`);
  return [...before, { format, file }];
}

function isFormat(text: string): text is OutputFormat {
  return FORMATS.has(text);
}

/** Samples of metrics are this far apart, as a Prometheus that is often asked for would scrape. */
const SCRAPE_NS = 5e9;

/** Keeps what outputs need while a run goes on, and writes them when it is over. */
export class RunOutputs {
  /** For `Run`. */
  readonly runOptions: RunOptions;
  readonly #requests: readonly OutputRequest[];
  readonly #log = new RequestLog();
  readonly #attempts = new AttemptLog();
  readonly #logs: ReadonlyMap<LogKind, StreamLog>;
  readonly #epochMs: number;

  constructor(requests: readonly OutputRequest[], experiment: Experiment, seriesStepNs?: number) {
    this.#requests = requests;
    this.#epochMs = epochMsOf(experiment.scenario.epoch);
    const kept = new Set(requests.map(({ format }) => FORMATS.get(format)?.keeps));
    this.#logs = new Map(
      LOG_KINDS.filter((kind) => kept.has(kind)).map((kind) => [kind, this.#logOf(kind)]),
    );
    this.runOptions = {
      observer: kept.has('requests') ? this.#log.observer : undefined,
      trace: kept.has('requests') ? this.#attempts.trace : undefined,
      streams: this.#logs.size === 0 ? undefined : logsTogether([...this.#logs.values()]),
      seriesStepNs: seriesStepNs ?? (kept.has('series') ? SCRAPE_NS : undefined),
    };
  }

  #logOf(kind: LogKind): StreamLog {
    const keepsStreams = kind === 'streams';
    const accessLog = keepsStreams ? undefined : kind;
    return new StreamLog({ epochMs: this.#epochMs, accessLog, keepsStreams });
  }

  /** `print` takes what goes to standard output. Gives what went wrong, if something did. */
  write(run: Run, result: RunResult, print: (text: string) => void): readonly string[] {
    const problems: string[] = [];
    for (const { format, file } of this.#requests) {
      if (format === 'html') continue;
      const text = FORMATS.get(format)!.write({
        run,
        result,
        file: file ?? '',
        epochMs: this.#epochMs,
        requests: this.#log,
        attempts: this.#attempts,
        logs: this.#logs,
      });
      if (format === 'github') appendSummary(result);
      if (file === undefined || file === '-') print(text);
      else problems.push(...written(file, text));
    }
    return problems;
  }
}

function written(file: string, text: string): readonly string[] {
  const problem = writeFile(file, file.endsWith('.gz') ? gzipSync(text) : text);
  return problem === undefined ? [] : [problem];
}

function appendSummary(result: RunResult): void {
  const file = process.env['GITHUB_STEP_SUMMARY'];
  if (file !== undefined && file !== '') appendFileSync(file, githubSummary(result));
}
