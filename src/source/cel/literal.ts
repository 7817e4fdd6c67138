import type { CelExpression, CelLiteral } from './expression.ts';
import type { CelToken } from './tokens.ts';

const MAX_INT = 2n ** 63n;
const MAX_UINT = 2n ** 64n;

/** What a token of a value stands for, or what is wrong with it. `sign`: the minus before a number. */
export function celLiteral(token: CelToken, sign: '' | '-'): CelExpression | string {
  const { kind, text } = token;
  switch (kind) {
    case 'true':
    case 'false':
      return literal(kind === 'true');
    case 'null':
      return literal(null);
    case 'NUM_INT': {
      const value = sign === '-' ? -BigInt(text) : BigInt(text);
      return value >= MAX_INT || value < -MAX_INT ? 'invalid int literal' : literal(value);
    }
    case 'NUM_UINT': {
      const value = BigInt(text.slice(0, -1));
      return value >= MAX_UINT ? 'invalid uint literal' : literal(value);
    }
    case 'NUM_FLOAT': {
      const value = Number(sign + text);
      return Number.isFinite(value) ? literal(value) : 'invalid double literal';
    }
    case 'STRING':
      return string(text);
    default:
      return bytes(text);
  }
}

function literal(value: CelLiteral): CelExpression {
  return { kind: 'literal', value };
}

const ESCAPES: ReadonlyMap<string, string> = new Map([
  ['a', '\u0007'],
  ['b', '\b'],
  ['f', '\f'],
  ['n', '\n'],
  ['r', '\r'],
  ['t', '\t'],
  ['v', '\v'],
]);
const ESCAPE =
  /\\(?:[xX]([\dA-Fa-f]{2})|u([\dA-Fa-f]{4})|U([\dA-Fa-f]{8})|([0-3][0-7]{2})|([\s\S]))/g;

/** @source cel-go: parser/unescape.go, unescape */
function string(text: string): CelExpression | string {
  const isRaw = /^[rR]/.test(text);
  const quoted = isRaw ? text.slice(1) : text;
  const quotes = /^(?:"""|''')/.test(quoted) ? 3 : 1;
  const inside = quoted.slice(quotes, -quotes);
  if (isRaw) return literal(inside);
  let isValid = true;
  const value = inside.replace(ESCAPE, (_all, x?: string, u?: string, U?: string, ...rest) => {
    const [octal, char = ''] = rest as readonly (string | undefined)[];
    const hex = x ?? u ?? U;
    if (hex === undefined && octal === undefined) return ESCAPES.get(char) ?? char;
    const code = hex === undefined ? Number.parseInt(octal!, 8) : Number.parseInt(hex, 16);
    if (!isCodePoint(code)) isValid = false;
    return isCodePoint(code) ? String.fromCodePoint(code) : '';
  });
  return isValid ? literal(value) : 'invalid unicode code point';
}

function isCodePoint(code: number): boolean {
  return code <= 0x10ffff && !(code >= 0xd800 && code <= 0xdfff);
}

/** Bytes are told by their octets alone. */
function bytes(text: string): CelExpression | string {
  const isRaw = /^[bB][rR]/.test(text);
  if (!isRaw && /(?<!\\)(?:\\\\)*\\[uU]/.test(text)) return 'unable to unescape string';
  return { kind: 'unsupported', what: 'bytes' };
}
