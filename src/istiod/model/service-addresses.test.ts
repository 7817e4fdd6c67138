import { describe, expect, it } from 'vitest';
import { configOf, modelOf, proxyNamed } from '../test-mesh.ts';
import { addressesForProxy } from './service-addresses.ts';

function entry(name: string, spec: string, labels = ''): string {
  return `
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: {name: ${name}, namespace: ns${labels}}
spec: {hosts: [${name}.example.test], ports: [{number: 5432, name: tcp, protocol: TCP}], ${spec}}
---
`;
}

const ENTRIES =
  entry('a', 'resolution: DNS') +
  entry('b', 'resolution: STATIC') +
  entry('none', 'resolution: NONE') +
  entry('own', 'resolution: STATIC, addresses: [10.5.0.1]') +
  entry(
    'out',
    'resolution: DNS',
    ', labels: {networking.istio.io/enable-autoallocate-ip: "false"}',
  );

describe('the address of a ServiceEntry that has none', () => {
  const { services } = modelOf(ENTRIES).registry;
  const addresses = (capturesDns: boolean) =>
    Object.fromEntries(
      services.map((service) => [
        service.hostname.split('.')[0],
        addressesForProxy(service, proxyNamed({ metadata: { capturesDns } })),
      ]),
    );

  it('is an allocated one for proxies that answer DNS', () => {
    expect(addresses(true)).toEqual({
      a: ['240.240.0.1'],
      b: ['240.240.0.2'],
      none: ['0.0.0.0'],
      own: ['10.5.0.1'],
      out: ['0.0.0.0'],
    });
  });

  it('is none for all others', () => {
    expect(addresses(false)['a']).toEqual(['0.0.0.0']);
  });

  it('gives its TCP port a listener of its own', () => {
    const names = (capturesDns: boolean) =>
      configOf(ENTRIES, proxyNamed({ metadata: { capturesDns } })).listeners.map(
        ({ name }) => name,
      );
    expect(names(true)).toEqual(expect.arrayContaining(['240.240.0.1_5432', '240.240.0.2_5432']));
    expect(names(false)).not.toContain('240.240.0.1_5432');
  });
});

it('a dual-stack Service is known by the addresses of the families that the proxy has', () => {
  const { services } = modelOf(`
apiVersion: v1
kind: Service
metadata: {name: s, namespace: ns}
spec: {clusterIP: 10.0.0.1, clusterIPs: [10.0.0.1, 'fd00::1'], ports: [{name: http, port: 80}]}
`).registry;
  expect(addressesForProxy(services[0]!, proxyNamed({ ip: '10.9.9.9' }))).toEqual(['10.0.0.1']);
  expect(addressesForProxy(services[0]!, proxyNamed({ ip: 'fd00::9' }))).toEqual(['fd00::1']);
});
