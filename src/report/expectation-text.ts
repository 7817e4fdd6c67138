import type { ExpectationOutcome, RunResult } from '#scenario/run-result.ts';
import type { Dimension } from '#telemetry/query/reading.ts';
import { blameLines, placeText } from './blame-text.ts';
import {
  durationText,
  NOTHING,
  numberText,
  percentNumber,
  rateText,
  shareText,
  windowText,
} from './format.ts';
import { outcomeText } from './outcome-text.ts';
import type { TextStyle } from './text-style.ts';
import { alignedLines } from './text-table.ts';

/** The verdicts: one line each; below a failed one, what its requests came to and what is to blame. */
export function expectationLines(result: RunResult, style: TextStyle): readonly string[] {
  const { expectations } = result;
  if (expectations.length === 0) return [];
  const failedCount = expectations.filter(({ holds }) => !holds).length;
  const heldCount = expectations.length - failedCount;
  const counts = [
    ...(heldCount > 0 ? [style.good(`${heldCount} held`)] : []),
    ...(failedCount > 0 ? [style.bad(`${failedCount} failed`)] : []),
  ];
  const lines = alignedLines(
    expectations.map((expectation) => cellsOf(expectation, style)),
    { gap: 3, minWidths: [32, 14, 5] },
  );
  return [
    `${style.strong('EXPECTATIONS')}  ${counts.join(', ')}`,
    ...expectations.flatMap((expectation, index) => [
      coloured(lines[index]!, expectation, style),
      ...reasonLines(expectation, style),
    ]),
  ];
}

/** `✓ share of v2 during 0s..30s`, `is ~10%`, `10.4%`, `(n=1502; 99% interval 8.4..12.6%)`. */
function cellsOf(expectation: ExpectationOutcome, { glyphs }: TextStyle): readonly string[] {
  const { name, during, holds, is, value, dimension } = expectation;
  const glyph = holds ? glyphs.held : glyphs.failed;
  const window =
    during === undefined ? '' : ` during ${windowText(during.fromNs)}..${windowText(during.toNs)}`;
  return [
    `  ${glyph} ${name}${window}`,
    `is ${is}`,
    value === undefined ? NOTHING : quantityText(value, dimension),
    remarkOf(expectation),
  ];
}

function remarkOf({ holds, at, count, interval, dimension, remark }: ExpectationOutcome): string {
  const facts = [
    ...(interval !== undefined && count !== undefined ? [`n=${count}`] : []),
    ...(interval !== undefined
      ? [`99% interval ${intervalText(interval.low, interval.high, dimension)}`]
      : []),
    ...(remark !== undefined ? [remark] : []),
  ];
  const inBrackets = facts.length === 0 ? [] : [`(${facts.join('; ')})`];
  return [...(holds || at === undefined ? [] : [placeText(at)]), ...inBrackets].join('   ');
}

/** A value of an expectation in its own unit. */
export function quantityText(value: number, dimension: Dimension): string {
  switch (dimension) {
    case 'share':
      return shareText(value);
    case 'duration':
      return durationText(value);
    case 'rate':
      return rateText(value);
    case 'count':
    case 'number':
      return numberText(value);
  }
}

export function intervalText(low: number, high: number, dimension: Dimension): string {
  if (dimension === 'share') return `${percentNumber(low)}..${percentNumber(high)}%`;
  return `${quantityText(low, dimension)}..${quantityText(high, dimension)}`;
}

/** Ways to fail that are shown below a verdict; JSON has them all. */
const SHOWN_CAUSES = 5;

function reasonLines(expectation: ExpectationOutcome, style: TextStyle): readonly string[] {
  const { holds, failures, requestCount, blame, dimension } = expectation;
  if (holds || failures.length === 0 || dimension === 'duration') return [];
  const { times } = style.glyphs;
  const failedCount = failures.reduce((sum, { count }) => sum + count, 0);
  const parts = failures.map(
    ({ code, flags, count }) => `${count} ${times} ${outcomeText(code, flags)}`,
  );
  return [
    `      ${failedCount} of ${requestCount} failed: ${parts.join(', ')}`,
    ...blameLines(blame, SHOWN_CAUSES, style).map((line) => `      ${line}`),
  ];
}

function coloured(line: string, { holds }: ExpectationOutcome, style: TextStyle): string {
  const { held, failed } = style.glyphs;
  const glyph = holds ? held : failed;
  const paint = holds ? style.good : style.bad;
  return line.replace(`  ${glyph}`, `  ${paint(glyph)}`);
}
