import { describe, expect, it } from 'vitest';
import type { HttpConnectionManager, Listener } from '#xds/listener.ts';
import { chainsOf, listenerNamed } from '../test-chains.ts';
import { configOf, type MeshOptions, proxyNamed } from '../test-mesh.ts';

interface PortSpec {
  readonly name: string;
  readonly port: number;
}

let minute = 9;
/** Services are older the earlier they are made. */
function service(name: string, clusterIP: string, ...ports: readonly PortSpec[]): string {
  minute++;
  return `---
apiVersion: v1
kind: Service
metadata: {name: ${name}, namespace: ns, creationTimestamp: "2026-01-01T00:${minute}:00Z"}
spec: {clusterIP: ${clusterIP}, selector: {app: ${name}}, ports: ${JSON.stringify(ports)}}
`;
}

function resource(kind: string, name: string, spec: object): string {
  return `---
apiVersion: networking.istio.io/v1
kind: ${kind}
metadata: {name: ${name}, namespace: ns}
spec: ${JSON.stringify(spec)}
`;
}

function listeners(manifests: string, options: MeshOptions = {}, proxy = proxyNamed()) {
  return configOf(manifests, proxy, options).listeners;
}

const cluster = (name: string, port: number, subset = '') =>
  `outbound|${port}|${subset}|${name}.ns.svc.cluster.local`;
const SNIFFED = 'raw_buffer http/1.1,h2c';

describe('ports of services', () => {
  it('of HTTP share one listener on all addresses, which passes other bytes through', () => {
    const found = listeners(
      service('a', '10.0.0.1', { name: 'http', port: 80 }) +
        service('b', '10.0.0.2', { name: 'grpc', port: 80 }),
    );
    const shared = listenerNamed(found, '0.0.0.0_80');
    expect(chainsOf(shared)).toEqual([`${SNIFFED} -> routes 80`, 'else -> PassthroughCluster']);
    expect(shared).toMatchObject({
      bindToPort: false,
      trafficDirection: 'OUTBOUND',
      listenerFiltersTimeout: '0s',
      continueOnListenerFiltersTimeout: true,
    });
    expect(found.filter(({ name }) => name?.endsWith('_80'))).toHaveLength(1);
  });

  it('of TCP have a listener at the address of the service, without inspectors', () => {
    const found = listeners(service('db', '10.0.0.1', { name: 'tcp', port: 5432 }));
    const own = listenerNamed(found, '10.0.0.1_5432');
    expect(chainsOf(own)).toEqual([`any -> ${cluster('db', 5432)}`]);
    expect(own.listenerFilters ?? []).toEqual([]);
  });

  it('of an undeclared protocol sniff: HTTP has routes of its own, the rest its cluster', () => {
    const found = listeners(service('any', '10.0.0.1', { name: 'x', port: 9000 }));
    expect(chainsOf(listenerNamed(found, '10.0.0.1_9000'))).toEqual([
      `${SNIFFED} -> routes any.ns.svc.cluster.local:9000`,
      `else -> ${cluster('any', 9000)}`,
    ]);
  });

  it('of MySQL and Mongo share with nobody: the newcomer loses', () => {
    const entry = (name: string, protocol: string) =>
      resource('ServiceEntry', name, {
        hosts: [`${name}.example`],
        ports: [{ number: 3306, name: 'p', protocol }],
        resolution: 'DNS',
      });
    const found = listeners(entry('a', 'MySQL') + entry('b', 'HTTP'));
    expect(chainsOf(listenerNamed(found, '0.0.0.0_3306'))).toEqual([
      'any -> outbound|3306||a.example',
    ]);
  });

  it('of UDP have none, and neither have the proxy’s own ports', () => {
    const udp = service('dns', '10.0.0.1', { name: 'dns', port: 53 }).replace(
      '"port":53',
      '"port":53,"protocol":"UDP"',
    );
    const own = service('clash', '10.0.0.2', { name: 'http', port: 15001 });
    const names = listeners(udp + own).map(({ name }) => name);
    expect(names).toEqual(['virtualOutbound', 'virtualInbound']);
  });
});

