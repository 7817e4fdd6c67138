/** A token of CEL, the language of filters. `kind` is the token itself for operators and keywords. */
export interface CelToken {
  readonly kind: string;
  readonly text: string;
  /** Where it begins, from 0. */
  readonly at: number;
}

export interface CelMistake {
  readonly at: number;
  readonly text: string;
}

export const END = '<EOF>';

const OPERATORS = /^(?:==|!=|<=|>=|&&|\|\||[<>[\]{}().,\-!?:+*/%])/;
const ESCAPE = String.raw`\\(?:[abfnrtv"'\x60?\\]|[xX][\da-fA-F]{2}|u[\da-fA-F]{4}|U[\da-fA-F]{8}|[0-3][0-7]{2})`;
const CHARACTER = {
  '"': String.raw`(?:${ESCAPE}|[^\\"\n\r])*`,
  "'": String.raw`(?:${ESCAPE}|[^\\'\n\r])*`,
  '"""': String.raw`(?:${ESCAPE}|[^\\])*?`,
  "'''": String.raw`(?:${ESCAPE}|[^\\])*?`,
};
const STRING = [`"""`, `'''`, `"`, `'`]
  .map((quote) => `${quote}${CHARACTER[quote as keyof typeof CHARACTER]}${quote}`)
  .join('|');
const RAW = String.raw`[rR](?:"""[\s\S]*?"""|'''[\s\S]*?'''|"[^"\n\r]*"|'[^'\n\r]*')`;

/** Numbers, strings and names, in the order in which the grammar has them. */
const WORDS: readonly (readonly [string, RegExp])[] = [
  ['NUM_FLOAT', /^(?:\d+\.\d+(?:[eE][+-]?\d+)?|\d+[eE][+-]?\d+|\.\d+(?:[eE][+-]?\d+)?)/],
  ['NUM_UINT', /^(?:0x[\da-fA-F]+|\d+)[uU]/],
  ['NUM_INT', /^(?:0x[\da-fA-F]+|\d+)/],
  ['BYTES', new RegExp(`^[bB](?:${RAW}|${STRING})`)],
  ['STRING', new RegExp(`^(?:${RAW}|${STRING})`)],
  ['IDENTIFIER', /^[A-Za-z_]\w*/],
  ['ESC_IDENTIFIER', /^`[\w.\-/ ]+`/],
];
/** A string as far as it may be one. */
const OPEN_STRING = new RegExp(
  `^[bB]?(?:[rR](?:"[^"\\n\\r]*|'[^'\\n\\r]*)|"${CHARACTER['"']}|'${CHARACTER["'"]})`,
);
const SPACE = /^(?:[\t \n\r\f]+|\/\/[^\n]*)/;
const KEYWORDS = new Set(['in', 'true', 'false', 'null']);

/**
 * The tokens of an expression, and what is none. A mistake swallows the character that made it one.
 *
 * @source cel-go: parser/gen/CEL.g4
 */
export function celTokens(text: string): {
  readonly tokens: readonly CelToken[];
  readonly mistakes: readonly CelMistake[];
} {
  const tokens: CelToken[] = [];
  const mistakes: CelMistake[] = [];
  let at = 0;
  while (at < text.length) {
    const rest = text.slice(at);
    const space = SPACE.exec(rest)?.[0];
    const token = space === undefined ? tokenOf(rest, at) : undefined;
    if (token !== undefined) tokens.push(token);
    const length = space?.length ?? token?.text.length;
    const bad = length === undefined ? mistaken(rest) : '';
    if (length === undefined)
      mistakes.push({ at, text: `Syntax error: token recognition error at: '${bad}'` });
    at += length ?? bad.length;
  }
  tokens.push({ kind: END, text: END, at: text.length });
  return { tokens, mistakes };
}

function tokenOf(rest: string, at: number): CelToken | undefined {
  for (const [kind, pattern] of WORDS) {
    const text = pattern.exec(rest)?.[0];
    if (text !== undefined) return { kind: KEYWORDS.has(text) ? text : kind, text, at };
  }
  const text = OPERATORS.exec(rest)?.[0];
  return text === undefined ? undefined : { kind: text, text, at };
}

/** Half an operator goes with what follows it, an open string with all that might be in it. */
function mistaken(rest: string): string {
  const opened = /^[bB]?[rR]?["']/.test(rest) ? OPEN_STRING.exec(rest)?.[0] : undefined;
  if (opened !== undefined) return afterEscape(rest, opened.length);
  return '=&|'.includes(rest[0]!) ? rest.slice(0, 2) : rest[0]!;
}

/** With what is wrong: the end of the line, or the character that nothing escapes. */
function afterEscape(rest: string, length: number): string {
  return rest.slice(0, length + (rest[length] === '\\' ? 2 : 1));
}

/** The name of a field, which may be in back-quotes. */
export function fieldName({ kind, text }: CelToken): string {
  return kind === 'ESC_IDENTIFIER' ? text.slice(1, -1) : text;
}
