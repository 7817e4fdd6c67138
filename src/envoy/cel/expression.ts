import { CelSyntaxError, type Token, tokensOf } from './tokens.ts';
import type { CelValue } from './value.ts';

/** An expression as it was written. `at`: where, for messages. */
export type CelExpression =
  | { readonly kind: 'literal'; readonly value: CelValue }
  | { readonly kind: 'name'; readonly name: string }
  | { readonly kind: 'member'; readonly of: CelExpression; readonly name: string }
  | { readonly kind: 'index'; readonly of: CelExpression; readonly by: CelExpression }
  | { readonly kind: 'has'; readonly of: CelExpression; readonly name: string }
  | { readonly kind: 'list'; readonly items: readonly CelExpression[] }
  | {
      readonly kind: 'map';
      readonly entries: readonly (readonly [key: CelExpression, value: CelExpression])[];
    }
  /** Of a function, or of a method when it has a target. */
  | {
      readonly kind: 'call';
      readonly name: string;
      readonly target: CelExpression | undefined;
      readonly args: readonly CelExpression[];
    }
  | { readonly kind: 'unary'; readonly sign: string; readonly of: CelExpression }
  | {
      readonly kind: 'binary';
      readonly sign: string;
      readonly left: CelExpression;
      readonly right: CelExpression;
    }
  | {
      readonly kind: 'choice';
      readonly test: CelExpression;
      readonly then: CelExpression;
      readonly otherwise: CelExpression;
    };

/** Deeper nesting is refused: expressions come from files. */
const MAX_DEPTH = 250;

/** Signs by how weakly they bind, the weakest first. */
const LEVELS: readonly (readonly string[])[] = [
  ['||'],
  ['&&'],
  ['<', '<=', '>', '>=', '==', '!=', 'in'],
  ['+', '-'],
  ['*', '/', '%'],
];

/**
 * Reads a CEL expression. Throws `CelSyntaxError`.
 *
 * @source envoy: source/extensions/access_loggers/filters/cel/config.cc; cel-spec: doc/langdef.md, Syntax
 */
export function parseCel(text: string): CelExpression {
  const reader = new Reader(tokensOf(text));
  const expression = reader.expression();
  reader.expectEnd();
  return expression;
}

class Reader {
  readonly #tokens: readonly Token[];
  #index = 0;
  #depth = 0;

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }

  expression(): CelExpression {
    if (++this.#depth > MAX_DEPTH) throw new CelSyntaxError('nested too deeply', this.#next.at);
    const test = this.#binary(0);
    if (!this.#takes('?')) {
      this.#depth--;
      return test;
    }
    const then = this.#binary(0);
    this.#expect(':');
    const choice = { kind: 'choice', test, then, otherwise: this.expression() } as const;
    this.#depth--;
    return choice;
  }

  expectEnd(): void {
    if (this.#next.kind !== 'end') throw this.#unexpected();
  }

  get #next(): Token {
    return this.#tokens[this.#index]!;
  }

  #binary(level: number): CelExpression {
    const signs = LEVELS[level];
    if (signs === undefined) return this.#unary();
    let left = this.#binary(level + 1);
    for (;;) {
      const { kind, text } = this.#next;
      if ((kind !== 'sign' && text !== 'in') || kind === 'string' || !signs.includes(text)) break;
      this.#index++;
      left = { kind: 'binary', sign: text, left, right: this.#binary(level + 1) };
    }
    return left;
  }

  #unary(): CelExpression {
    const signs: string[] = [];
    while (this.#isSign('!') || this.#isSign('-')) signs.push(this.#take().text);
    let of = this.#member();
    for (const sign of signs.reverse()) of = { kind: 'unary', sign, of };
    return of;
  }

  #member(): CelExpression {
    let of = this.#primary();
    for (;;) {
      if (this.#takes('.')) of = this.#selected(of);
      else if (this.#takes('[')) {
        of = { kind: 'index', of, by: this.expression() };
        this.#expect(']');
      } else return of;
    }
  }

  #selected(of: CelExpression): CelExpression {
    const name = this.#name();
    return this.#takes('(')
      ? { kind: 'call', name, target: of, args: this.#list(')') }
      : { kind: 'member', of, name };
  }

  #primary(): CelExpression {
    const token = this.#next;
    if (this.#takes('(')) {
      const inside = this.expression();
      this.#expect(')');
      return inside;
    }
    if (this.#takes('[')) return { kind: 'list', items: this.#list(']') };
    if (this.#takes('{')) return { kind: 'map', entries: this.#entries() };
    if (token.kind === 'name') return this.#named();
    const value = literalOf(token);
    if (value === undefined) throw this.#unexpected();
    this.#index++;
    return { kind: 'literal', value };
  }

  #named(): CelExpression {
    const { at } = this.#next;
    const name = this.#name();
    if (name === 'true' || name === 'false') return { kind: 'literal', value: name === 'true' };
    if (name === 'null') return { kind: 'literal', value: null };
    if (!this.#takes('(')) return { kind: 'name', name };
    const args = this.#list(')');
    if (name !== 'has') return { kind: 'call', name, target: undefined, args };
    const [field] = args;
    if (args.length !== 1 || field?.kind !== 'member') {
      throw new CelSyntaxError('has() wants a field', at);
    }
    return { kind: 'has', of: field.of, name: field.name };
  }

  #list(end: string): CelExpression[] {
    const items: CelExpression[] = [];
    while (!this.#takes(end)) {
      items.push(this.expression());
      if (!this.#isSign(end)) this.#expect(',');
    }
    return items;
  }

  #entries(): (readonly [CelExpression, CelExpression])[] {
    const entries: (readonly [CelExpression, CelExpression])[] = [];
    while (!this.#takes('}')) {
      const key = this.expression();
      this.#expect(':');
      entries.push([key, this.expression()]);
      if (!this.#isSign('}')) this.#expect(',');
    }
    return entries;
  }

  #name(): string {
    if (this.#next.kind !== 'name') throw this.#unexpected();
    return this.#take().text;
  }

  #take(): Token {
    return this.#tokens[this.#index++]!;
  }

  #isSign(text: string): boolean {
    return this.#next.kind === 'sign' && this.#next.text === text;
  }

  #takes(text: string): boolean {
    if (!this.#isSign(text)) return false;
    this.#index++;
    return true;
  }

  #expect(text: string): void {
    if (!this.#takes(text)) throw this.#unexpected();
  }

  #unexpected(): CelSyntaxError {
    const { kind, text, at } = this.#next;
    return new CelSyntaxError(`unexpected ${kind === 'end' ? 'end' : JSON.stringify(text)}`, at);
  }
}

function literalOf({ kind, text }: Token): CelValue | undefined {
  if (kind === 'string') return text;
  if (kind === 'double') return Number(text);
  return kind === 'int' || kind === 'uint' ? BigInt(text) : undefined;
}
