import { describe, expect, it } from 'vitest';
import { hostsOf } from '../upstream/host-builder.ts';
import { HealthFlag } from '../upstream/host-health.ts';
import { balancerOf, drawsOf } from './balancer-builder.ts';

describe('ROUND_ROBIN', () => {
  it('starts where its seed says: a fresh cluster of six at the sixth host', () => {
    const hosts = hostsOf(['a', 'b', 'c', 'd', 'e', 'f']);
    const { picks } = balancerOf({}, [{ hosts }], { random: drawsOf('5') });
    expect(picks(7).join('')).toBe('fabcdef');
  });

  it('goes on with the next index when hosts come and go', () => {
    const [a, b, c, d] = hostsOf(['a', 'b', 'c', 'd']);
    const { picks, update } = balancerOf({}, [{ hosts: [a!, b!, c!] }]);
    expect(picks(4).join('')).toBe('abca');
    update({ hosts: [a!, b!] });
    expect(picks(3).join('')).toBe('aba');
    update({ hosts: [a!, b!, c!, d!] });
    expect(picks(4).join('')).toBe('dabc');
  });

  it('counts beyond 32 and 64 bits', () => {
    const hosts = hostsOf(['a', 'b', 'c']);
    const around32 = balancerOf({}, [{ hosts }], { random: drawsOf('4294967295') });
    expect(around32.picks(3).join('')).toBe('abc'); // 4294967295 mod 3 is 0, and so on.
    const around64 = balancerOf({}, [{ hosts }], { random: drawsOf('18446744073709551615') });
    expect(around64.picks(4).join('')).toBe('aabc'); // Index 2⁶⁴ − 1 is the first host, index 0 too.
  });

  it('by weight starts its schedule anew, at its seed, at every update', () => {
    const hosts = hostsOf([{ address: 'a' }, { address: 'b', weight: 2 }]);
    const { picks, update } = balancerOf({}, [{ hosts }]);
    expect(picks(4).join('')).toBe('babb');
    update({ hosts });
    expect(picks(3).join('')).toBe('bab');
  });

  it('picks without a schedule when weights are equal, whatever they are', () => {
    const hosts = hostsOf([
      { address: 'a', weight: 7 },
      { address: 'b', weight: 7 },
    ]);
    expect(balancerOf({}, [{ hosts }]).picks(4).join('')).toBe('abab');
  });

  it('has an index for the healthy hosts and another for all, both started at the seed', () => {
    const hosts = hostsOf(['a', 'b', 'c', 'd']);
    const { picks, update } = balancerOf({}, [{ hosts }], { random: drawsOf('1') });
    expect(picks(2).join('')).toBe('bc');
    for (const host of hosts.slice(1)) host.setFlag(HealthFlag.failedOutlierCheck);
    update({ hosts });
    expect(picks(3).join('')).toBe('bcd');
  });
});
