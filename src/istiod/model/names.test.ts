import { describe, expect, it } from 'vitest';
import {
  isIpAddress,
  parseOutboundClusterName,
  resolveGatewayName,
  resolveShortName,
} from './names.ts';

describe('a host field', () => {
  it.each([
    ['reviews', 'reviews.shop.svc.cluster.local'],
    ['reviews.prod', 'reviews.prod'],
    ['*', '*'],
    ['*.foo.com', '*.foo.com'],
    ['10.0.0.1', '10.0.0.1'],
    ['::1', '::1'],
    ['', ''],
  ])('of %j in namespace shop means %j', (host, expected) => {
    expect(resolveShortName(host, 'shop', 'cluster.local')).toBe(expected);
  });
});

describe('a gateway reference', () => {
  it.each([
    ['mesh', 'mesh'],
    ['gw', 'shop/gw'],
    ['./gw', 'shop/gw'],
    ['infra/gw', 'infra/gw'],
    ['gw.infra', 'infra/gw'],
    ['gw.infra.svc.cluster.local', 'infra/gw'],
  ])('of %s in namespace shop means %s', (reference, expected) => {
    expect(resolveGatewayName(reference, 'shop')).toBe(expected);
  });
});

describe('the name of an outbound cluster', () => {
  it.each(['outbound|80|v1|b.ns.svc.cluster.local', 'outbound_.80_.v1_.b.ns.svc.cluster.local'])(
    'is read back: %s',
    (name) => {
      expect(parseOutboundClusterName(name)).toEqual({
        port: 80,
        subset: 'v1',
        host: 'b.ns.svc.cluster.local',
      });
    },
  );

  it('is not that of an inbound one', () => {
    expect(parseOutboundClusterName('inbound|8080||')).toBeUndefined();
  });
});

describe('an IP address', () => {
  it.each(['0.0.0.0', '255.255.255.255', '::', '::1', '2001:db8::1', '::ffff:1.2.3.4'])(
    'is %s',
    (text) => expect(isIpAddress(text)).toBe(true),
  );
  it.each(['1.2.3', '1.2.3.4.5', '256.1.1.1', '1.2.3.4/24', 'a.b.c.d', 'b', '', ':'])(
    'is not %j',
    (text) => expect(isIpAddress(text)).toBe(false),
  );
});
