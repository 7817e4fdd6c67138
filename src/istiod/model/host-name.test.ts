import { describe, expect, it } from 'vitest';
import { compareSpecificity, HostIndex, hostsOverlap, isSubsetOf } from './host-name.ts';

describe('two host names overlap', () => {
  it.each([
    ['foo.com', 'foo.com', true],
    ['foo.com', 'bar.com', false],
    ['*.com', 'foo.com', true],
    ['bar.com', '*.com', true],
    ['*.foo.com', 'foo.com', false],
    ['*.foo.com', 'a.b.foo.com', true],
    ['*', 'foo.com', true],
    ['*', '*.com', true],
    ['*.foo.com', '*.com', true],
    ['*.foo.com', '*.bar.com', false],
  ])('%s and %s: %s', (a, b, expected) => {
    expect(hostsOverlap(a, b)).toBe(expected);
    expect(hostsOverlap(b, a)).toBe(expected);
  });
});

describe('one host name covers another', () => {
  it.each([
    ['a.foo.com', '*.foo.com', true],
    ['*.foo.com', '*.com', true],
    ['*.com', '*.foo.com', false],
    ['*.com', 'foo.com', false],
    ['foo.com', 'foo.com', true],
  ])('%s under %s: %s', (host, cover, expected) => {
    expect(isSubsetOf(host, cover)).toBe(expected);
  });
});

describe('the most specific of several names', () => {
  it('is an exact one, then the longest, then the first by letters', () => {
    const names = ['*', '*.b.com', 'z.com', '*.a.com', '*.com', 'a.b.com'];
    expect(names.sort(compareSpecificity)).toEqual([
      'a.b.com',
      'z.com',
      '*.a.com',
      '*.b.com',
      '*.com',
      '*',
    ]);
  });

  it('is found by the host that it covers', () => {
    const index = new HostIndex<string>();
    for (const host of ['*', '*.com', '*.foo.com', 'a.foo.com']) index.set(host, host);
    expect(index.mostSpecific('a.foo.com')).toBe('a.foo.com');
    expect(index.mostSpecific('b.foo.com')).toBe('*.foo.com');
    expect(index.mostSpecific('foo.com')).toBe('*.com');
    expect(index.mostSpecific('foo.org')).toBe('*');
  });

  it('is for a wildcard itself, else a wider one', () => {
    const index = new HostIndex<string>();
    for (const host of ['*.com', '*.foo.com']) index.set(host, host);
    expect(index.mostSpecific('*.foo.com')).toBe('*.foo.com');
    expect(index.mostSpecific('*.bar.com')).toBe('*.com');
  });
});
