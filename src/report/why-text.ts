import type { WhyAnswer } from '#scenario/request-choice.ts';
import type { SlowAnswer } from '#scenario/slow-requests.ts';
import { behindLines, blameLines, causeText } from './blame-text.ts';
import { durationText, shareText } from './format.ts';
import { ASCII_GLYPHS, asciiText, type TextStyle } from './text-style.ts';
import { alignedLines } from './text-table.ts';

/** What `--why` asks: how many requests are meant, where those that failed (or were slow) did, and what is to blame. */
export function whyText(answer: WhyAnswer, style: TextStyle): string {
  const { choice, requestCount, slow } = answer;
  const head = `${style.strong('WHY')}  ${choice.text}: ${requestCount} requests`;
  const lines = slow === undefined ? failedLines(answer, style) : slowLines(slow, style);
  const text = `${[head, ...lines.map((line) => `  ${line}`)].join('\n')}\n`;
  return style.glyphs === ASCII_GLYPHS ? asciiText(text) : text;
}

function failedLines({ requestCount, blame }: WhyAnswer, style: TextStyle): readonly string[] {
  const lines = blameLines(blame, blame.length, style);
  return lines.length > 0 || requestCount === 0 ? lines : ['none of them failed'];
}

/** Where the time went, one line each; what took next to none of it is left out. */
function slowLines(
  { slowestCount, shortestNs, longestNs, parts }: SlowAnswer,
  style: TextStyle,
): readonly string[] {
  const range = `${durationText(shortestNs)} to ${durationText(longestNs)}`;
  const shown = parts.filter(({ share }) => share >= LEAST_SHARE).slice(0, MOST_PARTS);
  const rows = shown.map(({ share, what, cause }) => [
    shareText(share),
    what,
    cause === undefined ? '' : causeText(cause),
    cause?.setting ?? '',
  ]);
  return [
    `the slowest ${slowestCount} took ${range}, of that`,
    ...alignedLines(rows, { gap: 2 }).flatMap((line, index) => [
      line.trimEnd(),
      ...behindLines(shown[index]!.behind, style),
    ]),
  ];
}

const LEAST_SHARE = 0.01;
const MOST_PARTS = 8;
