import { describe, expect, it } from 'vitest';
import { HeaderMap } from '#envoy/http/header-map.ts';
import { CookieJar } from './cookie-jar.ts';

const answer = (...lines: readonly string[]): HeaderMap =>
  HeaderMap.of(lines.map((line) => ['set-cookie', line] as const));

describe('a cookie jar', () => {
  it('sends what it was given, quotes and all, and the newer value of a name', () => {
    const jar = new CookieJar();
    jar.take(answer('sid="abc"; Max-Age=60; HttpOnly', 'lang=de'), 0);
    jar.take(answer('lang=en'), 0);
    expect(jar.headerFor('/cart', 0)).toBe('sid="abc"; lang=en');
  });

  it('keeps a cookie to its path and its age', () => {
    const jar = new CookieJar();
    jar.take(answer('a=1; Path=/shop; Max-Age=10'), 5e9);
    expect(jar.headerFor('/shop/x', 14e9)).toBe('a=1');
    expect(jar.headerFor('/shop?q=1', 14e9)).toBe('a=1');
    expect(jar.headerFor('/shopping', 14e9)).toBe('');
    expect(jar.headerFor('/shop', 15e9)).toBe('');
  });
});
