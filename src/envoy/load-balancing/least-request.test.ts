import { describe, expect, it } from 'vitest';
import { ScriptedRandom } from '#kernel/random.ts';
import { hostsOf } from '../upstream/host-builder.ts';
import { balancerOf, drawsOf } from './balancer-builder.ts';
import { leastRequestWeight, pickLeastOfAll, pickLeastRequest } from './least-request.ts';

const busy = (...active: readonly number[]) =>
  hostsOf(active.map((rqActive, index) => ({ address: 'abcdef'[index]!, rqActive })));

describe('LEAST_REQUEST', () => {
  it('keeps the first of two hosts drawn unless the second has fewer active requests', () => {
    const hosts = busy(3, 1, 3);
    const pick = (...draws: string[]) =>
      pickLeastRequest(hosts, 2, new ScriptedRandom(draws)).address;
    expect(pick('0', '1')).toBe('b');
    expect(pick('0', '2')).toBe('a');
    expect(pick('2', '2')).toBe('c');
  });

  it('draws a number for the priority, then one for each choice', () => {
    const random = new ScriptedRandom(['0', '17', '1', '0', '99', '0', '2']);
    const { picks } = balancerOf({ lbPolicy: 'LEAST_REQUEST' }, [{ hosts: busy(0, 0, 0) }], {
      random,
    });
    expect(picks(2)).toEqual(['b', 'a']);
    expect(random.usedCount).toBe(7);
  });

  it('with a full scan finds the least of all, and draws only for ties', () => {
    const random = new ScriptedRandom(['1', '0']);
    expect(pickLeastOfAll(busy(4, 1, 2), random).address).toBe('b');
    expect(random.usedCount).toBe(0);
    expect(pickLeastOfAll(busy(4, 1, 2, 1), random).address).toBe('b');
    expect(pickLeastOfAll(busy(4, 1, 2, 1), random).address).toBe('d');
  });

  it('divides a weight by the active requests, as much as the bias says', () => {
    const [host] = hostsOf([{ weight: 8, rqActive: 3 }]);
    expect([0, 1, 0.5].map((bias) => leastRequestWeight(host!, bias))).toEqual([8, 2, 4]);
  });

  it('with unequal weights takes turns, read when a host is added again', () => {
    const hosts = hostsOf([{ address: 'a' }, { address: 'b', weight: 2 }]);
    const { picks } = balancerOf({ lbPolicy: 'LEAST_REQUEST' }, [{ hosts }], { random: drawsOf() });
    expect(picks(3).join('')).toBe('bab');
    hosts[1]!.rqActive = 3; // From now on its weight is a half.
    expect(picks(6).join('')).toBe('baabaa'.slice(0, 6));
  });
});
