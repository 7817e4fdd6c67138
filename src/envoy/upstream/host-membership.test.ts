import { describe, expect, it } from 'vitest';
import { Dispatcher } from '#kernel/dispatcher.ts';
import type { LbEndpoint, LocalityLbEndpoints } from '#xds/endpoint.ts';
import type { Host } from './host.ts';
import { hostMembershipOf } from './host-builder.ts';
import { compileLoadAssignment, localityOf } from './host-description.ts';
import { HealthFlag } from './host-health.ts';
import type { HostMembershipOptions } from './host-membership.ts';

const MS = 1e6;

function endpoint(address: string, rest: Partial<LbEndpoint> = {}): LbEndpoint {
  const [ip = '', port] = address.split(':');
  return {
    endpoint: { address: { socketAddress: { address: ip, portValue: Number(port ?? 80) } } },
    ...rest,
  };
}

function assignment(...endpoints: readonly LocalityLbEndpoints[]) {
  return compileLoadAssignment({ clusterName: 'c', endpoints });
}

function flat(...addresses: readonly string[]) {
  return assignment({ lbEndpoints: addresses.map((address) => endpoint(address)) });
}

function membershipOf(options: Partial<HostMembershipOptions> = {}) {
  const dispatcher = new Dispatcher();
  const membership = hostMembershipOf(dispatcher, options);
  const seen = (priority = 0) => addresses(membership.prioritySet.hostSets[priority]!.healthyHosts);
  const eject = (address: string) => {
    membership.hosts.get(address)!.setFlag(HealthFlag.failedOutlierCheck);
    membership.onHealthChange();
  };
  return { dispatcher, membership, seen, eject };
}

const addresses = (hosts: readonly Host[]) => hosts.map((host) => host.address);

describe('the hosts of a cluster', () => {
  it('follow the order of new configuration and keep the objects of hosts whose address stayed', () => {
    const { membership, seen } = membershipOf();
    membership.update(flat('10.0.0.1:80', '10.0.0.2:80'));
    const second = membership.hosts.get('10.0.0.2:80')!;
    second.rqActive = 3;
    membership.update(flat('10.0.0.3:80', '10.0.0.2:80'));
    expect(seen()).toEqual(['10.0.0.3:80', '10.0.0.2:80']);
    expect(membership.hosts.get('10.0.0.2:80')).toBe(second);
  });

  it('stay in the old order when configuration only changes the order', () => {
    const { membership, seen } = membershipOf();
    membership.update(flat('10.0.0.1:80', '10.0.0.2:80'));
    membership.update(flat('10.0.0.2:80', '10.0.0.1:80'));
    expect(seen()).toEqual(['10.0.0.1:80', '10.0.0.2:80']);
  });

  it('start fresh when they come back', () => {
    const { membership } = membershipOf();
    membership.update(flat('10.0.0.1:80', '10.0.0.2:80'));
    const before = membership.hosts.get('10.0.0.2:80');
    membership.update(flat('10.0.0.1:80'));
    membership.update(flat('10.0.0.1:80', '10.0.0.2:80'));
    expect(membership.hosts.get('10.0.0.2:80')).not.toBe(before);
  });

  it('tell observers who joined and who left, but not who changed the priority', () => {
    const { membership } = membershipOf();
    const told: string[][][] = [];
    membership.addObserver({
      onMembershipChange: (joined, left) => told.push([addresses(joined), addresses(left)]),
    });
    membership.update(flat('10.0.0.1:80', '10.0.0.2:80'));
    const moved = membership.hosts.get('10.0.0.2:80')!;
    membership.update(
      assignment(
        { lbEndpoints: [endpoint('10.0.0.3:80')] },
        { priority: 1, lbEndpoints: [endpoint('10.0.0.2:80')] },
      ),
    );
    expect(told).toEqual([
      [['10.0.0.1:80', '10.0.0.2:80'], []],
      [['10.0.0.3:80'], ['10.0.0.1:80']],
    ]);
    expect(membership.hosts.get('10.0.0.2:80')).toBe(moved);
    expect(moved.priority).toBe(1);
  });

  it('empty a priority that configuration no longer names', () => {
    const { membership, seen } = membershipOf();
    membership.update(
      assignment(
        { lbEndpoints: [endpoint('10.0.0.1:80')] },
        { priority: 1, lbEndpoints: [endpoint('10.0.0.2:80')] },
      ),
    );
    membership.update(flat('10.0.0.1:80'));
    expect([seen(0), seen(1)]).toEqual([['10.0.0.1:80'], []]);
  });

  it('are grouped with the own locality first, then by region, zone and sub-zone', () => {
    const { membership } = membershipOf({ ownLocality: localityOf('r', 'b', '') });
    const group = (zone: string, address: string, loadBalancingWeight?: number) => ({
      locality: { region: 'r', zone },
      lbEndpoints: [endpoint(address)],
      ...(loadBalancingWeight === undefined ? {} : { loadBalancingWeight }),
    });
    membership.update(
      assignment(
        group('c', '10.0.0.1:80', 5),
        group('a', '10.0.0.2:80'),
        group('b', '10.0.0.3:80', 7),
      ),
    );
    const [hostSet] = membership.prioritySet.hostSets;
    expect(hostSet!.hostsPerLocality.groups.map(addresses)).toEqual([
      ['10.0.0.3:80'],
      ['10.0.0.2:80'],
      ['10.0.0.1:80'],
    ]);
    expect(hostSet!.hostsPerLocality.hasLocalLocality).toBe(true);
    expect(hostSet!.localityWeights).toEqual([7, 0, 5]);
  });

  it('of which two have one address are one, the first', () => {
    const { membership } = membershipOf();
    membership.update(
      assignment({
        lbEndpoints: [endpoint('10.0.0.1:80', { loadBalancingWeight: 4 }), endpoint('10.0.0.1:80')],
      }),
    );
    expect([...membership.hosts.values()].map((host) => host.weight)).toEqual([4]);
  });

  it('under active health checks start failed, and stay at the end after leaving configuration until they fail', () => {
    const { membership, seen } = membershipOf({ hasActiveHealthChecks: true });
    membership.update(flat('10.0.0.1:80', '10.0.0.2:80'));
    expect(seen()).toEqual([]);
    for (const host of membership.hosts.values()) host.clearFlag(HealthFlag.failedActiveHc);
    membership.onHealthChange();
    membership.update(flat('10.0.0.2:80', '10.0.0.3:80'));
    expect(addresses(membership.prioritySet.hostSets[0]!.hosts)).toEqual([
      '10.0.0.2:80',
      '10.0.0.3:80',
      '10.0.0.1:80',
    ]);
    membership.hosts.get('10.0.0.1:80')!.setFlag(HealthFlag.failedActiveHc);
    membership.onHealthChange();
    expect([...membership.hosts.keys()]).toEqual(['10.0.0.2:80', '10.0.0.3:80']);
  });
});

