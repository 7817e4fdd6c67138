import { describe, expect, it } from 'vitest';
import { exp, log, pow } from './math.ts';
import { randomStream } from './random.ts';

/** How many doubles lie between two of one sign. */
function unitsApart(a: number, b: number): number {
  if (Object.is(a, b)) return 0;
  const words = new BigInt64Array(Float64Array.of(a, b).buffer);
  return Math.abs(Number(words[0]! - words[1]!));
}

function worst(count: number, distance: (u: number, v: number) => number): number {
  const random = randomStream(1, 'math.test');
  let most = 0;
  for (let point = 0; point < count; point++) {
    most = Math.max(most, distance(random.uniform(), random.uniform()));
  }
  return most;
}

describe('portable logarithm, exponential and power', () => {
  it('are within one unit in the last place of the engine, over the whole range', () => {
    expect(worst(200_000, (u) => unitsApart(log(u), Math.log(u)))).toBeLessThanOrEqual(1);
    expect(worst(200_000, (u) => unitsApart(log(1 + u), Math.log(1 + u)))).toBeLessThanOrEqual(1);
    const wide = (u: number) => 2 ** (u * 2000 - 1000);
    expect(worst(200_000, (u) => unitsApart(log(wide(u)), Math.log(wide(u))))).toBeLessThanOrEqual(
      1,
    );
    const spread = (u: number) => u * 1400 - 700;
    expect(
      worst(200_000, (u) => unitsApart(exp(spread(u)), Math.exp(spread(u)))),
    ).toBeLessThanOrEqual(1);
    expect(worst(200_000, (u) => unitsApart(exp(u - 0.5), Math.exp(u - 0.5)))).toBeLessThanOrEqual(
      1,
    );
  });

  it('give powers that are right to the last unit', () => {
    const cases: readonly ((u: number, v: number) => readonly [number, number])[] = [
      (u, v) => [u, v * 10],
      (u, v) => [u * 1000, v * 100 - 50],
      (u, v) => [0.9 + u / 5, v * 1000 - 500],
      (u, v) => [1 + u * 1e-6, v * 1e8],
      (u, v) => [2 ** (u * 600 - 300), v * 2 - 1],
    ];
    for (const of of cases) {
      expect(
        worst(50_000, (u, v) => unitsApart(pow(...of(u, v)), of(u, v)[0] ** of(u, v)[1])),
      ).toBeLessThanOrEqual(1);
    }
  });

  it('give exact powers of small integers', () => {
    for (let base = 2; base <= 12; base++) {
      for (let power = 0; base ** power < 2 ** 53; power++) {
        expect(pow(base, power)).toBe(Number(BigInt(base) ** BigInt(power)));
      }
    }
  });

  it('agree with the engine at the edges', () => {
    const values = [
      0,
      1,
      2,
      0.5,
      1e-310,
      5e-324,
      1.7976931348623157e308,
      Infinity,
      -1,
      -2,
      -0.5,
      3,
    ];
    for (const x of [...values, Number.NaN]) {
      expect(unitsApart(log(x), Math.log(x)), `log(${x})`).toBeLessThanOrEqual(1);
      expect(unitsApart(exp(x), Math.exp(x)), `exp(${x})`).toBeLessThanOrEqual(1);
    }
    for (const x of [745, 745.2, -745.1, -745.2, -740, -708.5, 709.7, 709.8, -Infinity]) {
      expect(unitsApart(exp(x), Math.exp(x)), `exp(${x})`).toBeLessThanOrEqual(1);
    }
    for (const x of values) {
      for (const y of [0, 1, -1, 2, 0.5, -0.5, 3, 1000, -1000, 1e-10]) {
        expect(unitsApart(pow(x, y), x ** y), `${x} ** ${y}`).toBeLessThanOrEqual(1);
      }
    }
  });

  it('are these bits, on every engine', () => {
    const random = randomStream(7, 'bits');
    let sum = 0;
    for (let point = 0; point < 10_000; point++) {
      const u = random.uniform();
      sum += log(u) + exp(u * 20 - 10) + pow(u * 10, u * 3 - 1);
    }
    expect(sum).toMatchInlineSnapshot(`11017739.764555192`);
  });
});
