import type { Dimension } from '#telemetry/query/reading.ts';
import { quantityText } from './expectation-text.ts';
import { durationText, NOTHING, percentNumber } from './format.ts';

/** What a key of a document ends in, by what its number is. */
export const UNIT_SUFFIX: Readonly<Record<Dimension, string>> = {
  count: 'Count',
  share: 'Share',
  duration: 'Ms',
  rate: 'PerSecond',
  number: 'Number',
};

/** A number of a sweep's document (durations in ms) as text. */
export function documentText(value: number, dimension: Dimension): string {
  if (!Number.isFinite(value)) return NOTHING;
  return dimension === 'duration' ? durationText(value * 1e6) : quantityText(value, dimension);
}

/** `17ms..19ms`, `8.4..12.6%`. */
export function documentRange(low: number, high: number, dimension: Dimension): string {
  if (!Number.isFinite(low) || !Number.isFinite(high)) return NOTHING;
  if (dimension === 'share') return `${percentNumber(low)}..${percentNumber(high)}%`;
  return `${documentText(low, dimension)}..${documentText(high, dimension)}`;
}
