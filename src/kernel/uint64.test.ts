import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  addUint64,
  compareUint64,
  equalUint64,
  hexOfUint64,
  modUint64,
  multiplyHigh,
  multiplyUint64,
  parseUint64,
  printUint64,
  rotateLeftUint64,
  type Uint64,
  uint64Of,
  uint64ToNumber,
  xorUint64,
} from './uint64.ts';

const MASK = (1n << 64n) - 1n;
const big = fc.oneof(
  fc.bigInt(0n, MASK),
  fc.constantFrom(0n, 1n, MASK, 1n << 63n, (1n << 32n) - 1n, 1n << 32n),
);
const of = (value: bigint): Uint64 => ({
  high: Number(value >> 32n),
  low: Number(value & 0xffffffffn),
});
const bigOf = ({ high, low }: Uint64): bigint => (BigInt(high) << 32n) | BigInt(low);
const holds = <T>(arbitrary: fc.Arbitrary<T>, law: (value: T) => void) =>
  fc.assert(fc.property(arbitrary, law), { seed: 3, numRuns: 2000 });

describe('an unsigned 64-bit integer', () => {
  it('is printed and read in decimal and printed in hexadecimal', () => {
    holds(big, (value) => {
      expect(printUint64(of(value))).toBe(value.toString());
      expect(parseUint64(value.toString())).toEqual(of(value));
      expect(hexOfUint64(of(value))).toBe(value.toString(16).padStart(16, '0'));
      expect(uint64ToNumber(of(value))).toBe(Number(value));
    });
  });

  it('is not read from signs, spaces, fractions or numbers of 2⁶⁴ and more', () => {
    for (const text of ['', '-1', '+1', ' 1', '1.0', '0x1', '18446744073709551616']) {
      expect(parseUint64(text)).toBeUndefined();
    }
    expect(parseUint64('18446744073709551615')).toEqual({ high: 0xffffffff, low: 0xffffffff });
  });

  it('leaves the exact remainder for every divisor up to 2³⁷', () => {
    const divisor = fc.oneof(
      fc.integer({ min: 1, max: 1000 }),
      fc.integer({ min: 1, max: 2 ** 31 - 1 }),
      fc.constantFrom(1, 2 ** 21, 2 ** 21 + 1, 2 ** 32, 2 ** 32 - 1, 2 ** 37, 2 ** 37 - 25),
    );
    holds(fc.tuple(big, divisor), ([value, n]) => {
      expect(modUint64(of(value), n)).toBe(Number(value % BigInt(n)));
    });
  });

  it('adds, multiplies, rotates and compares as 64-bit registers do', () => {
    holds(fc.tuple(big, big, fc.nat(63)), ([a, b, bits]) => {
      expect(bigOf(addUint64(of(a), of(b)))).toBe((a + b) & MASK);
      expect(bigOf(multiplyUint64(of(a), of(b)))).toBe((a * b) & MASK);
      expect(bigOf(xorUint64(of(a), of(b)))).toBe(a ^ b);
      expect(bigOf(rotateLeftUint64(of(a), bits))).toBe(
        ((a << BigInt(bits)) | (a >> BigInt(64 - bits))) & MASK,
      );
      expect(Math.sign(compareUint64(of(a), of(b)))).toBe(a < b ? -1 : a > b ? 1 : 0);
      expect(equalUint64(of(a), of(b))).toBe(a === b);
      const [low, other] = [of(a).low, of(b).low];
      expect(multiplyHigh(low, other)).toBe(Number((BigInt(low) * BigInt(other)) >> 32n));
    });
  });

  it('is made of any safe integer', () => {
    holds(fc.nat({ max: Number.MAX_SAFE_INTEGER }), (value) => {
      expect(bigOf(uint64Of(value))).toBe(BigInt(value));
    });
  });
});
