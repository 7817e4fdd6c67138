import { describe, expect, it } from 'vitest';
import { hostSetOf, hostsOf } from '../upstream/host-builder.ts';
import { HealthFlag } from '../upstream/host-health.ts';
import { PrioritySet } from '../upstream/priority-set.ts';
import { balancerOf, drawsOf } from './balancer-builder.ts';

const EJECTED = { healthFlags: HealthFlag.failedOutlierCheck };
const DEGRADED = { healthFlags: HealthFlag.degradedEdsHealth };

describe('a round-robin cluster', () => {
  it('in panic serves from all hosts, and counts every choice', () => {
    const hosts = hostsOf([
      { address: 'a' },
      { address: 'b', ...EJECTED },
      { address: 'c', ...EJECTED },
    ]);
    const { picks, stats } = balancerOf({}, [{ hosts }]);
    expect(picks(3)).toEqual(['a', 'b', 'c']);
    expect(stats.lbHealthyPanic).toBe(3);
  });

  it('without panic serves from the healthy ones alone', () => {
    const hosts = hostsOf([{ address: 'a' }, { address: 'b', ...EJECTED }, { address: 'c' }]);
    const { picks, stats } = balancerOf({}, [{ hosts }]);
    expect(picks(3)).toEqual(['a', 'c', 'a']);
    expect(stats.lbHealthyPanic).toBe(0);
  });

  it('with panic threshold 0 and nobody healthy finds no host', () => {
    const cluster = { commonLbConfig: { healthyPanicThreshold: {} } };
    const { picks } = balancerOf(cluster, [{ hosts: hostsOf([{ ...EJECTED }]) }]);
    expect(picks(1)).toEqual([undefined]);
  });

  it('without hosts finds none', () => {
    expect(balancerOf({}, []).picks(1)).toEqual([undefined]);
  });

  it('fails traffic in panic when zone-aware routing says so', () => {
    const cluster = { commonLbConfig: { zoneAwareLbConfig: { failTrafficOnPanic: true } } };
    const { picks } = balancerOf(cluster, [{ hosts: hostsOf([{ ...EJECTED }]) }]);
    expect(picks(1)).toEqual([undefined]);
  });

  it('uses a priority by its load: 70 of 100 numbers when half of it is healthy', () => {
    const hosts = (name: string) =>
      hostsOf([{ address: name }, { address: `${name}-out`, ...EJECTED }]);
    const draws = Array.from({ length: 100 }, (_, percent) => String(percent));
    const random = drawsOf('0', ...draws);
    const { picks } = balancerOf({}, [{ hosts: hosts('p0') }, { hosts: hosts('p1') }], { random });
    expect(picks(100).filter((address) => address === 'p0')).toHaveLength(70);
  });

  it('uses degraded hosts for the rest of the load', () => {
    const hosts = hostsOf([{ address: 'a' }, { address: 'b', ...DEGRADED }]);
    const random = drawsOf('0', '69', '70');
    expect(balancerOf({}, [{ hosts }], { random }).picks(2)).toEqual(['a', 'b']);
  });

  it('changes over as soon as its host set does', () => {
    const { picks, update } = balancerOf({}, [{ hosts: hostsOf(['a']) }]);
    expect(picks(1)).toEqual(['a']);
    update({ hosts: hostsOf(['b', 'c']) });
    expect(picks(2)).toEqual(['c', 'b']);
  });
});

