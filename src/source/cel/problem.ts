import { parseCel } from './parse.ts';
import type { CelMistake } from './tokens.ts';

const MAX_SHOWN = 100;

/**
 * Why an expression is no CEL, in the words that istiod and Envoy have from CEL's own parser; undefined
 * if it is.
 *
 * @source cel-go: parser/parser.go, Parse; common/error.go, ToDisplayString
 */
export function celProblem(expression: string): string | undefined {
  return problemText(expression, parseCel(expression).mistakes);
}

/** The mistakes that were found, each with its line and a caret. */
export function problemText(
  expression: string,
  mistakes: readonly CelMistake[],
): string | undefined {
  if (mistakes.length === 0) return undefined;
  const lines = mistakes.slice(0, MAX_SHOWN).map((one) => shown(one, expression));
  // After one mistake of grammar too many the parser gives up.
  const isCut = mistakes.length > MAX_SHOWN && mistakes.every(isSyntax);
  const more = isCut ? 1 : mistakes.length - MAX_SHOWN;
  return (more > 0 ? [...lines, `${more} more errors were truncated`] : lines).join('\n');
}

function isSyntax({ text }: CelMistake): boolean {
  return text.startsWith('Syntax error');
}

function shown({ at, text }: CelMistake, expression: string): string {
  // What is wrong with the whole has no place.
  if (at < 0) return `ERROR: <input>:-1:0: ${text}`;
  const before = expression.slice(0, at).split('\n');
  const column = before.at(-1)!.length;
  const line = expression.split('\n')[before.length - 1] ?? '';
  if (line === '') return `ERROR: <input>:${before.length}:${column}: ${text}`;
  const place = `ERROR: <input>:${before.length}:${column + 1}: ${text}`;
  return `${place}\n | ${line}\n | ${'.'.repeat(column)}^`;
}