describe('the update merge window', () => {
  it('shows the first ejection in a quiet cluster at once, the next ones a whole window after the first of them', () => {
    const { dispatcher, membership, seen, eject } = membershipOf();
    membership.update(flat('10.0.0.1:80', '10.0.0.2:80', '10.0.0.3:80'));
    dispatcher.runUntil(60 * MS);
    eject('10.0.0.1:80');
    expect(seen()).toEqual(['10.0.0.2:80', '10.0.0.3:80']);
    dispatcher.runUntil(80 * MS);
    eject('10.0.0.2:80');
    dispatcher.runUntil(100 * MS);
    eject('10.0.0.3:80');
    dispatcher.runUntil(1080 * MS - 1);
    expect(seen()).toEqual(['10.0.0.2:80', '10.0.0.3:80']);
    dispatcher.runUntil(1080 * MS);
    expect(seen()).toEqual([]);
  });

  it('is counted from an ejection, not from the delivery before it, when that was 0.3 s ago', () => {
    const { dispatcher, membership, seen, eject } = membershipOf();
    membership.update(flat('10.0.0.1:80'));
    dispatcher.runUntil(5000 * MS);
    membership.update(flat('10.0.0.1:80', '10.0.0.2:80'));
    dispatcher.runUntil(5300 * MS);
    eject('10.0.0.1:80');
    dispatcher.runUntil(6299 * MS);
    expect(seen()).toEqual(['10.0.0.1:80', '10.0.0.2:80']);
    dispatcher.runUntil(6300 * MS);
    expect(seen()).toEqual(['10.0.0.2:80']);
  });

  it('ends early when a host joins: what waited is seen with it', () => {
    const { dispatcher, membership, seen, eject } = membershipOf();
    membership.update(flat('10.0.0.1:80', '10.0.0.2:80'));
    eject('10.0.0.1:80');
    dispatcher.runUntil(100 * MS);
    eject('10.0.0.2:80');
    expect(seen()).toEqual(['10.0.0.2:80']);
    membership.update(flat('10.0.0.1:80', '10.0.0.2:80', '10.0.0.3:80'));
    expect(seen()).toEqual(['10.0.0.3:80']);
    expect(dispatcher.pendingCount).toBe(0);
  });

  it('of 0 shows every change at once', () => {
    const { membership, seen, eject } = membershipOf({ updateMergeWindowMs: 0 });
    membership.update(flat('10.0.0.1:80', '10.0.0.2:80'));
    eject('10.0.0.1:80');
    eject('10.0.0.2:80');
    expect(seen()).toEqual([]);
  });
});
