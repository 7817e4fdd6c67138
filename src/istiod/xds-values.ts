import { formatProtoDuration, NS_PER_SECOND } from '#source/duration.ts';
import type { DurationText } from '#xds/core.ts';

/** Integer nanoseconds as protobuf prints a duration. */
export function xdsDuration(ns: number): DurationText {
  return formatProtoDuration(ns);
}

/** The whole seconds of a duration, the rest cut off. */
export function wholeSeconds(ns: number): number {
  return Math.trunc(ns / NS_PER_SECOND);
}
