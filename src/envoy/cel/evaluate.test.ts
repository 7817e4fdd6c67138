import { describe, expect, it } from 'vitest';
import '../re2.ts';
import { parseCel } from '#xds/cel.ts';
import { evaluateCel } from './evaluate.ts';
import { CelError, type CelValue } from './value.ts';

const headers = new Map<string, CelValue>([['x-user', 'ann']]);
const request = new Map<string, CelValue>([
  ['path', '/items?id=1'],
  ['headers', headers],
  ['duration', 1.5e9],
]);
const attributes = new Map<string, CelValue>([
  ['request', request],
  ['response', new Map<string, CelValue>([['code', 503n]])],
]);

const worth = (text: string): CelValue => evaluateCel(parseCel(text).expression, attributes);
const message = (text: string): string | undefined => {
  const value = worth(text);
  return value instanceof CelError ? value.message : undefined;
};

describe('a CEL expression', () => {
  it.each<readonly [text: string, value: CelValue]>([
    ['1 + 2 * 3', 7n],
    ['(1 + 2) * 3', 9n],
    ['10 - 4 - 3', 3n],
    ['7 / 2', 3n],
    ['-7 % 4', -3n],
    ['7.0 / 2.0', 3.5],
    ['0x1f', 31n],
    ['2u', 2n],
    ['-9223372036854775808', -9223372036854775808n],
    ['--1', 1n],
    ['!!true', true],
    ['r"\\n" == "\\\\n"', true],
    ['"\\u00e4\\101\\`"', 'äA`'],
    ['has(request.headers) ? 1 : request.gone', 1n],
    ['1 < 2 && 2 < 3 && 4 < 3', false],
    ['request.`path` == "/items?id=1"', true],
    ['1 == 1.0', true],
    ['!(2 < 1) && 2 >= 2', true],
    ['"a" + \'b\'', 'ab'],
    ['r"\\d" + "\\t\\x41"', '\\d\tA'],
    ['"""two\nlines"""', 'two\nlines'],
    ['2 in [1, 2]', true],
    ['"x-user" in request.headers', true],
    ['{"a": 1}["a"]', 1n],
    ['[1, 2][1]', 2n],
    ['1 > 0 ? "yes" : "no"', 'yes'],
    ['true ? (false ? 1 : 2) : 3', 2n],
    ['size("äb") + size([1])', 3n],
    ['string(5) + string(true)', '5true'],
    ['int("12") + int(3.9)', 15n],
    ['duration("1m0.5s") > request.duration', true],
    ['request.path.startsWith("/it") && request.path.contains("id=")', true],
    ['request.path.matches("^/items\\\\?id=[0-9]+$")', true],
    ['"abc".matches("b")', true],
    ['request["headers"]["x-user"] == "ann"', true],
    ['has(request.headers) && !has(request.time)', true],
    ['response.code >= 500 && response.code < 600', true],
    ['null == null // the rest is a comment', true],
  ])('%s', (text, value) => {
    expect(worth(text)).toEqual(value);
  });

  it('goes wrong where a key is missing, or kinds do not fit', () => {
    expect(message('request.headers["x-gone"]')).toBe('no such key: x-gone');
    expect(message('request.nothing == 1')).toBe('no such key: nothing');
    expect(message('"a" < 1')).toBe('no such overload: <');
    expect(message('1 / 0')).toBe('divide by zero');
    expect(message('1 + 1.0')).toBe('no such overload: +');
    expect(message('nothing(1)')).toBe('no such overload: nothing');
  });

  it('has no worth where it makes messages or bytes, or goes through a list', () => {
    expect(message('T{a: 1}')).toBe('no such overload: message');
    expect(message("b'x' == b'x'")).toBe('no such overload: bytes');
    expect(message('[1].exists(x, x > 0)')).toBe('no such key: x');
  });

  it('decides all the same where one side of && or || is enough', () => {
    expect(worth('request.gone == 1 || response.code == 503')).toBe(true);
    expect(worth('response.code == 200 && request.gone')).toBe(false);
    expect(worth('request.gone && response.code == 200')).toBe(false);
    expect(message('request.gone || response.code == 200')).toBe('no such key: gone');
  });
});
