import { expect, it } from 'vitest';
import { civilDate } from './civil-date.ts';

it('counts days from 1970, over leap days and the ends of years', () => {
  const dates = [0, -1, 59, 60, 11_016, 11_017, 19_722].map((days) => {
    const { year, month, day } = civilDate(days);
    return `${year}-${month}-${day}`;
  });
  expect(dates).toEqual([
    '1970-1-1',
    '1969-12-31',
    '1970-3-1',
    '1970-3-2',
    '2000-2-29',
    '2000-3-1',
    '2023-12-31',
  ]);
});
