import type { DurationText } from './core.ts';

const DURATION = /^(-?)(\d+)(?:\.(\d{1,9}))?s$/;

/**
 * A protobuf duration in nanoseconds: `"2.5s"` is 2 500 000 000. Undefined when absent; a text that
 * is no duration counts as absent too (it was refused where it was read).
 */
export function durationNs(text: DurationText | undefined): number | undefined {
  const match = text === undefined ? null : DURATION.exec(text);
  if (match === null) return undefined;
  const [, sign, seconds, fraction = ''] = match;
  const value = Number(seconds) * 1e9 + Number(fraction.padEnd(9, '0'));
  return sign === '-' ? -value : value;
}

/**
 * A protobuf duration in whole milliseconds, the rest cut off: the unit of most of Envoy's decisions.
 *
 * @source envoy: source/common/protobuf/utility.h, PROTOBUF_GET_MS_OR_DEFAULT
 */
export function durationMs(text: DurationText | undefined): number | undefined {
  const valueNs = durationNs(text);
  return valueNs === undefined ? undefined : Math.trunc(valueNs / 1e6);
}
