import { type CelMistake, type CelToken, celTokens, END } from './cel-tokens.ts';

/**
 * Why an expression is no CEL, in the words of istiod; undefined if it is. Of several mistakes in its
 * grammar the first is told.
 *
 * @source cel-go: parser/parser.go, Parse; common/error.go, ToDisplayString
 */
export function celProblem(expression: string): string | undefined {
  const { tokens, mistakes } = celTokens(expression);
  const parser = new CelParser(tokens);
  parser.parse();
  const all = [
    ...mistakes.map(({ at, text }) => ({ at, text: `Syntax error: ${text}` })),
    ...parser.mistakes,
  ].sort((a, b) => a.at - b.at);
  return all.length === 0 ? undefined : all.map((one) => shown(one, expression)).join('\n');
}

/** With the line and a caret, where there is a line. */
function shown({ at, text }: CelMistake, expression: string): string {
  const before = expression.slice(0, at).split('\n');
  const column = before.at(-1)!.length;
  const line = expression.split('\n')[before.length - 1] ?? '';
  if (line === '') return `ERROR: <input>:${before.length}:${column}: ${text}`;
  const place = `ERROR: <input>:${before.length}:${column + 1}: ${text}`;
  return `${place}\n | ${line}\n | ${'.'.repeat(column)}^`;
}

const LITERALS = ['true', 'false', 'null', 'NUM_FLOAT', 'NUM_INT', 'NUM_UINT', 'STRING', 'BYTES'];
const STARTS = new Set(['[', '{', '(', '.', '-', '!', ...LITERALS, 'IDENTIFIER']);
const OPERAND = operands([]);
const ARGUMENT = operands([')']);
const ITEM =
  "{'[', ']', '{', '(', '.', ',', '-', '!', '?', 'true', 'false', 'null', NUM_FLOAT, NUM_INT, NUM_UINT, STRING, BYTES, IDENTIFIER}";

function operands(more: readonly string[]): string {
  const all = ['[', '{', '(', ...more, '.', '-', '!', 'true', 'false', 'null'];
  const words = ['NUM_FLOAT', 'NUM_INT', 'NUM_UINT', 'STRING', 'BYTES', 'IDENTIFIER'];
  return `{${[...all.map((it) => `'${it}'`), ...words].join(', ')}}`;
}

const RESERVED = new Set(
  'as break const continue else for function if import let loop package namespace return var void while'.split(
    ' ',
  ),
);
const BINARY = new Set([
  '<',
  '<=',
  '>',
  '>=',
  '==',
  '!=',
  'in',
  '+',
  '-',
  '*',
  '/',
  '%',
  '&&',
  '||',
]);
const COMPREHENSIONS: ReadonlyMap<string, readonly number[]> = new Map([
  ['all', [2]],
  ['exists', [2]],
  ['exists_one', [2]],
  ['map', [2, 3]],
  ['filter', [2]],
]);

/** What an argument of a macro may have to be. */
type Form = 'name' | 'selection' | 'other';
interface Part {
  readonly form: Form;
  readonly at: number;
}

const MAX_DEPTH = 250;

/** Parsing ends at the first mistake. */
const GIVE_UP = Symbol('no CEL');

/** By recursive descent; how tightly operators bind does not matter to whether it is CEL. */
class CelParser {
  readonly mistakes: CelMistake[] = [];
  readonly #tokens: readonly CelToken[];
  #index = 0;
  #depth = 0;

  constructor(tokens: readonly CelToken[]) {
    this.#tokens = tokens;
  }

  parse(): void {
    try {
      this.#expression(OPERAND);
      if (this.#next.kind !== END) this.#surplus(this.#after.kind === END, END);
    } catch (thrown) {
      if (thrown !== GIVE_UP) throw thrown;
    }
  }

  get #next(): CelToken {
    return this.#tokens[this.#index]!;
  }

