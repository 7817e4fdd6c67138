import { describe, expect, it } from 'vitest';
import { uint64Of } from '#kernel/uint64.ts';
import { buildMaglevTable, type MaglevTable } from './maglev.ts';

const ownersOf = (keys: readonly string[], weights: readonly number[], tableSize: number) =>
  [...(buildMaglevTable(keys, weights, tableSize) as MaglevTable).slots].map((host) => keys[host]);

describe('the Maglev table', () => {
  it('does not depend on the order of hosts', () => {
    expect(ownersOf(['a', 'b', 'c'], [1, 2, 3], 251)).toEqual(
      ownersOf(['c', 'a', 'b'], [3, 1, 2], 251),
    );
  });

  it('gives slots in proportion to weights', () => {
    const owners = ownersOf(['a', 'b'], [0.25, 0.75], 65_537);
    expect(owners.filter((owner) => owner === 'a').length / 65_537).toBeCloseTo(0.25, 3);
  });

  it('leaves most slots alone when a host leaves', () => {
    const before = ownersOf(['a', 'b', 'c', 'd'], [1, 1, 1, 1], 65_537);
    const after = ownersOf(['a', 'b', 'c'], [1, 1, 1], 65_537);
    const moved = before.filter((owner, slot) => owner !== 'd' && owner !== after[slot]);
    expect(moved.length / 65_537).toBeLessThan(0.15);
  });

  it('shifts a re-selection by its number', () => {
    const table = buildMaglevTable(['a', 'b', 'c', 'd', 'e'], [1, 1, 1, 1, 1], 65_537);
    const picks = Array.from({ length: 20 }, (_, attempt) => table.lookUp(uint64Of(7), attempt));
    expect(new Set(picks).size).toBeGreaterThan(2);
  });

  it('of nobody knows nobody', () => {
    expect(buildMaglevTable([], [], 7).lookUp(uint64Of(1), 0)).toBe(-1);
  });
});
