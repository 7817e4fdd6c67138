import { compareText } from '#source/compare-text.ts';

/** What decides which of two resources is the older. */
export interface Created {
  /** Seconds since 1970; 0 when it is not told. */
  readonly createdAtS: number;
  readonly name: string;
  readonly namespace: string;
}

/**
 * Oldest first; equal times by name, then by namespace.
 *
 * @source istio: pilot/pkg/model/config.go, configCompareByCreationTime
 */
export function compareCreation(a: Created, b: Created): number {
  if (a.createdAtS !== b.createdAtS) return a.createdAtS - b.createdAtS;
  return compareText(a.name, b.name) || compareText(a.namespace, b.namespace);
}

const TIMESTAMP =
  /^(\d{4})-(\d\d)-(\d\d)[Tt ](\d\d):(\d\d):(\d\d)(?:\.\d+)?([Zz]|[+-]\d\d:?\d\d)?$/;

/** Seconds since 1970 of an RFC 3339 timestamp; undefined when it is none. */
export function parseTimestampS(text: string): number | undefined {
  const match = TIMESTAMP.exec(text);
  if (match === null) return undefined;
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = match
    .slice(1, 7)
    .map(Number);
  const days = daysSinceEpoch(year, month, day);
  return ((days * 24 + hour) * 60 + minute) * 60 + second - offsetS(match[7] ?? 'Z');
}

function offsetS(zone: string): number {
  if (zone === 'Z' || zone === 'z') return 0;
  const digits = zone.slice(1).replace(':', '');
  const size = (Number(digits.slice(0, 2)) * 60 + Number(digits.slice(2))) * 60;
  return zone[0] === '-' ? -size : size;
}

/** Days since 1970-01-01 in the Gregorian calendar, counting years from March. */
function daysSinceEpoch(year: number, month: number, day: number): number {
  const y = month <= 2 ? year - 1 : year;
  const era = Math.floor(y / 400);
  const yearOfEra = y - era * 400;
  const dayOfYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1;
  const dayOfEra =
    yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear;
  return era * 146097 + dayOfEra - 719468;
}
