import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { uint64Of } from '#kernel/uint64.ts';
import { buildRing, type HashRing, type RingHashConfig } from './ring-hash.ts';

const CONFIG: RingHashConfig = {
  minimumRingSize: 1024,
  maximumRingSize: 8_388_608,
  hashFunction: 'XX_HASH',
};

function ringOf(keys: readonly string[], weights: readonly number[], config = CONFIG): HashRing {
  const sum = weights.reduce((total, weight) => total + weight, 0);
  const normalized = weights.map((weight) => weight / sum);
  return buildRing(keys, normalized, config) as HashRing;
}

const KEYS = [
  '10.0.0.1:80',
  '10.0.0.2:80',
  '10.0.0.3:80',
  '10.0.0.4:80',
  '10.0.0.5:80',
  '10.0.0.6:80',
];

describe('the hash ring', () => {
  it('of six equal hosts has 1026 entries, 171 each: whole numbers, at least the minimum', () => {
    const ring = ringOf(KEYS, [1, 1, 1, 1, 1, 1]);
    const counts = KEYS.map((_, host) => ring.hosts.filter((it) => it === host).length);
    expect([ring.hosts.length, counts]).toEqual([1026, [171, 171, 171, 171, 171, 171]]);
  });

  it('gives hosts entries in proportion to their weights, up to the maximum', () => {
    const ring = ringOf(KEYS.slice(0, 2), [1, 3], {
      ...CONFIG,
      minimumRingSize: 4,
      maximumRingSize: 8,
    });
    expect([...ring.hosts].filter((host) => host === 1)).toHaveLength(3);
    const capped = ringOf(KEYS.slice(0, 2), [1, 3], { ...CONFIG, maximumRingSize: 8 });
    expect(capped.hosts).toHaveLength(8);
  });

  it('belongs, from one entry to the next, to the entry at the end', () => {
    const ring = ringOf(KEYS, [1, 1, 1, 1, 1, 1]);
    const at = { high: ring.highs[7]!, low: ring.lows[7]! };
    expect(ring.lookUp(at, 0)).toBe(ring.hosts[7]);
    expect(ring.lookUp({ ...at, low: at.low + 1 }, 0)).toBe(ring.hosts[8]);
    expect(ring.lookUp({ high: 0xffffffff, low: 0xffffffff }, 0)).toBe(ring.hosts[0]);
    expect(ring.lookUp(uint64Of(0), 2)).toBe(ring.hosts[2]);
  });

  it('moves only the hashes of the host that left', () => {
    const whole = ringOf(KEYS, [1, 1, 1, 1, 1, 1], { ...CONFIG, minimumRingSize: 600 });
    const left = ringOf(KEYS.slice(0, 5), [1, 1, 1, 1, 1], { ...CONFIG, minimumRingSize: 500 });
    fc.assert(
      fc.property(fc.nat(0xffffffff), fc.nat(0xffffffff), (high, low) => {
        const before = whole.lookUp({ high, low }, 0);
        if (before < 5) expect(left.lookUp({ high, low }, 0)).toBe(before);
      }),
    );
  });

  it('of nobody knows nobody', () => {
    expect(buildRing([], [], CONFIG).lookUp(uint64Of(1), 0)).toBe(-1);
  });
});
