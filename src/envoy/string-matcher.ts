import type { RegexMatcher, StringMatcher } from '#xds/core.ts';
import { compileRegex } from './regex.ts';

/** One test of a text, compiled. `description` completes "the text does not …": `equal "a"`. */
export interface TextMatcher {
  matches(text: string): boolean;
  readonly description: string;
}

/** Takes what is wrong with a configuration; compiling goes on with a matcher that never holds. */
export type ReportProblem = (problem: string) => void;

/**
 * Compiles a string matcher.
 *
 * @source envoy: source/common/common/matchers.h, StringMatcherImpl
 */
export function compileStringMatcher(matcher: StringMatcher, report: ReportProblem): TextMatcher {
  const ignoreCase = matcher.ignoreCase ?? false;
  if (matcher.safeRegex !== undefined) return compileRegexMatcher(matcher.safeRegex, report);
  if (matcher.prefix !== undefined) return new LiteralMatcher('prefix', matcher.prefix, ignoreCase);
  if (matcher.suffix !== undefined) return new LiteralMatcher('suffix', matcher.suffix, ignoreCase);
  if (matcher.contains !== undefined) {
    return new LiteralMatcher('contains', matcher.contains, ignoreCase);
  }
  return new LiteralMatcher('exact', matcher.exact ?? '', ignoreCase);
}

/** The whole text against an RE2 expression. */
export function compileRegexMatcher(matcher: RegexMatcher, report: ReportProblem): TextMatcher {
  const regex = compileRegex(matcher.regex);
  if (regex === undefined) report(`invalid regular expression: ${matcher.regex}`);
  return {
    matches: (text) => regex?.matchesWhole(text) ?? false,
    description: `match the regular expression ${JSON.stringify(matcher.regex)}`,
  };
}

/** ASCII only, as absl::AsciiStrToLower; JavaScript's own also lowers letters beyond ASCII. */
export function asciiLowerCase(text: string): string {
  return /[A-Z]/.test(text) ? text.replace(/[A-Z]+/g, (part) => part.toLowerCase()) : text;
}

const LITERAL_TESTS = {
  exact: { verb: 'equal', test: (text: string, value: string) => text === value },
  prefix: { verb: 'start with', test: (text: string, value: string) => text.startsWith(value) },
  suffix: { verb: 'end with', test: (text: string, value: string) => text.endsWith(value) },
  contains: { verb: 'contain', test: (text: string, value: string) => text.includes(value) },
};

/** A test against a fixed text. */
export class LiteralMatcher implements TextMatcher {
  readonly description: string;
  readonly #test: (text: string, value: string) => boolean;
  readonly #value: string;
  readonly #ignoreCase: boolean;

  constructor(kind: keyof typeof LITERAL_TESTS, value: string, ignoreCase: boolean) {
    const { verb, test } = LITERAL_TESTS[kind];
    this.#test = test;
    this.#value = ignoreCase ? asciiLowerCase(value) : value;
    this.#ignoreCase = ignoreCase;
    this.description = `${verb} ${JSON.stringify(value)}${ignoreCase ? ' (in any case)' : ''}`;
  }

  matches(text: string): boolean {
    return this.#test(this.#ignoreCase ? asciiLowerCase(text) : text, this.#value);
  }
}
