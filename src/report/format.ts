/**
 * Numbers as the summaries print them: three significant digits, the same on every machine. What is
 * not known (NaN) is `–`, never 0.
 */

export const NOTHING = '–';

/** `402ms`, `1.2s`, `85.3µs`, `2m30s` from two minutes on; no zeros behind the point. */
export function durationText(ns: number): string {
  if (!Number.isFinite(ns)) return NOTHING;
  if (ns === 0) return '0';
  const size = Math.abs(ns);
  // A value that would round up to the next unit is written in that unit.
  if (size < 999.5) return `${withoutZeros(significant(ns))}ns`;
  if (size < 999.5e3) return `${withoutZeros(significant(ns / 1e3))}µs`;
  if (size < 999.5e6) return `${withoutZeros(significant(ns / 1e6))}ms`;
  if (size < 120e9) return `${withoutZeros(significant(ns / 1e9))}s`;
  return longDurationText(ns);
}

function longDurationText(ns: number): string {
  const seconds = Math.round(ns / 1e9);
  const hours = Math.floor(seconds / 3600);
  const minutes = Math.floor(seconds / 60) % 60;
  const parts: readonly (readonly [number, string])[] = [
    [hours, 'h'],
    [minutes, 'm'],
    [seconds % 60, 's'],
  ];
  return parts
    .filter(([value]) => value > 0)
    .map(([value, unit]) => `${value}${unit}`)
    .join('');
}

/** A moment of the run: `61.2s`, one digit behind the point. */
export function momentText(ns: number): string {
  return Number.isFinite(ns) ? `${(ns / 1e9).toFixed(1)}s` : NOTHING;
}

/** A length of virtual time that a person wrote: `120s`, `0.5s`, `1h`. */
export function windowText(ns: number): string {
  if (!Number.isFinite(ns)) return 'end';
  return `${withoutZeros((ns / 1e9).toFixed(3))}s`;
}

/** `96.3%`, `100%`, `0.02%`: one digit behind the point, below 0.1 % two that count. */
export function shareText(share: number): string {
  return Number.isFinite(share) ? `${percentNumber(share)}%` : NOTHING;
}

/** The same without the sign, for `8.4..12.6%`. */
export function percentNumber(share: number): string {
  const percent = share * 100;
  if (percent === 0 || percent === 100) return String(percent);
  // Nearly everything is not everything: 99.97 % does not read 100 %.
  if (percent > 99.9 && percent < 100) return (Math.floor(percent * 100) / 100).toFixed(2);
  if (Math.abs(percent) < 0.1) return withoutExponent(percent, 2);
  return percent.toFixed(1);
}

/** `50.0/s`, `1230/s`: three significant digits, whole numbers above. */
export function rateText(perSecond: number): string {
  return Number.isFinite(perSecond) ? `${significant(perSecond)}/s` : NOTHING;
}

/** A plain number: whole as it is, else three significant digits. */
export function numberText(value: number): string {
  if (!Number.isFinite(value)) return NOTHING;
  return Number.isInteger(value) ? String(value) : significant(value);
}

/** Two digits behind the point: `1.00`. */
export function ratioText(value: number): string {
  return Number.isFinite(value) ? value.toFixed(2) : NOTHING;
}

/** Three significant digits, without an exponent; whole numbers keep all of theirs. */
export function significant(value: number): string {
  const size = Math.abs(value);
  if (size === 0) return '0';
  if (size >= 999.5) return String(Math.round(value));
  return withoutExponent(value, 3);
}

function withoutExponent(value: number, digits: number): string {
  const magnitude = Number(value.toExponential(digits - 1).split('e')[1]);
  return value.toFixed(Math.min(100, Math.max(0, digits - 1 - magnitude)));
}

function withoutZeros(text: string): string {
  return text.includes('.') ? text.replace(/\.?0+$/, '') : text;
}
