import type { RowId } from './recorder.ts';
import type { RowTable } from './row-table.ts';

/**
 * A client got nothing: refused, reset, or gone before an answer came. Code 0 is no 5xx, but neither is it
 * a success of the client; a proxy's stream that ended so is neither, as on Istio's dashboards.
 */
export function isUnanswered(rows: RowTable, row: RowId): boolean {
  return rows.kindOf(row) === 'client' && rows.codeOf(row) === 0 && rows.flagsOf(row) !== 0;
}

/** The first digit of the code. A TCP connection has none: one that ended with a flag counts as 5. */
export function codeClass(rows: RowTable, row: RowId): number {
  if (rows.kindOf(row) === 'tcpSource') return rows.flagsOf(row) === 0 ? 2 : 5;
  return Math.floor(rows.codeOf(row) / 100);
}

/** Neither 5xx nor unanswered: what every summary, comparison and page counts as success. */
export function isSuccess(rows: RowTable, row: RowId): boolean {
  return codeClass(rows, row) !== 5 && !isUnanswered(rows, row);
}
