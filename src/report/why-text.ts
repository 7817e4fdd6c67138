import type { WhyAnswer } from '#scenario/request-choice.ts';
import { blameLines } from './blame-text.ts';
import { ASCII_GLYPHS, asciiText, type TextStyle } from './text-style.ts';

/** What `--why` asks: how many requests are meant, where those that failed did, and what is to blame. */
export function whyText({ choice, requestCount, blame }: WhyAnswer, style: TextStyle): string {
  const head = `${style.strong('WHY')}  ${choice.text}: ${requestCount} requests`;
  const lines = blameLines(blame, blame.length, style).map((line) => `  ${line}`);
  const none = requestCount === 0 ? [] : ['  none of them failed'];
  const text = `${[head, ...(lines.length > 0 ? lines : none)].join('\n')}\n`;
  return style.glyphs === ASCII_GLYPHS ? asciiText(text) : text;
}
