import { describe, expect, it } from 'vitest';
import type { Listener } from '#xds/listener.ts';
import { chainsOf, listenerNamed } from '../test-chains.ts';
import { configOf, proxyNamed, REFERENCE_SERVICES } from '../test-mesh.ts';

let minute = 9;
/** Gateways are older the earlier they are made. */
function gateway(name: string, ...servers: readonly object[]): string {
  minute++;
  return resource('Gateway', name, { selector: { istio: 'gw' }, servers });
}

function resource(kind: string, name: string, spec: object): string {
  return `---
apiVersion: networking.istio.io/v1
kind: ${kind}
metadata: {name: ${name}, namespace: ns, creationTimestamp: "2026-01-01T00:${minute}:00Z"}
spec: ${JSON.stringify(spec)}
`;
}

const http = (port: number, ...hosts: readonly string[]) => ({
  port: { number: port, name: `http-${port}`, protocol: 'HTTP' },
  hosts,
});
const tls = (port: number, protocol: string, mode: string, ...hosts: readonly string[]) => ({
  port: { number: port, name: hosts[0], protocol },
  hosts,
  tls: mode === 'PASSTHROUGH' ? { mode } : { mode, credentialName: 'cert' },
});
const virtualService = (name: string, gateways: readonly string[], rest: object) =>
  resource('VirtualService', name, { gateways, ...rest });
const toB = [{ route: [{ destination: { host: 'b', port: { number: 80 } } }] }];

const proxy = proxyNamed({ kind: 'gateway', name: 'gw', labels: { istio: 'gw' } });
const generated = (manifests: string) => configOf(REFERENCE_SERVICES + manifests, proxy);
const clusterB = 'outbound|80||b.ns.svc.cluster.local';

describe('plain HTTP servers of a gateway', () => {
  it('of one port share a listener and a route configuration, whichever Gateway they are of', () => {
    const { listeners, routes } = generated(
      gateway('one', http(8080, 'a.example')) +
        gateway('two', http(8080, 'b.example')) +
        virtualService('a', ['one'], { hosts: ['a.example'], http: toB }) +
        virtualService('b', ['two'], { hosts: ['b.example'], http: toB }),
    );
    expect(chainsOf(listenerNamed(listeners, '0.0.0.0_8080'))).toEqual(['any -> routes http.8080']);
    const names = routes.flatMap(({ virtualHosts = [] }) => virtualHosts.map(({ name }) => name));
    expect(names).toEqual(['a.example:8080', 'b.example:8080']);
  });

  it('answer 404 to everything while no VirtualService names their Gateway', () => {
    const { routes } = generated(gateway('one', http(8080, '*')));
    expect(routes[0]?.virtualHosts).toMatchObject([{ name: 'blackhole:8080', domains: ['*'] }]);
  });

  it('redirect to HTTPS when they say so, and still have their routes', () => {
    const { routes } = generated(
      gateway('one', { ...http(8080, 'a.example'), tls: { httpsRedirect: true } }) +
        virtualService('a', ['one'], { hosts: ['a.example'], http: toB }),
    );
    expect(routes[0]?.virtualHosts).toMatchObject([{ name: 'a.example:8080', requireTls: 'ALL' }]);
  });

  it('take the hosts that VirtualService and server have in common', () => {
    const { routes } = generated(
      gateway('one', http(8080, '*.example')) +
        virtualService('a', ['one'], { hosts: ['a.example', 'elsewhere.test'], http: toB }),
    );
    expect(routes[0]?.virtualHosts?.map(({ domains }) => domains)).toEqual([['a.example']]);
  });

  it('listen on the port of the container behind the gateway’s Service', () => {
    const service = `---
apiVersion: v1
kind: Service
metadata: {name: gw, namespace: ns}
spec: {clusterIP: 10.0.1.1, selector: {istio: gw}, ports: [{name: http, port: 80, targetPort: 8080}]}
---
apiVersion: v1
kind: Pod
metadata: {name: gw, namespace: ns, labels: {istio: gw}}
spec: {containers: [{name: p, image: p}]}
status: {podIP: 10.9.9.9, phase: Running, conditions: [{type: Ready, status: "True"}]}
`;
    const { listeners } = generated(service + gateway('one', http(80, '*')));
    expect(listeners.map(({ name }) => name)).toEqual(['0.0.0.0_8080']);
  });
});

