import alea from 'seedrandom/lib/alea.js';
import { describe, expect, it } from 'vitest';
import { extendCallPath, keyedUniform, streamHash } from './keyed-random.ts';
import { type Random, randomStream, ScriptedRandom } from './random.ts';
import { hexOfUint64, uint64Of } from './uint64.ts';
import { xxHash64 } from './xxhash64.ts';

const first = (random: Random, count: number) =>
  Array.from({ length: count }, () => random.uniform());

/** Pearson's statistic of how often each of `cells` was hit. */
function chiSquare(values: readonly number[], cells: number): number {
  const hits = new Array<number>(cells).fill(0);
  for (const value of values) hits[Math.floor(value * cells)]!++;
  const expected = values.length / cells;
  return hits.reduce((sum, hit) => sum + (hit - expected) ** 2 / expected, 0);
}

function correlation(a: readonly number[], b: readonly number[]): number {
  const sum = a.reduce((total, value, index) => total + (value - 0.5) * (b[index]! - 0.5), 0);
  return (sum / a.length) * 12;
}

describe('a named stream', () => {
  it('is the same for the same seed and name, and another for any other', () => {
    const numbers = first(randomStream(1, 'client/shop/arrivals'), 5);
    expect(first(randomStream(1, 'client/shop/arrivals'), 5)).toEqual(numbers);
    expect(first(randomStream(2, 'client/shop/arrivals'), 5)).not.toEqual(numbers);
    expect(first(randomStream(1, 'client/shop/arrivalt'), 5)).not.toEqual(numbers);
  });

  it('is Alea as seedrandom has it, number by number', () => {
    const random = randomStream(7, 'proxy/webapp-1/lb');
    const known = alea(hexOfUint64(xxHash64('proxy/webapp-1/lb', uint64Of(7))));
    for (let draw = 0; draw < 2000; draw++) {
      expect(random.uniform()).toBe(known.double());
      expect(random.below(1000)).toBe(Math.floor(known() * 1000));
      expect(random.uint64().low).toBe([known.int32(), known.int32()][1]! >>> 0);
    }
  });

  it('starts with these numbers, whatever becomes of the code', () => {
    const random = randomStream(1, 'client/shop/arrivals');
    expect([random.uniform(), random.below(1000), random.uint64()]).toMatchInlineSnapshot(`
      [
        0.5572813844178207,
        956,
        {
          "high": 2050969320,
          "low": 4218323568,
        },
      ]
    `);
  });

  it('draws integers below n, all of them about equally often', () => {
    const random = randomStream(1, 'even');
    const values = Array.from({ length: 50_000 }, () => (random.below(50) + 0.5) / 50);
    expect(chiSquare(values, 50)).toBeLessThan(86); // 99.9 % of χ² with 49 degrees of freedom.
    for (let draw = 0; draw < 1000; draw++) {
      const big = random.below(2 ** 32);
      expect(Number.isInteger(big) && big >= 0 && big < 2 ** 32).toBe(true);
    }
  });

  it('is not correlated with the streams of neighbouring names', () => {
    const one = first(randomStream(1, 'proxy/webapp-1/lb'), 20_000);
    const other = first(randomStream(1, 'proxy/webapp-2/lb'), 20_000);
    expect(Math.abs(correlation(one, other))).toBeLessThan(0.025);
  });
});

describe('a scripted random', () => {
  it('replays 64-bit values and takes them modulo n', () => {
    const random = new ScriptedRandom(['7', '18446744073709551615', '9223372036854775808']);
    expect(random.below(5)).toBe(2);
    expect(random.below(1000)).toBe(615);
    expect(random.uniform()).toBe(0.5);
    expect(random.usedCount).toBe(3);
    expect(() => random.uint64()).toThrow('more than 3 values');
  });

  it('takes decimal 64-bit values only', () => {
    expect(() => new ScriptedRandom(['18446744073709551616'])).toThrow('unsigned 64-bit');
  });
});

describe('a keyed draw', () => {
  const purpose = streamHash(1, 'workload/catalog/latency');
  const client = streamHash(1, 'client/shop');
  const draw = (rootNumber: number, attempt = 1, path = 0, what = purpose, whose = client) =>
    keyedUniform(what, { rootNumber, streamHash: whose, callPathHash: path, attempt });
  const numbers = Array.from({ length: 50_000 }, (_, index) => index + 1);
  const draws = numbers.map((number) => draw(number));

  it('depends on its key alone', () => {
    expect(draw(17)).toBe(draws[16]);
    expect(draw(17, 2)).not.toBe(draws[16]);
    expect([draw(1), draw(2 ** 40 + 1, 3, 99)]).toMatchInlineSnapshot(`
      [
        0.41964305350682907,
        0.4643601271699933,
      ]
    `);
  });

  it('is even over requests, attempts, paths and purposes', () => {
    const limit = 142; // 99.9 % of χ² with 99 degrees of freedom: 148.
    expect(chiSquare(draws, 100)).toBeLessThan(limit);
    expect(
      chiSquare(
        numbers.map((n) => draw(5, n)),
        100,
      ),
    ).toBeLessThan(limit);
    expect(
      chiSquare(
        numbers.map((n) => draw(5, 1, n)),
        100,
      ),
    ).toBeLessThan(limit);
    expect(
      chiSquare(
        numbers.map((n) => draw(5, 1, 0, n)),
        100,
      ),
    ).toBeLessThan(limit);
    expect(
      chiSquare(
        numbers.map((n) => draw(5, 1, 0, purpose, n)),
        100,
      ),
    ).toBeLessThan(limit);
    // The low half of the bits, too.
    expect(
      chiSquare(
        draws.map((value) => (value * 2 ** 27) % 1),
        100,
      ),
    ).toBeLessThan(limit);
  });

  it('is not correlated between neighbours of any kind', () => {
    const rivals = [
      numbers.map((number) => draw(number + 1)),
      numbers.map((number) => draw(number, 2)),
      numbers.map((number) => draw(number, 1, extendCallPath(0, 0))),
      numbers.map((number) => draw(number, 1, 0, purpose + 1)),
      numbers.map((number) => draw(number, 1, 0, purpose, client ^ 1)),
      numbers.map((number) => draw(number + 2 ** 32)),
    ];
    for (const rival of rivals) expect(Math.abs(correlation(draws, rival))).toBeLessThan(0.015);
  });

  it('is even in pairs of neighbours', () => {
    const cells = draws.slice(1).map((value, index) => {
      return (Math.floor(value * 10) + Math.floor(draws[index]! * 10) * 10) / 100 + 0.005;
    });
    expect(chiSquare(cells, 100)).toBeLessThan(148);
  });

  it('gives call paths that differ by every step', () => {
    const seen = new Set<number>();
    for (let first = 0; first < 100; first++) {
      for (let second = 0; second < 100; second++) {
        seen.add(extendCallPath(extendCallPath(0, first), second));
      }
    }
    expect(seen.size).toBe(10_000);
  });
});
