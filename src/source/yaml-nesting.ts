import { MAX_PARSER_DEPTH } from './limits.ts';

const OPEN = new Set(['[', '{']);
const CLOSE = new Set([']', '}']);
const COMPACT = new Set(['-', '?', ':']);

/**
 * Where a text nests deeper than the full parser is trusted with, by a count that looks neither at quotes
 * nor at comments: brackets that are open, lines that are indented further, and `- `, `? `, `: ` on one
 * line. The parser goes down by recursion; at the end of its stack the process may end with it.
 */
export function tooDeepAt(text: string): number | undefined {
  const indents: number[] = [];
  let brackets = 0;
  let compact = 0;
  let isLineStart = true;
  let lineStart = 0;
  for (let at = 0; at < text.length; at++) {
    const letter = text[at]!;
    if (letter === '\n') {
      compact = 0;
      isLineStart = true;
      lineStart = at + 1;
      continue;
    }
    if (isLineStart && letter !== ' ') {
      isLineStart = false;
      while (indents.length > 0 && indents.at(-1)! >= at - lineStart) indents.pop();
      indents.push(at - lineStart);
    }
    if (OPEN.has(letter)) brackets++;
    else if (CLOSE.has(letter)) brackets = Math.max(0, brackets - 1);
    else if (brackets === 0 && COMPACT.has(letter) && text[at + 1] === ' ') compact++;
    if (brackets + compact + indents.length > MAX_PARSER_DEPTH) return at;
  }
  return undefined;
}
