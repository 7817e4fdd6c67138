import { describe, expect, it } from 'vitest';
import { type Outcome, searchBreakingPoint } from './breaking-point.ts';
import { quantityOf } from './quantity-text.ts';

/** Searches with an oracle instead of runs; gives what was found and tried. */
function search(range: string, outcomeOf: (value: number) => Outcome, precision = 0.01) {
  const [from = '', to] = range.split('..');
  const steps = searchBreakingPoint({
    from: quantityOf(from)!,
    to: to === undefined ? undefined : quantityOf(to),
    precision,
  });
  const tried: string[] = [];
  let step = steps.next();
  while (step.done !== true) {
    tried.push(step.value);
    step = steps.next(outcomeOf(quantityOf(step.value)!.value));
  }
  return { found: step.value, tried };
}

const breaksFrom = (limit: number) => (value: number) => (value >= limit ? 'broken' : 'fine');

describe('the search for a breaking point', () => {
  it('halves a range until both ends are one apart, for whole numbers', () => {
    const { found, tried } = search('1..100', breaksFrom(42), 0);
    expect(found).toEqual({ kind: 'found', fine: '41', broken: '42' });
    expect(tried.length).toBeLessThanOrEqual(9);
  });

  it('doubles from the value of the file when there is no range, units kept', () => {
    const { found, tried } = search('10/s', breaksFrom(73));
    expect(tried.slice(0, 4)).toEqual(['10/s', '20/s', '40/s', '80/s']);
    expect(found).toEqual({ kind: 'found', fine: '72.5/s', broken: '73.13/s' });
  });

  it('goes down from a value that is broken already', () => {
    const { found, tried } = search('64', breaksFrom(20), 0);
    expect(tried.slice(0, 3)).toEqual(['64', '32', '16']);
    expect(found).toEqual({ kind: 'found', fine: '19', broken: '20' });
  });

  it('finds the point of a knob that breaks by less', () => {
    const { found } = search('1..100', (value) => (value < 30 ? 'broken' : 'fine'), 0);
    expect(found).toEqual({ kind: 'found', fine: '30', broken: '29' });
  });

  it('says so when nothing breaks, or everything', () => {
    expect(search('1..100', () => 'fine').found).toMatchObject({ kind: 'none', all: 'fine' });
    expect(search('1..100', () => 'broken').found).toMatchObject({ kind: 'none', all: 'broken' });
  });

  it('stops going up at a value that the scenario cannot have', () => {
    const { found } = search('40%', (value) => (value > 100 ? 'refused' : 'fine'));
    expect(found).toMatchObject({ kind: 'none', all: 'fine', high: '80%' });
  });
});