describe('HTTP and TCP on one port of all addresses', () => {
  const external = (name: string, protocol: string, extra: object = {}) =>
    resource('ServiceEntry', name, {
      hosts: [`${name}.example`],
      ports: [{ number: 7000, name: 'p', protocol }],
      resolution: 'DNS',
      ...extra,
    });

  it('make a listener that sniffs, whichever came first', () => {
    const tcpFirst = listeners(external('a', 'TCP') + external('b', 'HTTP'));
    const httpFirst = listeners(external('a', 'HTTP') + external('b', 'TCP'));
    expect(new Set(chainsOf(listenerNamed(tcpFirst, '0.0.0.0_7000')))).toEqual(
      new Set([`${SNIFFED} -> routes 7000`, 'else -> outbound|7000||a.example']),
    );
    expect(new Set(chainsOf(listenerNamed(httpFirst, '0.0.0.0_7000')))).toEqual(
      new Set([`${SNIFFED} -> routes 7000`, 'else -> outbound|7000||b.example']),
    );
  });

  it('keep TCP services apart by the ranges of their addresses', () => {
    const found = listeners(
      external('a', 'TCP', { addresses: ['10.1.0.0/16'] }) +
        external('b', 'TCP', { addresses: ['10.2.0.0/16'] }) +
        external('c', 'HTTP'),
    );
    expect(new Set(chainsOf(listenerNamed(found, '0.0.0.0_7000')))).toEqual(
      new Set([
        '10.1.0.0/16 -> outbound|7000||a.example',
        '10.2.0.0/16 -> outbound|7000||b.example',
        `${SNIFFED} -> routes 7000`,
        'else -> PassthroughCluster',
      ]),
    );
  });

  it('leave a second service of the same match out', () => {
    const found = listeners(external('a', 'TCP') + external('b', 'TCP'));
    expect(chainsOf(listenerNamed(found, '0.0.0.0_7000'))).toEqual([
      'any -> outbound|7000||a.example',
    ]);
  });

  it('tell TLS services apart by the names of their hosts', () => {
    const found = listeners(external('a', 'TLS') + external('b', 'HTTPS'));
    expect(chainsOf(listenerNamed(found, '0.0.0.0_7000'))).toEqual([
      'sni=a.example -> outbound|7000||a.example',
      'sni=b.example -> outbound|7000||b.example',
      'else -> PassthroughCluster',
    ]);
  });
});

describe('a headless service', () => {
  const pod = (name: string, ip: string) => `---
apiVersion: v1
kind: Pod
metadata: {name: ${name}, namespace: ns, labels: {app: db}}
spec: {containers: [{name: db, image: db}]}
status: {podIP: ${ip}, phase: Running, conditions: [{type: Ready, status: "True"}]}
`;
  const manifests =
    service('db', 'None', { name: 'tcp', port: 5432 }) +
    pod('db-0', '10.5.0.1') +
    pod('db-1', '10.5.0.2');

  it('of TCP has one listener per endpoint, all to the one cluster', () => {
    const found = listeners(manifests);
    for (const address of ['10.5.0.1', '10.5.0.2']) {
      expect(chainsOf(listenerNamed(found, `${address}_5432`))).toEqual([
        `any -> ${cluster('db', 5432)}`,
      ]);
    }
  });

  it('gives a workload no listener for itself', () => {
    const db0 = proxyNamed({ name: 'db-0', ip: '10.5.0.1', labels: { app: 'db' } });
    const names = listeners(manifests, {}, db0).map(({ name }) => name);
    expect(names).toContain('10.5.0.2_5432');
    expect(names).not.toContain('10.5.0.1_5432');
  });
});

describe('virtualOutbound', () => {
  it('passes unknown destinations through, or drops them where only the registry may be called', () => {
    const any = listenerNamed(listeners(''), 'virtualOutbound');
    expect(chainsOf(any)).toEqual([':15001 -> BlackHoleCluster', 'any -> PassthroughCluster']);
    expect(any).toMatchObject({
      useOriginalDst: true,
      address: { socketAddress: { portValue: 15001 } },
    });
    const registryOnly = { meshConfig: { outboundTrafficPolicy: { mode: 'REGISTRY_ONLY' } } };
    expect(chainsOf(listenerNamed(listeners('', registryOnly), 'virtualOutbound'))).toEqual([
      ':15001 -> BlackHoleCluster',
      'any -> BlackHoleCluster',
    ]);
  });
});

describe('hosts that are resolved when they are asked for', () => {
  const filtersOf = ({ filterChains = [] }: Listener): string[] =>
    filterChains.flatMap(({ filters = [] }) =>
      filters.flatMap(({ name, typedConfig }) => [
        name,
        ...((typedConfig as Partial<HttpConnectionManager>).httpFilters ?? []).map((it) => it.name),
      ]),
    );
  const HTTP_RESOLVER = 'envoy.filters.http.dynamic_forward_proxy';

  it('of a wildcard ServiceEntry are resolved by Host or by SNI', () => {
    const entry = resource('ServiceEntry', 'any', {
      hosts: ['*.any.example'],
      ports: [
        { number: 80, name: 'http', protocol: 'HTTP' },
        { number: 443, name: 'tls', protocol: 'TLS' },
      ],
      resolution: 'DYNAMIC_DNS',
    });
    const found = listeners(entry);
    expect(filtersOf(listenerNamed(found, '0.0.0.0_80'))).toContain(HTTP_RESOLVER);
    expect(filtersOf(listenerNamed(found, '0.0.0.0_443'))).toEqual([
      'envoy.filters.network.sni_dynamic_forward_proxy',
      'envoy.filters.network.tcp_proxy',
    ]);
  });

  it('may be all that nobody knows', () => {
    const options = { meshConfig: { outboundTrafficPolicy: { mode: 'ALLOW_ANY_DYNAMIC_DNS' } } };
    const found = listenerNamed(listeners('', options), 'virtualOutbound');
    expect(chainsOf(found)).toEqual([
      ':15001 -> BlackHoleCluster',
      'http/1.1,h2c -> routes allow_any_dynamic_dns',
      'any -> PassthroughCluster',
    ]);
    expect(filtersOf(found)).toContain(HTTP_RESOLVER);
  });
});

