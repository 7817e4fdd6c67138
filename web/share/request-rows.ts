import type { ViewRequest } from '#report/run-view.ts';

const COLUMNS = [
  ['client', ({ client }) => client],
  ['number', ({ number }) => String(number)],
  ['intended_ns', ({ intendedNs }) => String(intendedNs)],
  ['end_ns', ({ endNs }) => String(endNs)],
  ['route', ({ route }) => route],
  ['cluster', ({ cluster }) => cluster],
  ['host', ({ host }) => host],
  ['pod', ({ pod }) => pod],
  ['code', ({ code }) => String(code)],
  ['flags', ({ flags }) => flags],
  ['attempts', ({ attempts }) => String(attempts)],
] as const satisfies readonly (readonly [string, (request: ViewRequest) => string])[];

/** Requests as a table: a head, then one row each. */
export function requestRows(requests: readonly ViewRequest[]): readonly (readonly string[])[] {
  const head = COLUMNS.map(([name]) => name);
  return [head, ...requests.map((request) => COLUMNS.map(([, cell]) => cell(request)))];
}
