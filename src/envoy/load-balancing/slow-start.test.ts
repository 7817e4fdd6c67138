import { describe, expect, it } from 'vitest';
import { hostsOf } from '../upstream/host-builder.ts';
import { balancerOf } from './balancer-builder.ts';
import { slowStartFactor } from './slow-start.ts';

const MS = 1e6;
const cluster = (window: string) => ({
  roundRobinLbConfig: { slowStartConfig: { slowStartWindow: window } },
});

describe('the factor of slow start', () => {
  const config = { windowMs: 60_000, aggression: 1, minWeightPercent: 10 };

  it('grows with the time since the host became healthy, from the minimum to 1', () => {
    const factors = [0, 3000, 12_000, 20_000, 60_000].map((ms) => slowStartFactor(ms, config));
    expect(factors).toEqual([0.1, 0.1, 0.2, 1 / 3, 1]);
  });

  it('grows faster at first with a higher aggression: its root', () => {
    expect(slowStartFactor(6000, { ...config, aggression: 2 })).toBeCloseTo(Math.sqrt(0.1), 14);
  });

  it('takes an aggression that makes no sense for 1', () => {
    expect(slowStartFactor(12_000, { ...config, aggression: 0 })).toBe(0.2);
    expect(slowStartFactor(12_000, { ...config, aggression: Number.NaN })).toBe(0.2);
  });
});

describe('a host that joins a round-robin cluster with a slow start of a minute', () => {
  function afterJoin() {
    const [a, b] = hostsOf(['a', 'b']);
    const bench = balancerOf(cluster('60s'), [{ hosts: [a!] }]);
    bench.clock.nowNs = 120_000 * MS; // The window of the first host is long over.
    bench.update({ hosts: [a!, b!] });
    return bench;
  }

  it('has a fifth of the other one’s weight after 12 s: one pick in six', () => {
    const { picks, clock } = afterJoin();
    clock.nowNs += 12_000 * MS;
    picks(10); // Its first deadline was set by the weight at the time it joined.
    expect(picks(12).filter((address) => address === 'b')).toHaveLength(2);
  });

  it('keeps its schedule when the window is over, with whole weights', () => {
    const { picks, clock } = afterJoin();
    clock.nowNs += 61_000 * MS;
    picks(12);
    expect(picks(10).filter((address) => address === 'b')).toHaveLength(5);
  });

  it('is the next update after the window that ends the schedule', () => {
    const [a, b] = hostsOf(['a', 'b']);
    const { picks, clock, update } = balancerOf(cluster('60s'), [{ hosts: [a!, b!] }]);
    clock.nowNs = 61_000 * MS;
    update({ hosts: [a!, b!] });
    expect(picks(4).join('')).toBe('abab');
  });
});
