import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { describeWithShared } from '../../needs.ts';
import { shared } from '../../shared-data.ts';

/** Rows that no configuration makes, with the reason. */
const BEYOND: ReadonlyMap<string, string> = new Map([
  [
    'X4',
    'an application that speaks HTTP/1 behind an HTTP/2 connection: what an application speaks is its port’s',
  ],
  ['X5', 'HTTP/1.0 callers'],
  ['M12', 'an application that starts before its proxy'],
]);

/** The numbers at the start of the titles of this folder's tests. */
function named(): ReadonlySet<string> {
  const titles = readdirSync(import.meta.dirname)
    .filter((file) => file.endsWith('.test.ts'))
    .flatMap((file) => [
      ...readFileSync(join(import.meta.dirname, file), 'utf8').matchAll(
        /\bit\(\s*['`]((?:[RTCOGXMP]\d+b?(?:, )?)+):/g,
      ),
    ]);
  return new Set(titles.flatMap(([, numbers]) => numbers!.split(', ')));
}

describeWithShared('the production surprises', () => {
  it('have a test each, by the number of their row, unless no configuration makes them', () => {
    const text = readFileSync(shared('spec/istio/pitfalls.md'), 'utf8');
    const rows = [...text.matchAll(/^\| ([RTCOGXMP]\d+b?) \|/gm)].map(([, row]) => row!);
    expect(rows.length).toBeGreaterThan(100);
    const tests = named();
    expect(rows.filter((row) => !tests.has(row) && !BEYOND.has(row))).toEqual([]);
    expect([...tests, ...BEYOND.keys()].filter((row) => !rows.includes(row))).toEqual([]);
    expect([...BEYOND.keys()].filter((row) => tests.has(row))).toEqual([]);
  });
});