describe('TLS servers of a gateway', () => {
  it('each have a chain by SNI; HTTPS ends there and routes, TLS passes on', () => {
    const { listeners } = generated(
      gateway(
        'one',
        tls(8443, 'HTTPS', 'SIMPLE', 'a.example'),
        tls(8443, 'HTTPS', 'MUTUAL', 'm.example'),
      ) +
        gateway('two', tls(8443, 'TLS', 'PASSTHROUGH', 'p.example')) +
        virtualService('p', ['two'], {
          hosts: ['p.example'],
          tls: [{ match: [{ port: 8443, sniHosts: ['p.example'] }], ...toB[0] }],
        }),
    );
    expect(chainsOf(listenerNamed(listeners, '0.0.0.0_8443'))).toEqual([
      'sni=a.example -> TLS, routes https.8443.a.example.one.ns',
      'sni=m.example -> TLS, routes https.8443.m.example.one.ns',
      `sni=p.example -> ${clusterB}`,
    ]);
  });

  it('lose as a whole when an older server has one of their hosts', () => {
    const { listeners } = generated(
      gateway('old', tls(8443, 'HTTPS', 'SIMPLE', 'a.example')) +
        gateway('new', tls(8443, 'HTTPS', 'SIMPLE', 'a.example', 'b.example')),
    );
    expect(chainsOf(listenerNamed(listeners, '0.0.0.0_8443'))).toEqual([
      'sni=a.example -> TLS, routes https.8443.a.example.old.ns',
    ]);
  });

  it('of one Gateway need names of their own for their ports', () => {
    const second = tls(8443, 'HTTPS', 'SIMPLE', 'b.example');
    const sameName = { ...second, port: { ...second.port, name: 'a.example' } };
    const { listeners } = generated(
      gateway('one', tls(8443, 'HTTPS', 'SIMPLE', 'a.example'), sameName),
    );
    expect(chainsOf(listenerNamed(listeners, '0.0.0.0_8443'))).toEqual([
      'sni=a.example -> TLS, routes https.8443.a.example.one.ns',
    ]);
  });

  it('cannot share a port with plain HTTP', () => {
    const { listeners } = generated(
      gateway('old', http(8080, 'a.example')) +
        gateway('new', tls(8080, 'HTTPS', 'SIMPLE', 'b.example')),
    );
    expect(chainsOf(listenerNamed(listeners, '0.0.0.0_8080'))).toEqual(['any -> routes http.8080']);
  });

  it('that end opaque TLS hand its bytes to the VirtualService’s TCP route', () => {
    const { listeners } = generated(
      gateway('one', tls(8443, 'TLS', 'SIMPLE', 'a.example')) +
        virtualService('a', ['one'], { hosts: ['a.example'], tcp: toB }),
    );
    expect(chainsOf(listenerNamed(listeners, '0.0.0.0_8443'))).toEqual([
      `sni=a.example -> TLS, ${clusterB}`,
    ]);
  });

  it('ask for the client’s certificate when TLS is mutual, and only then', () => {
    const requires = (mode: string): unknown => {
      const { listeners } = generated(gateway('one', tls(8443, 'HTTPS', mode, 'a.example')));
      return certificateRequired(listenerNamed(listeners, '0.0.0.0_8443'));
    };
    expect(requires('MUTUAL')).toBe(true);
    expect(requires('SIMPLE')).toBe(false);
  });
});

function certificateRequired({ filterChains = [] }: Listener): unknown {
  const context = filterChains[0]?.transportSocket?.typedConfig as
    | { readonly requireClientCertificate?: boolean }
    | undefined;
  return context?.requireClientCertificate;
}

describe('a TCP server of a gateway', () => {
  const tcp = { port: { number: 9000, name: 'tcp', protocol: 'TCP' }, hosts: ['*'] };

  it('leads where a VirtualService sends its port', () => {
    const { listeners } = generated(
      gateway('one', tcp) +
        virtualService('a', ['one'], {
          hosts: ['*'],
          tcp: [{ match: [{ port: 9000 }], ...toB[0] }],
        }),
    );
    expect(chainsOf(listenerNamed(listeners, '0.0.0.0_9000'))).toEqual([`any -> ${clusterB}`]);
  });
});
