import { CelCursor } from './cursor.ts';
import type { CelEntry, CelExpression } from './expression.ts';
import {
  ARGUMENT,
  FIELD,
  INDEX,
  ITEM,
  LEVELS,
  NUMBERS,
  OPERAND,
  RESERVED,
  SIGNED,
} from './grammar.ts';
import { celLiteral } from './literal.ts';
import { comprehensionMistake, hasMacro } from './macro.ts';
import { callOf, choiceOf, madeOf, NOTHING, type Part } from './part.ts';
import { type CelMistake, type CelToken, celTokens, END, fieldName } from './tokens.ts';

/**
 * Reads an expression of CEL. With mistakes it stands for nothing; they are sorted by place.
 *
 * @source cel-go: parser/gen/CEL.g4; parser/parser.go, Parse
 */
export function parseCel(text: string): {
  readonly expression: CelExpression;
  readonly mistakes: readonly CelMistake[];
} {
  const { tokens, mistakes } = celTokens(text);
  const cursor = new CelCursor(text, tokens);
  const expression = new CelParser(cursor).parse();
  const all = [...mistakes, ...cursor.mistakes].sort((a, b) => a.at - b.at);
  return { expression, mistakes: all };
}

/** Deeper nesting is refused, of expressions as well as of operators: expressions come from files. */
const MAX_DEPTH = 250;
const TOO_DEEP = Symbol('too deep');

/** By recursive descent. */
class CelParser {
  readonly #cursor: CelCursor;
  /** What ends what is open. */
  readonly #open: (readonly string[])[] = [];
  #nesting = 0;

  constructor(cursor: CelCursor) {
    this.#cursor = cursor;
  }

  parse(): CelExpression {
    try {
      const { expression, depth } = this.#expression(OPERAND);
      this.#cursor.comes([END]);
      if (depth > MAX_DEPTH) this.#wrong(-1, 'max recursion depth exceeded');
      return expression;
    } catch (thrown) {
      if (thrown !== TOO_DEEP) throw thrown;
      this.#wrong(-1, `expression recursion limit exceeded: ${MAX_DEPTH}`);
      return NOTHING;
    }
  }

