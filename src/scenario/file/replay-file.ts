/**
 * Reads a log of requests for `replay:`. Three forms, told apart by the first line:
 *
 * - one moment a line: `12ms`, `1.5s`, or seconds as a number;
 * - CSV with a header line (RFC 4180);
 * - NDJSON, one object a line: Istio's JSON access log and `--out requests` are such logs.
 *
 * The moment stands under one of `TIME_NAMES`; `method`, `path` (or `url`), `authority` and, in NDJSON,
 * `headers` say what was asked for. Wall-clock times count from the earliest.
 */
import { NS_PER_SECOND, parseDuration } from '#source/duration.ts';
import type { HeaderLine } from '#world/behaviour.ts';
import type { RecordedRequest, ReplayEntry } from '#world/load.ts';

export type ReadReplay =
  | { readonly entries: readonly ReplayEntry[] }
  | { readonly line: number; readonly problem: string; readonly hint: string };

/** What the moment of a request may be called, in lower case, with `_ms`, `Ms`… for another unit. */
const TIME_NAMES = [
  'at',
  'time',
  'timestamp',
  '@timestamp',
  'ts',
  'start',
  'start_time',
  'intended',
];
const HINT =
  'write one moment a line (1.5s), or CSV or NDJSON with "time", "method", "path" and "authority"';

/** One line as names and values. */
type Fields = ReadonlyMap<string, unknown>;

export function readReplay(content: string, maxCount: number): ReadReplay {
  const lines = content
    .split('\n')
    .map((text, index) => ({ text: text.trim(), line: index + 1 }))
    .filter(({ text }) => text !== '' && !text.startsWith('#'));
  if (lines.length > maxCount)
    return { line: maxCount, problem: `more than ${maxCount} lines`, hint: 'leave some out' };
  const reader = readerFor(lines[0]?.text ?? '');
  const log = new ReplayLog();
  for (const { text, line } of reader.hasHead ? lines.slice(1) : lines) {
    const fields = reader.fieldsOf(text);
    const problem = fields === undefined ? `"${text}" cannot be read` : log.add(fields);
    if (problem !== undefined) return { line, problem, hint: HINT };
  }
  return { entries: log.entries() };
}

interface LineReader {
  readonly hasHead: boolean;
  fieldsOf(text: string): Fields | undefined;
}

function readerFor(first: string): LineReader {
  if (first.startsWith('{')) return { hasHead: false, fieldsOf: jsonFields };
  if (momentOf(first, 1) !== undefined)
    return { hasHead: false, fieldsOf: (text) => new Map([['at', text]]) };
  const names = csvCells(first);
  return {
    hasHead: true,
    fieldsOf(text) {
      const cells = csvCells(text);
      return new Map(names.map((name, index) => [name, cells[index] ?? '']));
    },
  };
}

function jsonFields(text: string): Fields | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? new Map(Object.entries(value)) : undefined;
  } catch {
    return undefined;
  }
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Cells with quotes may hold commas and doubled quotes; no line breaks. */
function csvCells(text: string): readonly string[] {
  const cells: string[] = [];
  for (const [, quoted, plain] of text.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g))
    cells.push(quoted === undefined ? (plain ?? '').trim() : quoted.replaceAll('""', '"'));
  return cells;
}

/** Whole seconds and the rest: nanoseconds since 1970 would not fit into a double. */
interface Moment {
  readonly seconds: number;
  readonly ns: number;
}

/** Collects the requests of a log. */
class ReplayLog {
  readonly #found: { readonly at: Moment; readonly request: RecordedRequest | undefined }[] = [];
  readonly #known = new Map<string, RecordedRequest>();
  #isWallClock = false;

  /** Answers what is wrong, if anything is. */
  add(fields: Fields): string | undefined {
    const time = timeField(fields);
    if (time === undefined) return `there is no ${TIME_NAMES.slice(0, 3).join(', ')}…`;
    const at = momentOf(time.value, time.unitNs);
    if (at === undefined) return `"${String(time.value)}" is no moment such as 1.5s`;
    if (at.seconds >= FIRST_WALL_CLOCK_S) this.#isWallClock = true;
    this.#found.push({ at, request: this.#requestOf(fields) });
    return undefined;
  }

