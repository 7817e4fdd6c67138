import { parseDuration } from './duration.ts';

/** `5%`, `0.1 %` → the percentage as a number (5, 0.1); `undefined` when the text is none. */
export function parsePercentage(text: string): number | undefined {
  const [, number] = /^([-+]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+))\s*%$/.exec(text) ?? [];
  return number === undefined ? undefined : Number(number);
}

const SECONDS: ReadonlyMap<string, number> = new Map([
  ['ms', 0.001],
  ['s', 1],
  ['m', 60],
  ['h', 3600],
  ['d', 86_400],
]);

/** `50/s`, `3000/m`, `10/500ms` → per second; `undefined` when the text is no rate. */
export function parseRatePerSecond(text: string): number | undefined {
  const [, count, per] = /^([0-9]+(?:\.[0-9]*)?|\.[0-9]+)\s*\/\s*(\S+)$/.exec(text) ?? [];
  if (count === undefined || per === undefined) return undefined;
  const seconds = SECONDS.get(per) ?? (parseDuration(per) ?? 0) / 1e9;
  return seconds > 0 ? Number(count) / seconds : undefined;
}
