import { type CelMistake, type CelToken, END } from './tokens.ts';

/** Kinds of tokens in the order in which messages list them. */
const LISTED =
  '[ ] { } ( ) . , - ! ? : true false null NUM_FLOAT NUM_INT NUM_UINT STRING BYTES IDENTIFIER ESC_IDENTIFIER'.split(
    ' ',
  );

/**
 * A place between tokens. Says what does not fit as ANTLR's parsers do: a token too many is dropped, one
 * that is missing is taken as there; after anything else nothing is said until a token fits again.
 *
 * @source cel-go: parser/parser.go, SyntaxError; antlr: DefaultErrorStrategy, RecoverInline
 */
export class CelCursor {
  readonly mistakes: CelMistake[] = [];
  readonly #text: string;
  readonly #tokens: readonly CelToken[];
  #index = 0;
  #isRecovering = false;

  constructor(text: string, tokens: readonly CelToken[]) {
    this.#text = text;
    this.#tokens = tokens;
  }

  get next(): CelToken {
    return this.#tokens[this.#index]!;
  }

  get after(): CelToken {
    return this.#tokens[this.#index + 1] ?? this.next;
  }

  take(): CelToken {
    this.#isRecovering = false;
    const token = this.next;
    if (token.kind !== END) this.#index++;
    return token;
  }

  takes(kind: string): boolean {
    if (this.next.kind !== kind) return false;
    this.take();
    return true;
  }

  /**
   * Whether one of those comes next, if need be after a token too many; says so if not. `isSurplus`:
   * what comes is one too many whatever follows.
   */
  comes(expected: readonly string[], isSurplus = expected.includes(this.after.kind)): boolean {
    if (expected.includes(this.next.kind)) return true;
    const what = isSurplus ? 'extraneous' : 'mismatched';
    this.syntax(`${what} input '${this.next.text}' expecting ${listed(expected)}`);
    if (!expected.includes(this.after.kind)) return false;
    this.take();
    return true;
  }

  /** Whether a token was there, or is taken as there, because what comes may follow it. */
  expect(kind: string, mayFollow: readonly string[]): boolean {
    if (this.next.kind !== kind && this.after.kind !== kind && mayFollow.includes(this.next.kind)) {
      this.syntax(`missing '${kind}' at '${this.next.text}'`);
      return true;
    }
    if (!this.comes([kind])) return false;
    this.take();
    return true;
  }

  /** Nothing begins with the next two tokens. */
  noViable(): void {
    const { kind, text, at } = this.after;
    const input = this.#text.slice(this.next.at, kind === END ? undefined : at + text.length);
    this.#say(`no viable alternative at input '${input.trimEnd()}'`, at);
  }

  syntax(text: string): void {
    this.#say(text, this.next.at);
  }

  skipTo(kinds: ReadonlySet<string>): void {
    while (this.next.kind !== END && !kinds.has(this.next.kind)) this.#index++;
  }

  #say(text: string, at: number): void {
    if (!this.#isRecovering) this.mistakes.push({ at, text: `Syntax error: ${text}` });
    this.#isRecovering = true;
  }
}

function listed(kinds: readonly string[]): string {
  const known = LISTED.filter((kind) => kinds.includes(kind)).map(named);
  if (known.length === 0) return named(kinds[0]!);
  return known.length === 1 ? known[0]! : `{${known.join(', ')}}`;
}

function named(kind: string): string {
  return /^[A-Z_]+$/.test(kind) || kind === END ? kind : `'${kind}'`;
}