  get #after(): CelToken {
    return this.#tokens[this.#index + 1] ?? this.#next;
  }

  /** A token that is not expected: alone it is extraneous, else nothing fits any more. */
  #surplus(isAlone: boolean, expected: string): never {
    const what = isAlone ? 'extraneous' : 'mismatched';
    return this.#fail(`${what} input '${this.#next.text}' expecting ${expected}`);
  }

  #fail(text: string): never {
    this.mistakes.push({ at: this.#next.at, text: `Syntax error: ${text}` });
    throw GIVE_UP;
  }

  #takes(kind: string): boolean {
    if (this.#next.kind !== kind) return false;
    this.#index++;
    return true;
  }

  #close(kind: string): void {
    if (this.#takes(kind)) return;
    if (this.#next.kind === END) this.#fail(`missing '${kind}' at '${END}'`);
    this.#surplus(this.#after.kind === kind, `'${kind}'`);
  }

  #expression(expected: string): Part {
    if (this.#depth === MAX_DEPTH) this.#tooDeep();
    this.#depth++;
    const part = this.#conditional(expected);
    this.#depth--;
    return part;
  }

  #tooDeep(): never {
    this.mistakes.push({ at: 0, text: `expression recursion limit exceeded: ${MAX_DEPTH}` });
    throw GIVE_UP;
  }

  #conditional(expected: string): Part {
    const first = this.#operand(expected);
    let isLone = true;
    for (; BINARY.has(this.#next.kind); isLone = false) {
      this.#index++;
      this.#operand(OPERAND);
    }
    if (this.#takes('?')) {
      isLone = false;
      this.#expression(OPERAND);
      if (!this.#takes(':')) this.#surplus(false, "':'");
      this.#expression(OPERAND);
    }
    return isLone ? first : { ...first, form: 'other' };
  }

  #operand(expected: string): Part {
    const { kind, at } = this.#next;
    if (kind === '!' || kind === '-') {
      while (this.#next.kind === kind) this.#index++;
      // The parser has taken the sign for the start of an operand: what follows is one too many.
      if (this.#next.kind === END) this.#surplus(true, OPERAND);
      this.#member(this.#primary(OPERAND));
      return { form: 'other', at };
    }
    return this.#member(this.#primary(expected));
  }

  #primary(expected: string): Part {
    const { kind, at } = this.#next;
    if (!STARTS.has(kind)) this.#surplus(STARTS.has(this.#after.kind), expected);
    this.#index++;
    switch (kind) {
      case '(':
        this.#expression(OPERAND);
        this.#close(')');
        return { form: 'other', at };
      case '[':
        this.#items(']', () => this.#item());
        return { form: 'other', at };
      case '{':
        this.#items('}', () => this.#entry());
        return { form: 'other', at };
      case '.':
        if (this.#next.kind !== 'IDENTIFIER') this.#surplus(false, 'IDENTIFIER');
        return this.#name(this.#tokens[this.#index++]!);
      case 'IDENTIFIER':
        return this.#name(this.#tokens[this.#index - 1]!);
      default:
        return { form: 'other', at };
    }
  }

  #name({ text, at }: CelToken): Part {
    if (RESERVED.has(text)) this.mistakes.push({ at, text: `reserved identifier: ${text}` });
    if (!this.#takes('(')) return { form: 'name', at };
    const [first, ...more] = this.#arguments();
    if (text === 'has' && first !== undefined && more.length === 0 && first.form !== 'selection')
      this.mistakes.push({ at: first.at, text: 'invalid argument to has() macro' });
    return { form: 'other', at };
  }

  #member(start: Part): Part {
    let part = start;
    for (;;) {
      if (this.#takes('[')) {
        this.#takes('?');
        this.#expression(OPERAND);
        this.#close(']');
        part = { ...part, form: 'other' };
      } else if (this.#takes('.')) part = this.#selection(part);
      else if (this.#next.kind === '{' && part.form !== 'other') {
        this.#index++;
        this.#items('}', () => this.#entry());
        part = { ...part, form: 'other' };
      } else return part;
    }
  }

  #selection(of: Part): Part {
    const dotAt = this.#tokens[this.#index - 1]!.at;
    this.#takes('?');
    if (this.#next.kind === '.') this.#fail("no viable alternative at input '..'");
    if (this.#next.kind !== 'IDENTIFIER')
      this.#fail(
        `no viable alternative at input '.${this.#next.kind === END ? '' : this.#next.text}'`,
      );
    const { text } = this.#tokens[this.#index++]!;
    if (!this.#takes('(')) return { form: 'selection', at: dotAt };
    const all = this.#arguments();
    const [first] = all;
    if (COMPREHENSIONS.get(text)?.includes(all.length) && first?.form !== 'name')
      this.mistakes.push({ at: first!.at, text: 'argument must be a simple name' });
    return { ...of, form: 'other' };
  }

  #arguments(): readonly Part[] {
    const all: Part[] = [];
    if (this.#takes(')')) return all;
    do all.push(this.#expression(all.length === 0 ? ARGUMENT : OPERAND));
    while (this.#takes(','));
    this.#close(')');
    return all;
  }

  #items(end: string, one: () => void): void {
    while (!this.#takes(end)) {
      one();
      if (this.#takes(',') && this.#next.kind !== END) continue;
      this.#close(end);
      return;
    }
  }

  #item(): void {
    this.#takes('?');
    this.#expression(ITEM);
  }

  #entry(): void {
    this.#takes('?');
    this.#expression(OPERAND);
    if (!this.#takes(':')) this.#surplus(false, "':'");
    this.#expression(OPERAND);
  }
}