describe('a VirtualService for other than HTTP', () => {
  const db = service('db', '10.0.0.1', { name: 'tcp', port: 5432 });

  it('splits TCP connections by weight', () => {
    const split = resource('VirtualService', 'split', {
      hosts: ['db'],
      tcp: [
        {
          route: [
            { destination: { host: 'db', subset: 'v1' }, weight: 90 },
            { destination: { host: 'db', subset: 'v2' }, weight: 10 },
          ],
        },
      ],
    });
    expect(chainsOf(listenerNamed(listeners(db + split), '10.0.0.1_5432'))).toEqual([
      `any -> 90 ${cluster('db', 5432, 'v1')} + 10 ${cluster('db', 5432, 'v2')}`,
    ]);
  });

  it('matches ranges of destinations and labels of the caller', () => {
    const matched = resource('VirtualService', 'matched', {
      hosts: ['db'],
      tcp: [
        {
          match: [{ destinationSubnets: ['10.0.0.0/8'], sourceLabels: { app: 'web' } }],
          route: [{ destination: { host: 'db', subset: 'web' } }],
        },
        { route: [{ destination: { host: 'db' } }] },
      ],
    });
    const web = proxyNamed({ labels: { app: 'web' } });
    expect(chainsOf(listenerNamed(listeners(db + matched, {}, web), '10.0.0.1_5432'))).toEqual([
      `10.0.0.0/8 -> ${cluster('db', 5432, 'web')}`,
      `else -> ${cluster('db', 5432)}`,
    ]);
    expect(chainsOf(listenerNamed(listeners(db + matched), '10.0.0.1_5432'))).toEqual([
      `any -> ${cluster('db', 5432)}`,
    ]);
  });

  it('routes TLS by SNI', () => {
    const entry = resource('ServiceEntry', 'x', {
      hosts: ['a.example', 'b.example'],
      ports: [{ number: 443, name: 'tls', protocol: 'TLS' }],
      resolution: 'DNS',
    });
    const swap = resource('VirtualService', 'swap', {
      hosts: ['a.example'],
      tls: [
        {
          match: [{ port: 443, sniHosts: ['a.example'] }],
          route: [{ destination: { host: 'b.example' } }],
        },
      ],
    });
    expect(chainsOf(listenerNamed(listeners(entry + swap), '0.0.0.0_443'))).toEqual([
      'sni=a.example -> outbound|443||b.example',
      'sni=b.example -> outbound|443||b.example',
      'else -> PassthroughCluster',
    ]);
  });
});

describe('a Sidecar', () => {
  const services =
    service('a', '10.0.0.1', { name: 'http', port: 80 }, { name: 'http-alt', port: 81 }) +
    service('b', '10.0.0.2', { name: 'tcp', port: 5432 });

  it('shows only what its egress lists', () => {
    const sidecar = resource('Sidecar', 'default', {
      egress: [{ hosts: ['./b.ns.svc.cluster.local'] }],
    });
    const names = listeners(services + sidecar).map(({ name }) => name);
    expect(names).toEqual(['10.0.0.2_5432', 'virtualOutbound', 'virtualInbound']);
  });

  it('puts the hosts of an egress listener on its port and bind, which it may bind itself', () => {
    const sidecar = resource('Sidecar', 'default', {
      egress: [
        {
          port: { number: 81, protocol: 'HTTP', name: 'http' },
          bind: '127.0.0.1',
          captureMode: 'NONE',
          hosts: ['./a.ns.svc.cluster.local'],
        },
        { hosts: ['./b.ns.svc.cluster.local'] },
      ],
    });
    const found = listeners(services + sidecar);
    const own = listenerNamed(found, '127.0.0.1_81');
    expect(chainsOf(own)).toEqual(['any -> routes 81']);
    expect(own.bindToPort ?? true).toBe(true);
    expect(found.map(({ name }) => name)).toContain('10.0.0.2_5432');
  });

  it('may forbid what is not in the registry', () => {
    const sidecar = resource('Sidecar', 'default', {
      outboundTrafficPolicy: { mode: 'REGISTRY_ONLY' },
    });
    expect(chainsOf(listenerNamed(listeners(services + sidecar), '0.0.0.0_80'))).toEqual([
      `${SNIFFED} -> routes 80`,
      'else -> BlackHoleCluster',
    ]);
  });
});
