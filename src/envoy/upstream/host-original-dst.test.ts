import { describe, expect, it } from 'vitest';
import { Dispatcher } from '#kernel/dispatcher.ts';
import { contextOf } from '../load-balancing/balancer-builder.ts';
import { hostMembershipOf } from './host-builder.ts';
import { OriginalDstHosts } from './host-original-dst.ts';

const SECOND = 1e9;
const to = (originalDestination: string) => contextOf({ originalDestination });

function passthrough() {
  const dispatcher = new Dispatcher();
  const membership = hostMembershipOf(dispatcher);
  const hosts = new OriginalDstHosts(dispatcher, membership, 5000);
  return { dispatcher, membership, hosts, addresses: () => [...membership.hosts.keys()] };
}

describe('the hosts of original destinations', () => {
  it('are made when first asked for, once per address', () => {
    const { hosts, addresses } = passthrough();
    const host = hosts.chooseHost(to('93.184.216.34:443'));
    expect(host?.address).toBe('93.184.216.34:443');
    expect(hosts.chooseHost(to('93.184.216.34:443'))).toBe(host);
    hosts.chooseHost(to('1.1.1.1:53'));
    expect(addresses()).toEqual(['93.184.216.34:443', '1.1.1.1:53']);
  });

  it('are not to be had without an original destination', () => {
    expect(passthrough().hosts.chooseHost(contextOf({}))).toBeUndefined();
  });

  it('leave when a whole cleanup interval passed without use', () => {
    const { hosts, addresses, dispatcher } = passthrough();
    hosts.chooseHost(to('1.1.1.1:53'));
    const busy = hosts.chooseHost(to('2.2.2.2:53'))!;
    busy.cxActive = 1;
    dispatcher.runUntil(5 * SECOND);
    expect(addresses()).toEqual(['1.1.1.1:53', '2.2.2.2:53']);
    dispatcher.runUntil(10 * SECOND);
    expect(addresses()).toEqual(['2.2.2.2:53']);
    busy.cxActive = 0;
    dispatcher.runUntil(15 * SECOND);
    expect([addresses(), dispatcher.pendingCount]).toEqual([[], 0]);
  });
});
