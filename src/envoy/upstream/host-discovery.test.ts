import { describe, expect, it } from 'vitest';
import { Dispatcher } from '#kernel/dispatcher.ts';
import { ScriptedRandom } from '#kernel/random.ts';
import type { Cluster } from '#xds/cluster.ts';
import { contextOf } from '../load-balancing/balancer-builder.ts';
import { hostMembershipOf } from './host-builder.ts';
import { actsUnused, HostDiscovery } from './host-discovery.ts';
import type { DnsResolver } from './host-resolution.ts';

const TWO_NAMES = {
  clusterName: 'c',
  endpoints: [
    {
      lbEndpoints: ['a.test', 'b.test'].map((address) => ({
        endpoint: { address: { socketAddress: { address, portValue: 80 } } },
      })),
    },
  ],
};
const RESOLVER: DnsResolver = {
  resolve: (name, listener) =>
    listener.onDnsAnswer({
      isFailure: false,
      addresses: [name === 'a.test' ? '10.0.0.1' : '10.0.0.2'],
      ttlMs: 0,
    }),
};

function discoveryOf(type: NonNullable<Cluster['type']>, resolver?: DnsResolver) {
  const dispatcher = new Dispatcher();
  const membership = hostMembershipOf(dispatcher);
  const cluster: Cluster = { name: 'c', type };
  const random = () => new ScriptedRandom([]);
  const discovery = new HostDiscovery({ cluster, dispatcher, membership, resolver, random });
  return { dispatcher, discovery, addresses: () => [...membership.hosts.keys()] };
}

describe('what finds the hosts of a cluster', () => {
  it('is the list itself for EDS, emptied when there is none any more', () => {
    const { discovery, addresses, dispatcher } = discoveryOf('EDS', RESOLVER);
    discovery.update(TWO_NAMES);
    expect([addresses(), dispatcher.pendingCount]).toEqual([['a.test:80', 'b.test:80'], 0]);
    discovery.update(undefined);
    expect(addresses()).toEqual([]);
  });

  it('is the resolver for names, again for each new list', () => {
    const { discovery, addresses, dispatcher } = discoveryOf('STRICT_DNS', RESOLVER);
    discovery.update(TWO_NAMES);
    expect([addresses(), dispatcher.pendingCount]).toEqual([['10.0.0.1:80', '10.0.0.2:80'], 2]);
    discovery.update({ ...TWO_NAMES });
    expect(dispatcher.pendingCount).toBe(2);
    discovery.stop();
    expect(dispatcher.pendingCount).toBe(0);
  });

  it('leaves names as they are when nobody resolves them', () => {
    const { discovery, addresses } = discoveryOf('LOGICAL_DNS');
    discovery.update(TWO_NAMES);
    expect(addresses()).toEqual(['a.test:80', 'b.test:80']);
  });

  it('is the connection’s own destination for ORIGINAL_DST, whatever list there is', () => {
    const { discovery, addresses } = discoveryOf('ORIGINAL_DST');
    discovery.update(TWO_NAMES);
    discovery.originalDst!.chooseHost(contextOf({ originalDestination: '1.1.1.1:443' }));
    expect(addresses()).toEqual(['1.1.1.1:443']);
  });
});

describe('a cluster', () => {
  it('acts before anybody uses it when it checks its hosts or lets them start slowly', () => {
    expect(actsUnused({ name: 'c' })).toBe(false);
    expect(actsUnused({ name: 'c', healthChecks: [{}] })).toBe(true);
    const slowStartConfig = { slowStartWindow: '10s' };
    expect(actsUnused({ name: 'c', roundRobinLbConfig: { slowStartConfig } })).toBe(true);
  });
});
