import { describe, expect, it } from 'vitest';
import { portStart, withoutPort } from './authority.ts';
import { pathEnd, pathWithoutQuery, queryParameter } from './path.ts';

describe('the path of :path', () => {
  it.each([
    ['/a', 2],
    ['/a?b#c', 2],
    ['/a#b?c', 2],
    ['?', 0],
    ['', 0],
  ])('%s ends at %i', (path, end) => {
    expect(pathEnd(path)).toBe(end);
    expect(pathWithoutQuery(path)).toBe(path.slice(0, end));
  });
});

describe('a query parameter', () => {
  it.each<[string, string | undefined]>([
    ['/?u=1&u=2', '1'],
    ['/?uu=1&u=', ''],
    ['/?a&u', ''],
    ['/?u&a=1', ''],
    ['/?a=u', undefined],
    ['/?a=1#u=2', undefined],
    ['/u=1', undefined],
    ['/?u=a%20b=c', 'a%20b=c'],
  ])('of %s is %s', (path, expected) => {
    expect(queryParameter(path, 'u')).toBe(expected);
  });
});

describe('a host', () => {
  it.each([
    ['a:80', 'a'],
    ['a', 'a'],
    ['[::1]:80', '[::1]'],
    ['[::1]', '[::1]'],
    ['::1', '::1'],
    ['a:http', 'a:http'],
    ['a:', 'a:'],
  ])('%s without port is %s', (host, expected) => {
    expect(withoutPort(host)).toBe(expected);
    expect(portStart(host)).toBe(expected === host ? -1 : expected.length);
  });
});
