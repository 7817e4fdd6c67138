import { describe, expect, it } from 'vitest';
import type { HeaderMatcher } from '#xds/route.ts';
import { HeaderMap } from '../http/header-map.ts';
import '../re2.ts';
import { HeaderCondition } from './header-condition.ts';

const holds = (matcher: Omit<HeaderMatcher, 'name'>, ...values: string[]) =>
  new HeaderCondition({ name: 'X-A', ...matcher }, () => {}).matches({
    headers: HeaderMap.of(values.map((value) => ['x-a', value])),
  });

describe('a header condition', () => {
  it('tests each of several lines on its own', () => {
    const exact = { stringMatch: { exact: 'a,b' } };
    expect(holds(exact, 'a', 'b')).toBe(false);
    expect(holds(exact, 'c', 'a,b')).toBe(true);
    expect(holds({ ...exact, invertMatch: true }, 'c', 'a,b')).toBe(false);
  });

  it('does not hold for a missing header, inverted or not, unless it counts as empty', () => {
    const exact = { stringMatch: { exact: '1' } };
    expect(holds({ ...exact, invertMatch: true })).toBe(false);
    expect(holds({ ...exact, invertMatch: true, treatMissingHeaderAsEmpty: true })).toBe(true);
    expect(holds({ stringMatch: { exact: '' }, treatMissingHeaderAsEmpty: true })).toBe(true);
  });

  it('asks for presence or absence', () => {
    expect(holds({ presentMatch: true, invertMatch: true })).toBe(true);
    expect(holds({ presentMatch: true, invertMatch: true }, 'x')).toBe(false);
    expect(holds({ presentMatch: false }, 'x')).toBe(false);
    expect(holds({}, '')).toBe(true);
    expect(holds({ exactMatch: '' }, 'anything')).toBe(true);
  });

  it('takes only decimal integers for a range', () => {
    const range = { rangeMatch: { start: -5, end: 5 } };
    expect(holds(range, '-5')).toBe(true);
    expect(holds(range, '5')).toBe(false);
    expect(holds(range, '1.0')).toBe(false);
    expect(holds(range, 'one')).toBe(false);
  });

  it('matches an expression against the whole value, ignoring case only where told', () => {
    expect(holds({ stringMatch: { safeRegex: { regex: 'a+' } } }, 'aab')).toBe(false);
    expect(holds({ stringMatch: { safeRegex: { regex: '(?i)A+' } } }, 'aa')).toBe(true);
    expect(holds({ stringMatch: { suffix: 'XY', ignoreCase: true } }, 'axy')).toBe(true);
    expect(holds({ stringMatch: { suffix: 'XY' } }, 'axy')).toBe(false);
  });
});