describe('locality weights', () => {
  const cluster = { commonLbConfig: { localityWeightedLbConfig: {} } };
  const hosts = hostsOf([
    { address: 'a1', zone: 'A' },
    { address: 'a2', zone: 'A' },
    { address: 'b1', zone: 'B' },
  ]);

  it('1 : 3 give a fixed cycle of three B and one A, in which the hosts of A alternate', () => {
    const { picks } = balancerOf(cluster, [{ hosts, localityWeights: { A: 1, B: 3 } }]);
    expect(picks(8)).toEqual(['b1', 'b1', 'a1', 'b1', 'b1', 'b1', 'a2', 'b1']);
  });

  it('that nobody gave leave all hosts in one rotation', () => {
    const { picks } = balancerOf(cluster, [{ hosts }]);
    expect(picks(4)).toEqual(['a1', 'a2', 'b1', 'a1']);
  });

  it('shrink only when overprovisioning cannot make up for the unhealthy hosts of a locality', () => {
    const five = (healthy: number) =>
      hostsOf(
        Array.from({ length: 5 }, (_, index) => ({
          address: `a${index}`,
          zone: 'A',
          ...(index < healthy ? {} : EJECTED),
        })),
      );
    const other = hostsOf(Array.from({ length: 5 }, (_, i) => ({ address: `b${i}`, zone: 'B' })));
    const shares = [5, 4, 3, 2, 1, 0].map((healthy) => {
      const spec = { hosts: [...five(healthy), ...other], localityWeights: { A: 1, B: 2 } };
      const chosen = balancerOf(cluster, [spec]).picks(100);
      return chosen.filter((address) => address?.startsWith('a')).length;
    });
    expect(shares).toEqual([33, 33, 29, 22, 12, 0]);
  });
});

describe('zone-aware routing', () => {
  const zones = (counts: Readonly<Record<string, number>>) =>
    hostsOf(
      Object.entries(counts).flatMap(([zone, count]) =>
        Array.from({ length: count }, (_, index) => ({ address: `${zone}${index}`, zone })),
      ),
    );
  const cluster = { commonLbConfig: { zoneAwareLbConfig: {} } };
  const localPrioritySet = (counts: Readonly<Record<string, number>>) => {
    const prioritySet = new PrioritySet();
    prioritySet.update(hostSetOf({ hosts: zones(counts), ownZone: 'A' }));
    return prioritySet;
  };

  it('stays at home as long as the own zone has its share of the capacity', () => {
    const { picks, stats } = balancerOf(cluster, [{ hosts: zones({ A: 4, B: 4 }), ownZone: 'A' }], {
      localPrioritySet: localPrioritySet({ A: 1, B: 1 }),
    });
    expect(picks(20).every((address) => address?.startsWith('A'))).toBe(true);
    expect(stats.lbZoneRoutingAllDirectly).toBe(20);
  });

  it('sends the rest to the zones that have capacity left: 62.5 %, 25 %, 12.5 %', () => {
    const draws = Array.from({ length: 16 }, (_, it) => ['0', String(it * 625), String(it * 100)]);
    // The third number is drawn only by what leaves the zone.
    const used = draws.flatMap((draw, it) => (it * 625 < 6250 ? draw.slice(0, 2) : draw));
    const { picks, stats } = balancerOf(
      cluster,
      [{ hosts: zones({ A: 5, B: 10, C: 5 }), ownZone: 'A' }],
      { localPrioritySet: localPrioritySet({ A: 4, B: 4, C: 2 }), random: drawsOf('0', ...used) },
    );
    const chosen = picks(16).map((address) => address?.[0]);
    expect(chosen.filter((zone) => zone === 'A')).toHaveLength(10);
    expect(stats.lbZoneRoutingSampled).toBe(10);
    expect(chosen.slice(10)).toEqual(['C', 'C', 'C', 'C', 'C', 'B']);
  });

  it('is off for clusters with fewer than six healthy hosts', () => {
    const { stats, picks } = balancerOf(cluster, [{ hosts: zones({ A: 1, B: 4 }), ownZone: 'A' }], {
      localPrioritySet: localPrioritySet({ A: 1, B: 1 }),
    });
    expect(picks(5)).toEqual(['A0', 'B0', 'B1', 'B2', 'B3']);
    expect(stats.lbZoneClusterTooSmall).toBe(1);
  });

  it('is off when the proxies know of nobody in their own zone', () => {
    const { stats, picks } = balancerOf(cluster, [{ hosts: zones({ A: 3, B: 3 }), ownZone: 'A' }], {
      localPrioritySet: localPrioritySet({ B: 1, C: 1 }),
    });
    expect(picks(6)).toEqual(['A0', 'A1', 'A2', 'B0', 'B1', 'B2']);
    expect(stats.lbLocalClusterNotOk).toBe(1);
  });
});
