import { describe, expect, it } from 'vitest';
import { uint64Of } from '#kernel/uint64.ts';
import { hostsOf } from '../upstream/host-builder.ts';
import { BoundedLoad, boundedLoadSlots } from './bounded-load.ts';

const idle = { upstreamRqActive: 0 };

describe('bounded loads', () => {
  it('probe hosts in an order shuffled by the hash', () => {
    const order = (hash: number) =>
      new BoundedLoad(120, idle).probeOrder(5, uint64Of(hash)).join('');
    expect([order(2), order(6), order(7)]).toEqual(['21043', '40231', '01432']);
  });

  it('give every host at least one slot', () => {
    expect(boundedLoadSlots(0, 100, 0.01)).toBe(1);
    expect(boundedLoadSlots(37, 200, 0.5)).toBe(38);
  });

  it('take the least overloaded when all are', () => {
    const hosts = hostsOf([{ rqActive: 9 }, { rqActive: 5 }, { rqActive: 9 }]);
    const boundedLoad = new BoundedLoad(100, { upstreamRqActive: 2 });
    const weights = [1 / 3, 1 / 3, 1 / 3];
    expect(boundedLoad.pick(0, uint64Of(1), { hosts, weights })).toBe(1);
  });
});
