import { describe, expect, it } from 'vitest';
import { Dispatcher } from '#kernel/dispatcher.ts';
import { contextOf } from '../load-balancing/balancer-builder.ts';
import { hostMembershipOf } from './host-builder.ts';
import { DynamicForwardHosts } from './host-dynamic-forward.ts';
import { OriginalDstHosts } from './host-original-dst.ts';

function forwardProxy() {
  const dispatcher = new Dispatcher();
  const membership = hostMembershipOf(dispatcher);
  const asked: string[] = [];
  const resolver = {
    resolve(name: string, listener: { onDnsAnswer(answer: never): void }) {
      asked.push(name);
      const isFailure = name === 'nowhere.test';
      listener.onDnsAnswer({
        isFailure,
        addresses: isFailure ? [] : ['192.0.2.1'],
        ttlMs: 1,
      } as never);
    },
  };
  const hosts = new OriginalDstHosts(dispatcher, membership, 5000);
  const balancer = new DynamicForwardHosts(dispatcher, hosts, resolver, 80);
  const goes = (authority: string) => balancer.chooseHost(contextOf({ authority }))?.address;
  return { dispatcher, asked, goes };
}

describe('a dynamic forward proxy', () => {
  it('sends each request to the host that it names, at its port or the usual one', () => {
    const { goes, asked } = forwardProxy();
    expect(goes('One.test')).toBe('192.0.2.1:80');
    expect(goes('one.test:8443')).toBe('192.0.2.1:8443');
    expect(asked).toEqual(['one.test']);
  });

  it('has no host for a name that is not known, and asks again when the cache forgets', () => {
    const { goes, asked, dispatcher } = forwardProxy();
    expect([goes('nowhere.test'), goes('nowhere.test')]).toEqual([undefined, undefined]);
    dispatcher.runUntil(60e9);
    goes('nowhere.test');
    expect(asked).toEqual(['nowhere.test', 'nowhere.test']);
  });
});
