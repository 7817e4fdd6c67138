import { describe, expect, it } from 'vitest';
import { ScriptedRandom } from '#kernel/random.ts';
import { hostsOf } from '../upstream/host-builder.ts';
import { HealthFlag } from '../upstream/host-health.ts';
import { balancerOf } from './balancer-builder.ts';

describe('RANDOM', () => {
  it('takes priority and host from one and the same number', () => {
    const hosts = (name: string) =>
      hostsOf(
        [0, 1, 2].map((index) => ({
          address: `${name}${index}`,
          healthFlags: index < 2 ? 0 : HealthFlag.failedOutlierCheck,
        })),
      );
    const random = new ScriptedRandom(['91', '94', '0']);
    const priorities = [{ hosts: hosts('p') }, { hosts: hosts('q') }];
    const { picks } = balancerOf({ lbPolicy: 'RANDOM' }, priorities, { random });
    // Two of three healthy: the first priority has 93 of 100.
    expect(picks(3)).toEqual(['p1', 'q0', 'p0']);
    expect(random.usedCount).toBe(3);
  });

  it('does not look at weights', () => {
    const hosts = hostsOf([{ address: 'a', weight: 100 }, { address: 'b' }]);
    const random = new ScriptedRandom(['0', '1', '2', '3']);
    const { picks } = balancerOf({ lbPolicy: 'RANDOM' }, [{ hosts }], { random });
    expect(picks(4).join('')).toBe('abab');
  });

  it('finds nobody in an empty cluster', () => {
    expect(balancerOf({ lbPolicy: 'RANDOM' }, []).picks(1)).toEqual([undefined]);
  });
});
