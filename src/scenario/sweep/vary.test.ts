import { describe, expect, it } from 'vitest';
import { conditionOf } from './until.ts';
import { pointsOf, readVaried } from './vary.ts';

const valuesOf = (text: string) => {
  const read = readVaried(text);
  return 'problem' in read ? read.problem : read.values;
};

describe('--vary', () => {
  it('takes values as they are written', () => {
    expect(readVaried('clients.shop.load.rate=10/s,20/s')).toEqual({
      key: 'clients.shop.load.rate',
      values: ['10/s', '20/s'],
    });
    expect(valuesOf('change=current')).toEqual(['current']);
  });

  it('counts steps and factors, units kept', () => {
    expect(valuesOf('w=0..100:25')).toEqual(['0', '25', '50', '75', '100']);
    expect(valuesOf('p=0.1%..0.5%:0.1%')).toEqual(['0.1%', '0.2%', '0.3%', '0.4%', '0.5%']);
    expect(valuesOf('r=10/s..80/s*2')).toEqual(['10/s', '20/s', '40/s', '80/s']);
    expect(valuesOf('t=250ms,1s..3s:1s')).toEqual(['250ms', '1s', '2s', '3s']);
  });

  it('refuses what has no meaning or no end', () => {
    expect(valuesOf('rate')).toContain('want KEY=VALUES');
    expect(valuesOf('r=1..2')).toContain('is no range');
    expect(valuesOf('r=1s..2ms:1s')).toContain('the same unit');
    expect(valuesOf('r=1..9:0')).toContain('has no end');
    expect(valuesOf('r=1..9*1')).toContain('has no end');
    expect(valuesOf('r=9..1:1')).toContain('has no values');
    expect(valuesOf('r=1,1')).toContain('twice');
  });

  it('combines keys, the last one fastest', () => {
    const points = pointsOf([
      { key: 'a', values: ['1', '2'] },
      { key: 'b', values: ['x', 'y'] },
    ]);
    expect(points.map((point) => point.map(([, value]) => value).join(''))).toEqual([
      '1x',
      '1y',
      '2x',
      '2y',
    ]);
    expect(pointsOf([])).toEqual([[]]);
  });
});

describe('--until', () => {
  it('is divided at its comparator, not at those of selectors', () => {
    expect(conditionOf('p99(latency{client=~"a>b", pod!="x"}) > 250ms')).toEqual({
      that: 'p99(latency{client=~"a>b", pod!="x"})',
      is: '> 250ms',
    });
    expect(conditionOf('count(requests) == 0')?.is).toBe('== 0');
    expect(conditionOf('p99(latency)')).toBeUndefined();
  });
});
