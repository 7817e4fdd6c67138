import { assert } from '#kernel/assert.ts';

/**
 * Regular expressions of the configuration are RE2's. Its implementation (`re2.ts`) is loaded when
 * the first expression is met in what the user gave (`load-regex-engine.ts`), and registers itself
 * here; until then this module is all that the engine carries of it.
 *
 * @source envoy: source/common/common/regex.cc, CompiledGoogleReMatcher
 */
export interface RegexEngine {
  /** Undefined when the pattern is no RE2 expression. */
  compile(pattern: string): CompiledRegex | undefined;
}

export interface CompiledRegex {
  readonly pattern: string;
  /** The whole text, anchored at both ends. */
  matchesWhole(text: string): boolean;
  /** Every match replaced; `substitution` refers to groups as `\1`, `\0` being the whole match. */
  replaceAll(text: string, substitution: string): string;
}

/** Texts remembered for one pattern before it starts over. */
const MEMO_LIMIT = 4096;

const compiled = new Map<string, Regex | undefined>();
let engine: RegexEngine | undefined;

export function registerRegexEngine(registered: RegexEngine): void {
  engine = registered;
}

/** Whether expressions can be compiled. */
export function hasRegexEngine(): boolean {
  return engine !== undefined;
}

/** Whether a text of configuration (YAML, JSON) may hold regular expressions. Errs towards true. */
export function mentionsRegex(text: string): boolean {
  return /regex|regular/i.test(text);
}

/** The expression for a pattern, one object per pattern; undefined when RE2 does not accept it. */
export function compileRegex(pattern: string): Regex | undefined {
  const known = compiled.get(pattern);
  if (known !== undefined || compiled.has(pattern)) return known;
  assert(engine !== undefined, 'the regex engine is loaded before configuration is compiled');
  const made = engine.compile(pattern);
  const regex = made === undefined ? undefined : new Regex(made);
  compiled.set(pattern, regex);
  return regex;
}

/** An expression that remembers its answers per text: a match costs near a microsecond, a lookup does not. */
export class Regex {
  readonly pattern: string;
  readonly #compiled: CompiledRegex;
  readonly #answers = new Map<string, boolean>();

  constructor(regex: CompiledRegex) {
    this.pattern = regex.pattern;
    this.#compiled = regex;
  }

  matchesWhole(text: string): boolean {
    const known = this.#answers.get(text);
    if (known !== undefined) return known;
    const answer = this.#compiled.matchesWhole(text);
    if (this.#answers.size >= MEMO_LIMIT) this.#answers.clear();
    this.#answers.set(text, answer);
    return answer;
  }

  replaceAll(text: string, substitution: string): string {
    return this.#compiled.replaceAll(text, substitution);
  }
}
