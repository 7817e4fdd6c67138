import { describe, expect, it } from 'vitest';
import { xxHash64 } from '#kernel/xxhash64.ts';
import type { Cluster } from '#xds/cluster.ts';
import { hostsOf } from '../upstream/host-builder.ts';
import { HealthFlag } from '../upstream/host-health.ts';
import { balancerOf, contextOf, drawsOf } from './balancer-builder.ts';
import { HashTables } from './hash-table.ts';

const RING: Omit<Cluster, 'name'> = { lbPolicy: 'RING_HASH' };
const HOSTS = Array.from({ length: 6 }, (_, index) => `127.0.0.1:2110${index + 1}`);
const user = (name: string) => contextOf({ hash: xxHash64(name) });

describe('consistent hashing', () => {
  it('picks what a real proxy picked for user-0 to user-9', () => {
    const picked = (lbPolicy: 'RING_HASH' | 'MAGLEV') => {
      const { balancer } = balancerOf({ lbPolicy }, [{ hosts: hostsOf(HOSTS) }]);
      return Array.from({ length: 10 }, (_, index) =>
        HOSTS.indexOf(balancer.chooseHost(user(`user-${index}`))!.address),
      );
    };
    expect(picked('RING_HASH')).toEqual([1, 1, 3, 0, 1, 1, 3, 2, 5, 0]);
    expect(picked('MAGLEV')).toEqual([0, 2, 1, 4, 5, 4, 4, 2, 4, 4]);
  });

  it('holds healthy hosts alone, and all of them in panic', () => {
    const hosts = hostsOf(['a', 'b', 'c']);
    hosts[0]!.setFlag(HealthFlag.failedOutlierCheck);
    const { picks, update, stats } = balancerOf(RING, [{ hosts }]);
    const users = Array.from({ length: 60 }, (_, index) => user(`u${index}`));
    expect(new Set(users.flatMap((it) => picks(1, it)))).toEqual(new Set(['b', 'c']));
    hosts[1]!.setFlag(HealthFlag.failedOutlierCheck);
    update({ hosts });
    expect(new Set(users.flatMap((it) => picks(1, it)))).toEqual(new Set(['a', 'b', 'c']));
    expect(stats.lbHealthyPanic).toBe(60);
  });

  it('is random without a hash', () => {
    const draws = Array.from({ length: 40 }, (_, index) => String(index * 2 ** 53));
    const { picks } = balancerOf(RING, [{ hosts: hostsOf(HOSTS) }], { random: drawsOf(...draws) });
    expect(new Set(picks(40)).size).toBeGreaterThan(1);
  });

  it('hashes by hash_key metadata, else by address, or by hostname when told to', () => {
    const keyed = new Map([['envoy.lb', { hash_key: 'x' }]]);
    const choose = (specs: Parameters<typeof hostsOf>[0], useHostnameForHashing = false) => {
      const commonLbConfig = { consistentHashingLbConfig: { useHostnameForHashing } };
      const { balancer } = balancerOf({ ...RING, commonLbConfig }, [{ hosts: hostsOf(specs) }]);
      return Array.from(
        { length: 30 },
        (_, index) => balancer.chooseHost(user(`u${index}`))!.address === specAddress(specs[0]!),
      );
    };
    const byKey = choose([{ address: 'p', metadata: keyed }, 'y']);
    expect(byKey).toEqual(choose(['x', 'y']));
    const byName = choose(
      [
        { address: 'p', hostname: 'x' },
        { address: 'q', hostname: 'y' },
      ],
      true,
    );
    expect(byName).toEqual(byKey);
  });

  it('on a retry without rejection picks the same host, and goes on along the ring after one', () => {
    const { balancer } = balancerOf(RING, [{ hosts: hostsOf(HOSTS) }]);
    const hash = xxHash64('user-0');
    const first = balancer.chooseHost(contextOf({ hash }))!;
    const asked: string[] = [];
    const retry = contextOf({
      hash,
      hostSelectionRetryCount: 5,
      shouldSelectAnotherHost: (host) => {
        asked.push(host.address);
        return host === first;
      },
    });
    const second = balancer.chooseHost(retry)!;
    expect(asked[0]).toBe(first.address);
    expect(second).not.toBe(first);
    expect(balancer.chooseHost(contextOf({ hash }))).toBe(first);
  });

  it('weights localities by their weights alone, not by health', () => {
    const hosts = hostsOf([
      { address: 'a1', zone: 'A' },
      { address: 'a2', zone: 'A', healthFlags: HealthFlag.failedEdsHealth },
      { address: 'b1', zone: 'B' },
    ]);
    const cluster = { ...RING, commonLbConfig: { localityWeightedLbConfig: {} } };
    const { picks } = balancerOf(cluster, [{ hosts, localityWeights: { A: 1, B: 1 } }]);
    const chosen = Array.from({ length: 400 }, (_, index) => picks(1, user(`u${index}`))[0]);
    expect(chosen.filter((it) => it === 'a1').length / 400).toBeCloseTo(0.5, 1);
  });

  it('goes past a host that has more than its share of the active requests', () => {
    const hosts = hostsOf(['a', 'b', 'c', 'd']);
    const commonLbConfig = { consistentHashingLbConfig: { hashBalanceFactor: 150 } };
    const cluster = { upstreamRqActive: 3 };
    const { balancer } = balancerOf({ ...RING, commonLbConfig }, [{ hosts }], { cluster });
    const hashed = balancer.chooseHost(user('x'))!;
    hashed.rqActive = 2; // (3 + 1) · 150 % = 6 slots, 2 for each of four: full, but not over it.
    expect(balancer.chooseHost(user('x'))).toBe(hashed);
    hashed.rqActive = 3;
    expect(balancer.chooseHost(user('x'))).not.toBe(hashed);
  });

  it('shares tables between balancers of the same hosts', () => {
    let made = 0;
    class CountingTables extends HashTables {
      override shared(content: string, make: Parameters<HashTables['shared']>[1]) {
        return super.shared(content, () => {
          made++;
          return make();
        });
      }
    }
    const tables = new CountingTables();
    for (let proxy = 0; proxy < 3; proxy++) {
      balancerOf(RING, [{ hosts: hostsOf(HOSTS) }], { tables });
    }
    expect(made).toBe(1);
    balancerOf(RING, [{ hosts: hostsOf(HOSTS.slice(1)) }], { tables });
    expect(made).toBe(2);
  });
});

function specAddress(spec: Parameters<typeof hostsOf>[0][number]): string | undefined {
  return typeof spec === 'string' ? spec : spec.address;
}
