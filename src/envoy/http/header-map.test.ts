import { describe, expect, it } from 'vitest';
import { HeaderMap } from './header-map.ts';

const linesOf = (map: HeaderMap) => map.names.map((name, index) => `${name}: ${map.values[index]}`);

describe('a header map', () => {
  it('keeps several lines of a name, in order, under lower-case names', () => {
    const map = HeaderMap.of([
      ['X-A', '1'],
      ['b', '2'],
      ['x-a', '3'],
    ]);
    expect(map.get('x-a')).toBe('1');
    expect(map.getAll('x-a')).toEqual(['1', '3']);
    expect(map.joined('x-a')).toBe('1,3');
    expect(map.count('x-a')).toBe(2);
    expect(map.has('c')).toBe(false);
    expect(map.joined('c')).toBeUndefined();
  });

  it('removes all lines of a name and keeps the others in order', () => {
    const map = HeaderMap.of([
      ['a', '1'],
      ['b', '2'],
      ['a', '3'],
      ['c', '4'],
      ['a', '5'],
    ]);
    map.remove('a');
    expect(linesOf(map)).toEqual(['b: 2', 'c: 4']);
    map.set('b', '5');
    expect(linesOf(map)).toEqual(['c: 4', 'b: 5']);
    map.remove('none');
    expect(map.size).toBe(2);
  });

  it('adds to an inline header by growing its one line', () => {
    const map = new HeaderMap();
    map.add('x-forwarded-for', '10.0.0.1');
    map.add('x-forwarded-for', '10.0.0.2');
    map.add('x-other', '1');
    map.add('x-other', '2');
    expect(linesOf(map)).toEqual([
      'x-forwarded-for: 10.0.0.1,10.0.0.2',
      'x-other: 1',
      'x-other: 2',
    ]);
  });

  it('holds what came on several lines of an inline header as one line', () => {
    const map = HeaderMap.of([
      ['User-Agent', 'u1'],
      ['cookie', 'a=1'],
      ['user-agent', 'u2'],
      ['cookie', 'b=2'],
    ]);
    expect(linesOf(map)).toEqual(['user-agent: u1,u2', 'cookie: a=1', 'cookie: b=2']);
  });

  it('takes over another map whole, whatever it held', () => {
    const map = HeaderMap.of([
      ['a', '1'],
      ['b', '2'],
      ['c', '3'],
    ]);
    const other = HeaderMap.of([['d', '4']]);
    map.copyFrom(other);
    expect(linesOf(map)).toEqual(['d: 4']);
    const clone = other.clone();
    clone.append('e', '5');
    expect(other.size).toBe(1);
  });
});
