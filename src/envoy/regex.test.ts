import { describe, expect, it } from 'vitest';
import { loadRegexEngine } from './load-regex-engine.ts';
import { compileRegex, mentionsRegex } from './regex.ts';

await loadRegexEngine();

const replaced = (pattern: string, text: string, substitution: string) =>
  compileRegex(pattern)!.replaceAll(text, substitution);

describe('a regular expression', () => {
  it('matches whole texts, and gives the same answer from memory', () => {
    const regex = compileRegex('/re[0-9]+')!;
    for (let round = 0; round < 2; round++) {
      expect(regex.matchesWhole('/re12')).toBe(true);
      expect(regex.matchesWhole('/re12/')).toBe(false);
    }
    expect(compileRegex('a|ab')?.matchesWhole('ab')).toBe(true);
  });

  it('is one object per pattern, and none for what RE2 does not accept', () => {
    expect(compileRegex('a+')).toBe(compileRegex('a+'));
    expect(compileRegex('(?<=a)b')).toBeUndefined();
    expect(compileRegex('(a')).toBeUndefined();
  });

  it('replaces every match, with groups by number', () => {
    expect(replaced('/old', '/x/old/old', '/new')).toBe('/x/new/new');
    expect(replaced('^/svc/([^/]+)(/.*)$', '/svc/foo/v1', '\\2/\\1')).toBe('/v1/foo');
    expect(replaced('b', 'abc', '[\\0\\\\]')).toBe('a[b\\]c');
    expect(replaced('(a)|(b)', 'ab', '<\\2>')).toBe('<><b>');
  });

  it('ignores an empty match right behind another, as RE2 does', () => {
    expect(replaced('a*', 'baac', 'x')).toBe('xbxcx');
    expect(replaced('', 'ab', '-')).toBe('-a-b-');
  });
});

describe('configuration', () => {
  it('may hold expressions when it speaks of them', () => {
    expect(mentionsRegex('uri: { regex: "/a.*" }')).toBe(true);
    expect(mentionsRegex('safe_regex: {}')).toBe(true);
    expect(mentionsRegex('type: RegularExpression')).toBe(true);
    expect(mentionsRegex('uri: { prefix: / }')).toBe(false);
  });
});