  /** In order of time, as the file has them where it is the same. */
  entries(): readonly ReplayEntry[] {
    const sorted = this.#found
      .map((one, index) => ({ ...one, index }))
      .sort((a, b) => a.at.seconds - b.at.seconds || a.at.ns - b.at.ns || a.index - b.index);
    const start = (this.#isWallClock ? sorted[0]?.at : undefined) ?? { seconds: 0, ns: 0 };
    return sorted.map(({ at, request }) => {
      const ns = (at.seconds - start.seconds) * NS_PER_SECOND + (at.ns - start.ns);
      return { atNs: Math.floor(ns), request };
    });
  }

  #requestOf(fields: Fields): RecordedRequest | undefined {
    const text = (name: string): string | undefined => {
      const value = fields.get(name);
      return typeof value === 'string' && value !== '' && value !== '-' ? value : undefined;
    };
    const request = {
      method: text('method'),
      path: pathOf(text('path') ?? text('url')),
      authority: text('authority') ?? text(':authority'),
      headers: headersOf(fields.get('headers')),
    };
    const isPlain = !request.method && !request.path && !request.authority;
    if (isPlain && request.headers.length === 0) return undefined;
    const key = JSON.stringify(request);
    const known = this.#known.get(key) ?? request;
    this.#known.set(key, known);
    return known;
  }
}

/** Later than any run: times from here on are those of a clock on the wall. */
const FIRST_WALL_CLOCK_S = 1e8;

const UNITS: readonly (readonly [suffix: RegExp, ns: number])[] = [
  [/_?ns$/i, 1],
  [/_?us$/i, 1e3],
  [/_?ms$/i, 1e6],
];

function timeField(
  fields: Fields,
): { readonly value: unknown; readonly unitNs: number } | undefined {
  for (const [name, value] of fields) {
    const lower = name.toLowerCase();
    if (TIME_NAMES.includes(lower) || lower === 'starttime')
      return { value, unitNs: NS_PER_SECOND };
    for (const [suffix, unitNs] of UNITS)
      if (suffix.test(name) && TIME_NAMES.includes(lower.replace(suffix, '')))
        return { value, unitNs };
  }
  return undefined;
}

/**
 * From a duration, an RFC 3339 time, or a number of units; numbers of seconds since 1970 may also be of ms, µs or
 * ns.
 */
function momentOf(value: unknown, unitNs: number): Moment | undefined {
  const text = String(value).trim();
  if (/^\d+(\.\d+)?([eE][+-]?\d+)?$/.test(text)) return ofUnits(Number(text), unitNs);
  if (typeof value !== 'string') return undefined;
  const ns = parseDuration(text);
  if (ns === undefined) return instantOf(text);
  return ns < 0 ? undefined : { seconds: 0, ns };
}

function ofUnits(number: number, unitNs: number): Moment {
  const isSeconds = unitNs === NS_PER_SECOND;
  const perSecond = isSeconds ? CLOCK_UNITS[unitOfClock(number)]! : NS_PER_SECOND / unitNs;
  const seconds = Math.floor(number / perSecond);
  return { seconds, ns: ((number - seconds * perSecond) / perSecond) * NS_PER_SECOND };
}

/** How many make a second. */
const CLOCK_UNITS = [1, 1e3, 1e6, 1e9];

/** Of a number since 1970: 0 = seconds, 1 = milliseconds, 2 = microseconds, 3 = nanoseconds. */
function unitOfClock(number: number): number {
  return number < 1e11 ? 0 : number < 1e14 ? 1 : number < 1e17 ? 2 : 3;
}

function instantOf(text: string): Moment | undefined {
  const match =
    /^(\d{4})-(\d\d)-(\d\d)[T ](\d\d):(\d\d):(\d\d)(\.\d+)?(?:Z|([+-])(\d\d):(\d\d))$/i.exec(text);
  if (match === null) return undefined;
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = match
    .slice(1, 7)
    .map(Number);
  const offset =
    (Number(match[9] ?? 0) * 60 + Number(match[10] ?? 0)) * (match[8] === '-' ? -1 : 1);
  const seconds = daysSince1970(year, month, day) * 86_400 + hour * 3600 + (minute - offset) * 60;
  return { seconds: seconds + second, ns: Math.round(Number(match[7] ?? 0) * NS_PER_SECOND) };
}

/** Of the Gregorian calendar. */
function daysSince1970(year: number, month: number, day: number): number {
  const shifted = month > 2 ? year : year - 1;
  const era = Math.floor(shifted / 400);
  const yearOfEra = shifted - era * 400;
  const dayOfYear = Math.floor((153 * ((month + 9) % 12) + 2) / 5) + day - 1;
  const dayOfEra =
    yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear;
  return era * 146_097 + dayOfEra - 719_468;
}

/** Of a URL what comes behind the host. */
function pathOf(text: string | undefined): string | undefined {
  const path = text?.replace(/^[a-z0-9]+:\/\/[^/?#]*/i, '');
  return path === undefined || path.startsWith('/') ? path : `/${path}`;
}

function headersOf(value: unknown): readonly HeaderLine[] {
  if (!isObject(value)) return [];
  return Object.entries(value).flatMap(([name, text]) =>
    typeof text === 'string' ? [{ name: name.toLowerCase(), value: text }] : [],
  );
}
