import { describe, expect, it } from 'vitest';
import { Dispatcher } from '#kernel/dispatcher.ts';
import { ScriptedRandom } from '#kernel/random.ts';
import type { Cluster } from '#xds/cluster.ts';
import { hostMembershipOf } from './host-builder.ts';
import { compileDnsRefresh, type DnsListener, HostResolution } from './host-resolution.ts';

const SECOND = 1e9;
const SERVER = { portValue: 80 };

function clusterOf(
  kind: 'STRICT_DNS' | 'LOGICAL_DNS',
  names: readonly string[],
  settings: Partial<Cluster> = {},
) {
  const dispatcher = new Dispatcher();
  const membership = hostMembershipOf(dispatcher);
  const zone = new Map<string, readonly string[]>();
  const askedAtS: number[] = [];
  let ttlMs = 0;
  const resolution = (): HostResolution =>
    new HostResolution({
      kind,
      assignment: {
        clusterName: 'c',
        endpoints: [
          {
            lbEndpoints: names.map((address) => ({
              endpoint: { address: { socketAddress: { ...SERVER, address } } },
            })),
          },
        ],
      },
      refresh: compileDnsRefresh({ name: 'c', ...settings }),
      resolver: {
        resolve(name: string, listener: DnsListener) {
          askedAtS.push(dispatcher.nowNs / SECOND);
          const addresses = zone.get(name);
          listener.onDnsAnswer({
            isFailure: addresses === undefined,
            addresses: addresses ?? [],
            ttlMs,
          });
        },
      },
      dispatcher,
      random: new ScriptedRandom(['1500', '1999', '0', '0']),
      membership,
    });
  return {
    dispatcher,
    membership,
    zone,
    askedAtS,
    start: resolution,
    setTtlMs: (value: number) => {
      ttlMs = value;
    },
    addresses: () => [...membership.hosts.keys()],
    runUntil: (seconds: number) => dispatcher.runUntil(seconds * SECOND),
  };
}

describe('STRICT_DNS', () => {
  it('takes every address of every name, each once', () => {
    const { zone, start, addresses } = clusterOf('STRICT_DNS', ['a.test', 'b.test']);
    zone.set('a.test', ['10.0.0.1', '10.0.0.2', '10.0.0.1']);
    zone.set('b.test', ['10.0.0.3']);
    start();
    expect(addresses()).toEqual(['10.0.0.1:80', '10.0.0.2:80', '10.0.0.3:80']);
  });

  it('follows the zone at the next resolution, every 5 s unless told otherwise', () => {
    const { zone, start, addresses, runUntil, askedAtS } = clusterOf('STRICT_DNS', ['a.test']);
    zone.set('a.test', ['10.0.0.1']);
    start();
    runUntil(1);
    zone.set('a.test', ['10.0.0.2']);
    runUntil(4.9);
    expect(addresses()).toEqual(['10.0.0.1:80']);
    runUntil(5);
    expect(addresses()).toEqual(['10.0.0.2:80']);
    runUntil(11);
    expect(askedAtS).toEqual([0, 5, 10]);
  });

  it('is emptied by an empty answer, and keeps its hosts through failures', () => {
    const { zone, start, addresses, runUntil } = clusterOf('STRICT_DNS', ['a.test']);
    zone.set('a.test', ['10.0.0.1']);
    start();
    zone.delete('a.test');
    runUntil(5);
    expect(addresses()).toEqual(['10.0.0.1:80']);
    zone.set('a.test', []);
    runUntil(10);
    expect(addresses()).toEqual([]);
  });

  it('takes an IP address as it is, and asks nobody', () => {
    const { start, addresses, askedAtS, dispatcher } = clusterOf('STRICT_DNS', ['10.0.0.9']);
    start();
    expect([addresses(), askedAtS, dispatcher.pendingCount]).toEqual([['10.0.0.9:80'], [], 0]);
  });

  it('calls hosts by the name that found them', () => {
    const { zone, start, membership } = clusterOf('STRICT_DNS', ['a.test']);
    zone.set('a.test', ['10.0.0.1']);
    start();
    expect(membership.hosts.get('10.0.0.1:80')!.description.hostname).toBe('a.test');
  });

  it('retries failures with back-off and jitter when configuration gives one', () => {
    const { start, runUntil, askedAtS } = clusterOf('STRICT_DNS', ['a.test'], {
      dnsFailureRefreshRate: { baseInterval: '2s', maxInterval: '10s' },
    });
    start();
    runUntil(3.499);
    expect(askedAtS.slice(0, 3)).toEqual([0, 1.5, 3.499]); // 1500 of 2000 ms, 1999 of 4000 ms.
  });

  it('asks again when the answer has expired, if it respects the TTL', () => {
    const { zone, start, runUntil, askedAtS, setTtlMs } = clusterOf('STRICT_DNS', ['a.test'], {
      respectDnsTtl: true,
    });
    zone.set('a.test', ['10.0.0.1']);
    setTtlMs(20_000);
    start();
    runUntil(41);
    expect(askedAtS).toEqual([0, 20, 40]);
  });

  it('asks nobody any more when the cluster is gone', () => {
    const { zone, start, dispatcher } = clusterOf('STRICT_DNS', ['a.test']);
    zone.set('a.test', ['10.0.0.1']);
    start().stop();
    expect(dispatcher.pendingCount).toBe(0);
  });
});

describe('LOGICAL_DNS', () => {
  it('has one host: the first address, another one when that changes', () => {
    const { zone, start, addresses, runUntil, membership } = clusterOf('LOGICAL_DNS', ['a.test']);
    zone.set('a.test', ['10.0.0.1', '10.0.0.2']);
    start();
    const first = membership.hosts.get('10.0.0.1:80');
    zone.set('a.test', ['10.0.0.1', '10.0.0.3']);
    runUntil(5);
    expect(membership.hosts.get('10.0.0.1:80')).toBe(first);
    zone.set('a.test', ['10.0.0.3', '10.0.0.1']);
    runUntil(10);
    expect(addresses()).toEqual(['10.0.0.3:80']);
  });

  it('does not heed an empty answer', () => {
    const { zone, start, addresses, runUntil } = clusterOf('LOGICAL_DNS', ['a.test']);
    zone.set('a.test', ['10.0.0.1']);
    start();
    zone.set('a.test', []);
    runUntil(5);
    expect(addresses()).toEqual(['10.0.0.1:80']);
  });
});
