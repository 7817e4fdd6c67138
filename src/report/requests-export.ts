import type { RequestLog } from '#scenario/request-log.ts';
import { labelOf } from '#telemetry/label-catalogue.ts';
import { flagsText } from '#telemetry/response-flags.ts';
import type { RunRecorder } from '#telemetry/run-recorder.ts';

type Cell = string | number;

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
] as const;

/** All requests of a run in order of completion, the warm-up's too: one JSON object a line. */
export function requestsNdjson(log: RequestLog, recorder: RunRecorder): string {
  return rowsOf(log, recorder)
    .map((cells) => {
      const entries = COLUMNS.map((name, index) => [name, cells[index]!] as const);
      return `${JSON.stringify(Object.fromEntries(entries))}\n`;
    })
    .join('');
}

/** The same as CSV (RFC 4180) with a header line. */
export function requestsCsv(log: RequestLog, recorder: RunRecorder): string {
  const lines = rowsOf(log, recorder).map((cells) => cells.map(csvCell).join(','));
  return [COLUMNS.join(','), ...lines, ''].join('\r\n');
}

function rowsOf(log: RequestLog, recorder: RunRecorder): readonly (readonly Cell[])[] {
  const { rows } = recorder;
  return log.requests.map(
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
      ];
    },
  );
}

function csvCell(cell: Cell): string {
  const text = String(cell);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
