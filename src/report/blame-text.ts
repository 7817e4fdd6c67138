import type { BlameCause, BlameLink, BlameResult } from '#scenario/run-result.ts';
import type { Place } from '#source/diagnostic.ts';
import { flagReason } from './flag-reasons.ts';
import { momentText } from './format.ts';
import { outcomeText } from './outcome-text.ts';
import type { TextStyle } from './text-style.ts';
import { alignedLines } from './text-table.ts';

/**
 * Ways to fail, one line each: how many, where, the object and setting to blame; below it what the
 * scenario did to bring it about.
 */
export function blameLines(
  blame: readonly BlameResult[],
  limit: number,
  style: TextStyle,
): readonly string[] {
  const shown = blame.slice(0, limit);
  const rows = shown.map((one) => cellsOf(one, style));
  const more = blame.length - shown.length;
  return [
    ...alignedLines(rows, { gap: 2 }).flatMap((line, index) => [
      line,
      ...behindLines(shown[index]!.behind, style),
    ]),
    ...(more > 0 ? [`and ${more} more`] : []),
  ];
}

/** `203 × 503 UO`, `at webapp → catalog|v2`, `DestinationRule catalog, canary.yaml:31`, the setting. */
function cellsOf(blame: BlameResult, { glyphs }: TextStyle): readonly string[] {
  const { count, code, flags, source, destination, cause } = blame;
  const to = destination === '' ? '' : ` ${glyphs.arrow} ${destination}`;
  const object = cause === undefined ? (flagReason(flags, destination) ?? '') : causeText(cause);
  return [
    `${count} ${glyphs.times} ${outcomeText(code, flags)}`,
    `at ${source}${to}`,
    object,
    cause?.setting ?? '',
  ];
}

/** The object to blame, and its line. */
export function causeText({ object, at }: BlameCause): string {
  return `${object}${at === undefined ? '' : `, ${placeText(at)}`}`;
}

/** What is behind a failure, one line each. */
export function behindLines(behind: readonly BlameLink[], style: TextStyle): readonly string[] {
  return behind.map((link) => `    ${linkText(link, style)}`);
}

function linkText({ text, at, sinceNs }: BlameLink, { glyphs }: TextStyle): string {
  const where = at === undefined ? '' : `, ${placeText(at)}`;
  return sinceNs === undefined
    ? `${glyphs.because} ${text}${where}`
    : `${glyphs.because} ${text}, at ${momentText(sinceNs)}${where}`;
}

export function placeText({ file, line }: Place): string {
  return `${file}:${line}`;
}
