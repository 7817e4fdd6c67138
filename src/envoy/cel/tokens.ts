/** A piece of a CEL expression; `text` of a string is what it stands for. */
export interface Token {
  readonly kind: 'int' | 'uint' | 'double' | 'string' | 'name' | 'sign' | 'end';
  readonly text: string;
  /** Where it begins. */
  readonly at: number;
}

/** What is wrong with an expression, and where. */
export class CelSyntaxError extends Error {
  readonly at: number;

  constructor(message: string, at: number) {
    super(message);
    this.at = at;
  }
}

const SPACE = /(?:\s|\/\/[^\n]*)+/y;
const NUMBER = /(?:0x[0-9a-f]+|(?:\d+\.\d*|\.?\d+)(?:e[+-]?\d+)?)(u?)/iy;
const NAME = /[A-Za-z_][A-Za-z0-9_]*/y;
const SIGN = /&&|\|\||==|!=|<=|>=|[-+*/%<>!?:.,()[\]{}]/y;
const QUOTED =
  /(r?)("""(?:[^\\]|\\[\s\S])*?"""|'''(?:[^\\]|\\[\s\S])*?'''|"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*')/iy;

/**
 * The tokens of a CEL expression, an end last. Throws `CelSyntaxError`.
 *
 * @source envoy: docs/root/intro/arch_overview/advanced/attributes.rst; cel-spec: doc/langdef.md, Syntax
 */
export function tokensOf(text: string): readonly Token[] {
  const tokens: Token[] = [];
  let at = 0;
  while (at < text.length) {
    const space = matchAt(SPACE, text, at);
    if (space !== undefined) {
      at += space[0].length;
      continue;
    }
    const [token, length] = tokenAt(text, at);
    tokens.push(token);
    at += length;
  }
  return [...tokens, { kind: 'end', text: '', at }];
}

function tokenAt(text: string, at: number): readonly [token: Token, length: number] {
  const quoted = matchAt(QUOTED, text, at);
  if (quoted !== undefined) {
    const [all, raw = '', literal = ''] = quoted;
    return [{ kind: 'string', text: unquoted(literal, raw !== '', at), at }, all.length];
  }
  const number = matchAt(NUMBER, text, at);
  if (number !== undefined) return [numberToken(number, at), number[0].length];
  const name = matchAt(NAME, text, at);
  if (name !== undefined) return [{ kind: 'name', text: name[0], at }, name[0].length];
  const sign = matchAt(SIGN, text, at);
  if (sign !== undefined) return [{ kind: 'sign', text: sign[0], at }, sign[0].length];
  throw new CelSyntaxError(`unexpected ${JSON.stringify(text[at])}`, at);
}

function matchAt(pattern: RegExp, text: string, at: number): RegExpExecArray | undefined {
  pattern.lastIndex = at;
  return pattern.exec(text) ?? undefined;
}

function numberToken([all, unsigned]: RegExpExecArray, at: number): Token {
  const isWhole = /^(?:0x[0-9a-f]+|\d+)u?$/i.test(all);
  if (!isWhole) {
    if (unsigned) throw new CelSyntaxError(`${all} is no number`, at);
    return { kind: 'double', text: all, at };
  }
  return unsigned ? { kind: 'uint', text: all.slice(0, -1), at } : { kind: 'int', text: all, at };
}

const ESCAPES: ReadonlyMap<string, string> = new Map([
  ...[...'\\?"\'`'].map((it) => [it, it] as const),
  ['a', '\u0007'],
  ['b', '\b'],
  ['f', '\f'],
  ['n', '\n'],
  ['r', '\r'],
  ['t', '\t'],
  ['v', '\v'],
]);
const ESCAPE = /\\(?:x([0-9a-f]{2})|u([0-9a-f]{4})|U([0-9a-f]{8})|([0-3][0-7]{2})|([\s\S]))/gi;

function unquoted(literal: string, isRaw: boolean, at: number): string {
  const quotes = literal.startsWith('"""') || literal.startsWith("'''") ? 3 : 1;
  const inside = literal.slice(quotes, -quotes);
  if (isRaw) return inside;
  return inside.replace(ESCAPE, (all: string, x?: string, u?: string, U?: string, o?: string) => {
    const hex = x ?? u ?? U;
    if (hex !== undefined) return String.fromCodePoint(Number.parseInt(hex, 16));
    if (o !== undefined) return String.fromCodePoint(Number.parseInt(o, 8));
    const escaped = ESCAPES.get(all.slice(1));
    if (escaped === undefined) throw new CelSyntaxError(`unknown escape ${all}`, at);
    return escaped;
  });
}
