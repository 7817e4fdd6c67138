import type { AttemptLog, LoggedAttempt } from '#scenario/attempt-log.ts';
import type { RequestLog } from '#scenario/request-log.ts';
import { labelOf } from '#telemetry/label-catalogue.ts';
import { flagsText } from '#telemetry/response-flags.ts';
import type { RunRecorder } from '#telemetry/run-recorder.ts';

/** Undefined: a column that such a row does not have. */
type Cell = string | number | undefined;

/** What is written of each request; every number has its unit in its name. */
const COLUMNS = [
  'client',
  'number',
  'intendedMs',
  'endMs',
  'latencyMs',
  'responseCode',
  'responseFlags',
  'attempts',
  'route',
  'cluster',
  'host',
  'pod',
  'version',
  'kind',
  'proxy',
  'attempt',
  'startMs',
] as const;

/**
 * All requests of a run in order of completion, the warm-up's too: one JSON object a line, of kind
 * `request`; then those of kind `attempt`: what client-side proxies tried for them, on all tiers.
 */
export function requestsNdjson(log: ExportedLog): string {
  return rowsOf(log)
    .map((cells) => {
      const entries = COLUMNS.map((name, index) => [name, cells[index] ?? null] as const);
      return `${JSON.stringify(Object.fromEntries(entries))}\n`;
    })
    .join('');
}

/** What a run has kept for this export. */
export interface ExportedLog {
  readonly requests: RequestLog;
  readonly attempts: AttemptLog;
  readonly recorder: RunRecorder;
}

/** The same as CSV (RFC 4180) with a header line. */
export function requestsCsv(log: ExportedLog): string {
  const lines = rowsOf(log).map((cells) => cells.map(csvCell).join(','));
  return [COLUMNS.join(','), ...lines, ''].join('\r\n');
}

function rowsOf(log: ExportedLog): readonly (readonly Cell[])[] {
  return [...requestRows(log), ...log.attempts.attempts.map((it) => attemptRow(it, log))];
}

function attemptRow(attempt: LoggedAttempt, { attempts }: ExportedLog): readonly Cell[] {
  const { startNs, endNs, code, flags, cluster, host, proxy, number } = attempt;
  return [
    attempts.clientOf(attempt),
    attempt.rootNumber,
    undefined,
    endNs / 1e6,
    (endNs - startNs) / 1e6,
    code,
    flags,
    undefined,
    undefined,
    cluster,
    host,
    undefined,
    undefined,
    'attempt',
    proxy,
    number,
    startNs / 1e6,
  ];
}

function requestRows({ requests, recorder }: ExportedLog): readonly (readonly Cell[])[] {
  const { rows } = recorder;
  return requests.requests.map(
    ({ client, number, intendedNs, endNs, attempts, row }): readonly Cell[] => {
      const label = (name: string) => labelOf(rows, row, name);
      const known = (name: string) => (label(name) === 'unknown' ? '' : label(name));
      return [
        rows.clients.of(client).name,
        number,
        intendedNs / 1e6,
        endNs / 1e6,
        (endNs - intendedNs) / 1e6,
        rows.codeOf(row),
        flagsText(rows.flagsOf(row)),
        attempts,
        label('route'),
        label('upstream_cluster'),
        label('host'),
        known('pod'),
        known('destination_version'),
        'request',
        undefined,
        undefined,
        undefined,
      ];
    },
  );
}

function csvCell(cell: Cell): string {
  const text = String(cell ?? '');
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