  #wrong(at: number, text: string): void {
    this.#cursor.mistakes.push({ at, text });
  }

  /** Goes on where an operand may end. */
  #recover(before?: Part): Part {
    const { at } = this.#cursor.next;
    this.#cursor.skipTo(new Set([...LEVELS.flat(), '?', END, ...this.#open.flat()]));
    if (before !== undefined) return { ...before, isCut: true };
    return { expression: NOTHING, at, depth: 0, isCut: true, isWrong: true };
  }

  #within<T>(ends: readonly string[], read: () => T): T {
    this.#open.push(ends);
    const value = read();
    this.#open.pop();
    return value;
  }

  #expression(expected: readonly string[]): Part {
    if (this.#nesting === MAX_DEPTH) throw TOO_DEEP;
    this.#nesting++;
    const test = this.#logical(0, expected);
    const part = this.#cursor.next.kind === '?' ? this.#choice(test) : test;
    this.#nesting--;
    return part;
  }

  #choice(test: Part): Part {
    const { at } = this.#cursor.take();
    const chosen = this.#within([':'], () => this.#logical(0, OPERAND));
    if (!this.#cursor.expect(':', OPERAND)) return this.#recover();
    const otherwise = this.#expression(OPERAND);
    return choiceOf(test, chosen, otherwise, at);
  }

  #logical(level: 0 | 1, expected: readonly string[]): Part {
    const side = (of: readonly string[]): Part =>
      level === 0 ? this.#logical(1, of) : this.#binary(2, of);
    const sign = level === 0 ? '||' : '&&';
    const parts = [side(expected)];
    const signsAt: number[] = [];
    while (this.#cursor.next.kind === sign) {
      signsAt.push(this.#cursor.take().at);
      parts.push(side(OPERAND));
    }
    if (signsAt.length === 0) return parts[0]!;
    const of = parts.map(({ expression }) => expression);
    // CEL makes a balanced tree of them.
    const at = signsAt[Math.floor(signsAt.length / 2)]!;
    return madeOf({ kind: 'logical', sign, of }, at, parts);
  }

  #binary(level: number, expected: readonly string[]): Part {
    const signs = LEVELS[level];
    if (signs === undefined) return this.#unary(expected);
    let left = this.#binary(level + 1, expected);
    while (signs.includes(this.#cursor.next.kind)) {
      const { kind: sign, at } = this.#cursor.take();
      const right = this.#binary(level + 1, OPERAND);
      left = madeOf(
        { kind: 'binary', sign, left: left.expression, right: right.expression },
        at,
        [left, right],
        1,
      );
    }
    return left;
  }

  #unary(expected: readonly string[]): Part {
    const { kind, at } = this.#cursor.next;
    if (kind !== '!' && kind !== '-') return this.#member(this.#primary(expected));
    let count = 0;
    for (; this.#cursor.next.kind === kind && !this.#isNumberNext(); count++) {
      if (kind === '-' && !SIGNED.has(this.#cursor.after.kind)) return this.#noViable();
      this.#cursor.take();
    }
    if (kind === '!' && this.#cursor.next.kind === '-' && !this.#isNumberNext())
      return this.#noViable();
    if (kind === '!' && !this.#cursor.comes(OPERAND, true)) return this.#recover();
    const of = this.#member(this.#primary(OPERAND));
    // Two of them undo each other.
    if (count % 2 === 0) return of;
    return madeOf({ kind: 'unary', sign: kind, of: of.expression }, at, [of]);
  }

  #isNumberNext(): boolean {
    return this.#cursor.next.kind === '-' && NUMBERS.has(this.#cursor.after.kind);
  }

  #noViable(before?: Part): Part {
    this.#cursor.noViable();
    return this.#recover(before);
  }

  #primary(expected: readonly string[]): Part {
    if (!this.#cursor.comes(expected) || !OPERAND.includes(this.#cursor.next.kind))
      return this.#recover();
    const { at, kind } = this.#cursor.next;
    if (kind === '.' || kind === 'IDENTIFIER') return this.#named();
    const token = this.#cursor.take();
    switch (kind) {
      case '(':
        return this.#nested();
      case '[':
        return this.#list(at);
      case '{':
        return this.#map(at);
      case '-':
        return this.#literal(this.#cursor.take(), '-', at);
      default:
        return this.#literal(token, '', at);
    }
  }

  #nested(): Part {
    const { path: _, ...inside } = this.#within([')'], () => this.#expression(OPERAND));
    return this.#close(')') ? inside : this.#recover();
  }

  #close(kind: string): boolean {
    return this.#cursor.expect(kind, this.#open.at(-1) ?? [END]);
  }

  #literal(token: CelToken, sign: '' | '-', at: number): Part {
    const value = celLiteral(token, sign);
    if (typeof value === 'string') this.#wrong(at, value);
    return { expression: typeof value === 'string' ? NOTHING : value, at, depth: 0 };
  }

  /** A variable, a function, or the first name of a type. */
  #named(): Part {
    const { at } = this.#cursor.next;
    const isRooted = this.#cursor.next.kind === '.';
    if (isRooted && this.#cursor.after.kind !== 'IDENTIFIER') return this.#noViable();
    if (isRooted) this.#cursor.take();
    const name = this.#cursor.take().text;
    if (RESERVED.has(name)) this.#wrong(at, `reserved identifier: ${name}`);
    const open = this.#cursor.next;
    if (!this.#cursor.takes('('))
      return { expression: { kind: 'name', name }, at, depth: 0, path: 'name' };
    const args = this.#arguments();
    const isHas = name === 'has' && !isRooted && args.length === 1;
    return isHas ? this.#has(args[0]!, open.at) : callOf(name, undefined, args, open.at);
  }

  #has(field: Part, at: number): Part {
    const { expression, mistake } = hasMacro(field);
    if (mistake !== undefined) this.#cursor.mistakes.push(mistake);
    return madeOf(expression, at, [field]);
  }

  #member(start: Part): Part {
    let part = start;
    for (;;) {
      const { kind, at } = this.#cursor.next;
      if (kind === '[') part = this.#index(part, at);
      else if (kind === '.') part = this.#selection(part, at);
      else if (kind === '{' && part.path !== undefined) part = this.#message(at);
      else return part;
      if (part.isCut) return part;
    }
  }

  #index(of: Part, at: number): Part {
    this.#cursor.take();
    if (this.#cursor.takes('?')) this.#wrong(at, "unsupported syntax '[?'");
    const by = this.#within([']'], () => this.#expression(INDEX));
    const index = { kind: 'index', of: of.expression, by: by.expression } as const;
    const part = madeOf(index, at, [of, by], 1);
    return this.#close(']') ? part : this.#recover(part);
  }

  #selection(of: Part, at: number): Part {
    const { kind } = this.#cursor.after;
    if (kind === '?') return this.#optional(at);
    if (kind === 'true' || kind === 'false' || kind === 'null') {
      this.#cursor.take();
      this.#cursor.syntax(`mismatched input '${kind}' expecting IDENTIFIER`);
      return this.#recover(of);
    }
    if (!FIELD.includes(kind)) return this.#noViable(of);
    this.#cursor.take();
    const name = fieldName(this.#cursor.take());
    const open = this.#cursor.next;
    if (kind === 'IDENTIFIER' && this.#cursor.takes('(')) return this.#method(of, name, open.at);
    const member = { kind: 'member', of: of.expression, name } as const;
    return { ...madeOf(member, at, [of], 1), path: of.path && 'selection' };
  }

  #optional(at: number): Part {
    this.#cursor.take();
    this.#cursor.take();
    this.#wrong(at, "unsupported syntax '.?'");
    if (!this.#cursor.comes(FIELD)) {
      this.#wrong(this.#cursor.next.at, 'unsupported ident kind');
      return this.#recover();
    }
    this.#cursor.take();
    return { expression: NOTHING, at, depth: 0 };
  }

  #method(of: Part, name: string, at: number): Part {
    const args = this.#arguments();
    const mistake = comprehensionMistake(name, args);
    if (mistake !== undefined) this.#cursor.mistakes.push(mistake);
    return callOf(name, of, args, at);
  }

  #arguments(): readonly Part[] {
    const all: Part[] = [];
    if (this.#cursor.takes(')')) return all;
    this.#within([')', ','], () => {
      do all.push(this.#expression(all.length === 0 ? ARGUMENT : OPERAND));
      while (this.#cursor.takes(','));
    });
    if (!this.#close(')')) {
      this.#within([')'], () => this.#recover());
      this.#cursor.takes(')');
    }
    return all;
  }

  #list(at: number): Part {
    const items: Part[] = [];
    this.#items(']', () => {
      this.#mayBeOptional();
      items.push(this.#expression(items.length === 0 ? [...INDEX, ']', ','] : OPERAND));
    });
    return madeOf({ kind: 'list', items: items.map(({ expression }) => expression) }, at, items);
  }

  #map(at: number): Part {
    const parts: Part[] = [];
    const entries: CelEntry[] = [];
    this.#items('}', () => {
      this.#mayBeOptional();
      const key = this.#within([':'], () =>
        this.#expression(parts.length === 0 ? [...INDEX, '}', ','] : OPERAND),
      );
      if (!this.#cursor.expect(':', OPERAND)) return;
      const value = this.#expression(OPERAND);
      parts.push(key, value);
      entries.push([key.expression, value.expression]);
    });
    return madeOf({ kind: 'map', entries }, at, parts);
  }

  #message(at: number): Part {
    this.#cursor.take();
    const parts: Part[] = [];
    this.#items('}', () => {
      const isFirst = parts.length === 0;
      this.#mayBeOptional();
      if (!this.#cursor.comes(isFirst ? ['}', ',', '?', ...FIELD] : FIELD)) return;
      this.#cursor.take();
      if (this.#cursor.expect(':', OPERAND)) parts.push(this.#expression(OPERAND));
    });
    return madeOf({ kind: 'unsupported', what: 'message' }, at, parts);
  }

  #mayBeOptional(): void {
    const { at } = this.#cursor.next;
    if (this.#cursor.takes('?')) this.#wrong(at, "unsupported syntax '?'");
  }

  /** Items up to an end, with commas between them and perhaps after them. */
  #items(end: string, one: () => void): void {
    if (this.#cursor.takes(end)) return;
    let isMore = !this.#cursor.takes(',');
    while (isMore) {
      this.#within([end, ','], one);
      if (!this.#cursor.comes([end, ','])) this.#recoverIn(end);
      isMore = this.#cursor.takes(',') && ITEM.has(this.#cursor.next.kind);
    }
    if (!this.#close(end)) this.#recoverIn(end);
  }

  #recoverIn(end: string): void {
    this.#within([end], () => this.#recover());
  }
}
