import { QueryError, type Span } from './query-text.ts';

/** A piece of a query: names, numbers and strings as PromQL has them, and its operators. */
export interface Token extends Span {
  readonly kind: 'name' | 'number' | 'string' | 'operator' | 'end';
  /** Of a string, its value without quotes and escapes. */
  readonly text: string;
}

const PIECE =
  /\s+|#.*|([a-zA-Z_][a-zA-Z0-9_:]*)|((?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][-+]?[0-9]+)?%?)|("(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|`[^`]*`)|(=~|!~|!=|[-+*/(){},=])/y;

/**
 * All tokens, the last of kind `end`.
 *
 * @source prometheus: promql/parser/lex.go (names, strings and their escapes)
 */
export function tokensOf(text: string): readonly Token[] {
  const tokens: Token[] = [];
  let start = 0;
  while (start < text.length) {
    PIECE.lastIndex = start;
    const found = PIECE.exec(text);
    if (found === null) throw strayCharacter(text, start);
    const end = start + found[0].length;
    const [, name, number, string, operator] = found;
    if (name !== undefined) tokens.push({ kind: 'name', text: name, start, end });
    else if (number !== undefined) tokens.push({ kind: 'number', text: number, start, end });
    else if (operator !== undefined) tokens.push({ kind: 'operator', text: operator, start, end });
    else if (string !== undefined) {
      tokens.push({ kind: 'string', text: unquoted(string, start), start, end });
    }
    start = end;
  }
  tokens.push({ kind: 'end', text: '', start: text.length, end: text.length + 1 });
  return tokens;
}

function strayCharacter(text: string, start: number): QueryError {
  const character = String.fromCodePoint(text.codePointAt(start)!);
  const span = { start, end: start + character.length };
  if (/["'`]/.test(character)) {
    return new QueryError('MS0300', 'a quote is not closed', { start, end: text.length });
  }
  return new QueryError('MS0300', `unexpected "${character}"`, span);
}

const ESCAPES: ReadonlyMap<string, string> = new Map([
  ['n', '\n'],
  ['r', '\r'],
  ['t', '\t'],
  ['\\', '\\'],
  ['"', '"'],
  ["'", "'"],
]);

function unquoted(quoted: string, start: number): string {
  const body = quoted.slice(1, -1);
  if (quoted.startsWith('`')) return body;
  return body.replace(/\\(.)/g, (_, character: string, at: number) => {
    const value = ESCAPES.get(character);
    if (value !== undefined) return value;
    const span = { start: start + 1 + at, end: start + 3 + at };
    const hint = `in a regular expression write \\\\${character}, or use backquotes`;
    throw new QueryError('MS0300', `unknown escape "\\${character}"`, span, hint);
  });
}
