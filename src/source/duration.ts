/**
 * Durations as people write them, as integer nanoseconds in a double. Fractions of a nanosecond are
 * cut off.
 */

export const NS_PER_MS = 1_000_000;
export const NS_PER_SECOND = 1_000_000_000;

const UNIT_NS: ReadonlyMap<string, number> = new Map([
  ['ns', 1],
  ['us', 1_000],
  ['µs', 1_000],
  ['μs', 1_000],
  ['ms', NS_PER_MS],
  ['s', NS_PER_SECOND],
  ['m', 60 * NS_PER_SECOND],
  ['h', 3600 * NS_PER_SECOND],
]);
/** Go's Duration ends at 2^63 nanoseconds. */
const MAX_GO_NS = 2 ** 63;

/**
 * `1.5s`, `250ms`, `1h30m`, `-2s`, `0`: a duration in Go's form, in nanoseconds; `undefined` when the
 * text is none, or one that Go cannot hold.
 *
 * @source go: src/time/format.go, ParseDuration
 */
export function parseDuration(text: string): number | undefined {
  const ns = parseAnyDuration(text);
  return ns === undefined || Math.abs(ns) > MAX_GO_NS ? undefined : ns;
}

/** The same of any length: for readers that have a limit of their own to tell. */
export function parseAnyDuration(text: string): number | undefined {
  const [, sign, body] = /^([-+]?)(.+)$/s.exec(text) ?? [];
  if (body === undefined) return undefined;
  if (body === '0') return 0;
  const part = /([0-9]*)(?:\.([0-9]*))?(ns|us|µs|μs|ms|s|m|h)/y;
  let totalNs = 0;
  while (part.lastIndex < body.length) {
    const [, whole, fraction, unit] = part.exec(body) ?? [];
    if (unit === undefined || (!whole && !fraction)) return undefined;
    totalNs += partNs(whole ?? '', fraction ?? '', UNIT_NS.get(unit)!);
  }
  return sign === '-' ? 0 - totalNs : totalNs;
}

function partNs(whole: string, fraction: string, unitNs: number): number {
  const digits = fraction.slice(0, 15);
  const fractionNs =
    digits === '' ? 0 : Math.floor((Number(digits) * unitNs) / Number(`1e${digits.length}`));
  return Number(whole) * unitNs + fractionNs;
}

/** `1.5s` only, as protobuf's JSON form has it; nanoseconds, or `undefined`. */
export function parseProtoDuration(text: string): number | undefined {
  return /^-?[0-9]+(?:\.[0-9]{1,9})?s$/.test(text) ? parseDuration(text) : undefined;
}

/** Nanoseconds in protobuf's JSON form: `2.500s`, with 0, 3, 6 or 9 decimals. */
export function formatProtoDuration(ns: number): string {
  if (ns === 0) return '0s';
  const sign = ns < 0 ? '-' : '';
  const size = Math.abs(ns);
  const seconds = Math.floor(size / NS_PER_SECOND);
  const rest = String(size - seconds * NS_PER_SECOND).padStart(9, '0');
  const decimals = rest.replace(/(?:000)+$/, '');
  return `${sign}${seconds}${decimals === '' ? '' : `.${decimals}`}s`;
}
