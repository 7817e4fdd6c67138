import { RE2JS } from 're2js';
import { type CompiledRegex, registerRegexEngine } from './regex.ts';

/**
 * RE2 by re2js: syntax and answers of the library that Envoy and Istio use. Loaded by
 * `loadRegexEngine` alone, so that a page without regular expressions never fetches it.
 *
 * @source envoy: source/common/common/regex.cc, CompiledGoogleReMatcher
 */
class Re2 implements CompiledRegex {
  readonly pattern: string;
  readonly #regex: RE2JS;

  constructor(pattern: string, regex: RE2JS) {
    this.pattern = pattern;
    this.#regex = regex;
  }

  matchesWhole(text: string): boolean {
    return this.#regex.testExact(text);
  }

  /** As RE2::GlobalReplace: an empty match right behind the match before it does not count. */
  replaceAll(text: string, substitution: string): string {
    const matcher = this.#regex.matcher(text);
    let replaced = '';
    let copied = 0;
    let lastEnd = -1;
    while (matcher.find()) {
      const start = matcher.start();
      const end = matcher.end();
      if (start === end && start === lastEnd) continue;
      const group = (index: number) =>
        index <= matcher.groupCount() ? (matcher.group(index) ?? '') : '';
      replaced += text.slice(copied, start) + expand(substitution, group);
      copied = end;
      lastEnd = end;
    }
    return replaced + text.slice(copied);
  }
}

/** `\0` to `\9` are groups, `\\` is a backslash. */
function expand(substitution: string, group: (index: number) => string): string {
  return substitution.replace(/\\(.)/g, (all, escaped: string) => {
    if (escaped === '\\') return '\\';
    return escaped >= '0' && escaped <= '9' ? group(Number(escaped)) : all;
  });
}

registerRegexEngine({
  compile(pattern) {
    try {
      return new Re2(pattern, RE2JS.compile(pattern));
    } catch {
      return undefined; // RE2JS says no by throwing; the caller reports the pattern.
    }
  },
});
