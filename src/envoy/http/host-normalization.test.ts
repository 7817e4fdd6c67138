import { describe, expect, it } from 'vitest';
import { HeaderMap } from './header-map.ts';
import { normalizedHost, type StrippedPort } from './host-normalization.ts';

const LOCAL = '10.0.0.1:8080';

const requestTo = (authority: string, method = 'GET') => {
  return { method, path: '/', authority, scheme: 'http', headers: new HeaderMap(), bodyBytes: 0 };
};

describe('the port of a host', () => {
  it.each<[StrippedPort, string, string]>([
    ['none', 'a.test:8080', 'a.test:8080'],
    ['any', 'a.test:8080', 'a.test'],
    ['any', 'a.test:99', 'a.test'],
    ['any', 'a.test', 'a.test'],
    ['any', 'a.test:', 'a.test:'],
    ['any', '[::1]:80', '[::1]'],
    ['any', '[::1]', '[::1]'],
    ['of-listener', 'a.test:8080', 'a.test'],
    ['of-listener', 'a.test:99', 'a.test:99'],
  ])('stripped where %s is asked for: %s becomes %s', (stripped, authority, host) => {
    expect(normalizedHost(stripped, requestTo(authority), LOCAL)).toBe(host);
  });

  it('stays with CONNECT', () => {
    expect(normalizedHost('any', requestTo('a.test:80', 'CONNECT'), LOCAL)).toBe('a.test:80');
  });
});
