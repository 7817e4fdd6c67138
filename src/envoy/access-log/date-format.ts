import { civilDate } from '#kernel/civil-date.ts';

const MS_PER_DAY = 86_400_000;

/**
 * A virtual time as a UTC date: strftime with Envoy's `%f` (nine digits), `%1f` to `%9f`, `%s`, `%E…S`;
 * `2026-08-01T12:00:00.000Z` without a format.
 *
 * @source envoy: source/common/common/utility.cc, DateFormatter, AccessLogDateTimeFormatter
 */
export function formatDate(epochMs: number, offsetNs: number, format: string): string {
  const offsetMs = Math.floor(offsetNs / 1e6);
  const totalMs = epochMs + offsetMs;
  const ns = Math.floor(offsetNs - offsetMs * 1e6) + mod(totalMs, 1000) * 1e6;
  const days = Math.floor(totalMs / MS_PER_DAY);
  const date = { ...civilDate(days), weekday: mod(days + 4, 7) };
  const secondsOfDay = Math.floor(mod(totalMs, MS_PER_DAY) / 1000);
  const parts = { ...date, secondsOfDay, ns, seconds: Math.floor(totalMs / 1000) };
  return (format === '' ? '%Y-%m-%dT%H:%M:%S.%3fZ' : format).replace(
    /%([0-9]?)f|%E([0-9]|\*)S|%([A-Za-z%])/g,
    (all, digits?: string, precise?: string, letter?: string) => {
      if (precise !== undefined) {
        return `${two(parts.secondsOfDay % 60)}.${fraction(ns, precise === '*' ? 9 : Number(precise))}`;
      }
      if (letter === undefined) return fraction(ns, digits === '' ? 9 : Number(digits));
      return FIELDS.get(letter)?.(parts) ?? all;
    },
  );
}

interface DateParts {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly weekday: number;
  readonly secondsOfDay: number;
  readonly ns: number;
  readonly seconds: number;
}

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const WEEKDAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];

const FIELDS: ReadonlyMap<string, (parts: DateParts) => string> = new Map<
  string,
  (parts: DateParts) => string
>([
  ['Y', (parts) => String(parts.year)],
  ['m', (parts) => two(parts.month)],
  ['d', (parts) => two(parts.day)],
  ['e', (parts) => String(parts.day).padStart(2)],
  ['H', (parts) => two(Math.floor(parts.secondsOfDay / 3600))],
  ['M', (parts) => two(Math.floor(parts.secondsOfDay / 60) % 60)],
  ['S', (parts) => two(parts.secondsOfDay % 60)],
  ['s', (parts) => String(parts.seconds)],
  ['b', (parts) => MONTHS[parts.month - 1]!],
  ['a', (parts) => WEEKDAYS[parts.weekday]!],
  ['F', (parts) => `${parts.year}-${two(parts.month)}-${two(parts.day)}`],
  ['T', (parts) => timeOfDay(parts)],
  ['X', (parts) => timeOfDay(parts)],
  ['z', () => '+0000'],
  ['Z', () => 'UTC'],
  ['%', () => '%'],
]);

function timeOfDay({ secondsOfDay }: DateParts): string {
  const minutes = Math.floor(secondsOfDay / 60);
  return `${two(Math.floor(minutes / 60))}:${two(minutes % 60)}:${two(secondsOfDay % 60)}`;
}

/** Never negative, unlike `%`. */
function mod(value: number, divisor: number): number {
  return ((value % divisor) + divisor) % divisor;
}

function two(value: number): string {
  return String(value).padStart(2, '0');
}

function fraction(ns: number, digits: number): string {
  return String(ns).padStart(9, '0').slice(0, digits);
}
