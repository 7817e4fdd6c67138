import { describe, expect, it } from 'vitest';
import type { HttpConnectionManager } from '#xds/listener.ts';
import { chainsOf, listenerNamed } from '../test-chains.ts';
import { configOf, type MeshOptions, proxyNamed } from '../test-mesh.ts';

const server = proxyNamed({ name: 'web', labels: { app: 'web' } });

function service(...ports: readonly object[]): string {
  return `---
apiVersion: v1
kind: Service
metadata: {name: web, namespace: ns}
spec: {clusterIP: 10.0.0.1, selector: {app: web}, ports: ${JSON.stringify(ports)}}
---
apiVersion: v1
kind: Pod
metadata: {name: web, namespace: ns, labels: {app: web}}
spec: {containers: [{name: web, image: web}]}
status: {podIP: 10.9.9.9, phase: Running, conditions: [{type: Ready, status: "True"}]}
`;
}

function peerAuthentication(name: string, spec: object): string {
  return `---
apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata: {name: ${name}, namespace: ns}
spec: ${JSON.stringify(spec)}
`;
}

function virtualInbound(manifests: string, options: MeshOptions = {}) {
  return listenerNamed(configOf(manifests, server, options).listeners, 'virtualInbound');
}

const chains = (manifests: string) => chainsOf(virtualInbound(manifests));
/** The chains of one port. */
const chainsAt = (port: number, manifests: string) =>
  chains(manifests).filter((chain) => chain.startsWith(`:${port} `));

const HTTP_PORT = { name: 'http', port: 80, targetPort: 8080 };
const MESH = 'istio,istio-peer-exchange,istio-http/1.0,istio-http/1.1,istio-h2';
const MESH_HTTP = 'istio-http/1.0,istio-http/1.1,istio-h2';
const INBOUND = 'inbound|8080||';

describe('a port that speaks HTTP', () => {
  it('takes mutual TLS of the mesh and cleartext by default', () => {
    expect(chainsAt(8080, service(HTTP_PORT))).toEqual([
      `:8080 tls ${MESH} -> TLS, routes ${INBOUND}`,
      `:8080 raw_buffer -> routes ${INBOUND}`,
    ]);
  });

  it('takes nothing but TLS under STRICT', () => {
    const strict = peerAuthentication('default', { mtls: { mode: 'STRICT' } });
    expect(chainsAt(8080, service(HTTP_PORT) + strict)).toEqual([
      `:8080 tls -> TLS, routes ${INBOUND}`,
    ]);
  });

  it('takes nothing but cleartext under DISABLE', () => {
    const disabled = peerAuthentication('default', { mtls: { mode: 'DISABLE' } });
    expect(chainsAt(8080, service(HTTP_PORT) + disabled)).toEqual([
      `:8080 raw_buffer -> routes ${INBOUND}`,
    ]);
  });

  it('sends everything to the application over one route that no VirtualService touches', () => {
    const chain = virtualInbound(service(HTTP_PORT)).filterChains?.at(-1);
    const manager = chain?.filters?.at(-1)?.typedConfig as HttpConnectionManager;
    expect(manager.routeConfig).toMatchObject({
      name: INBOUND,
      virtualHosts: [
        {
          name: 'inbound|http|80',
          domains: ['*'],
          routes: [{ name: 'default', route: { cluster: INBOUND, timeout: '0s' } }],
        },
      ],
    });
  });
});

describe('a port that speaks TCP', () => {
  it('under PERMISSIVE leaves the application’s own TLS alone', () => {
    expect(chainsAt(5432, service({ name: 'tcp', port: 5432 }))).toEqual([
      `:5432 tls ${MESH} -> TLS, inbound|5432||`,
      ':5432 tls -> inbound|5432||',
      ':5432 raw_buffer -> inbound|5432||',
    ]);
  });
});

describe('a port of an undeclared protocol', () => {
  it('under PERMISSIVE has a chain for every kind of caller', () => {
    expect(chainsAt(9000, service({ name: 'x', port: 9000 }))).toEqual([
      `:9000 tls ${MESH_HTTP} -> TLS, routes inbound|9000||`,
      ':9000 raw_buffer http/1.1,h2c -> routes inbound|9000||',
      ':9000 tls istio-peer-exchange,istio -> TLS, inbound|9000||',
      ':9000 raw_buffer -> inbound|9000||',
      ':9000 tls -> inbound|9000||',
    ]);
  });

  it('under STRICT tells HTTP from other bytes by the ALPN of the mesh', () => {
    const strict = peerAuthentication('default', { mtls: { mode: 'STRICT' } });
    expect(chainsAt(9000, service({ name: 'x', port: 9000 }) + strict)).toEqual([
      `:9000 tls ${MESH_HTTP} -> TLS, routes inbound|9000||`,
      ':9000 tls -> TLS, inbound|9000||',
    ]);
  });
});

describe('ports that no service mentions', () => {
  it('go to the application as they are', () => {
    expect(chains('')).toEqual([
      ':15006 -> BlackHoleCluster',
      `tls ${MESH_HTTP} -> TLS, routes InboundPassthroughCluster`,
      'raw_buffer http/1.1,h2c -> routes InboundPassthroughCluster',
      'tls istio-peer-exchange,istio -> TLS, InboundPassthroughCluster',
      'raw_buffer -> InboundPassthroughCluster',
      'tls -> InboundPassthroughCluster',
    ]);
  });

  it('may have a mode of their own', () => {
    const oneOpen = peerAuthentication('web', {
      selector: { matchLabels: { app: 'web' } },
      mtls: { mode: 'STRICT' },
      portLevelMtls: { 9090: { mode: 'DISABLE' } },
    });
    expect(chainsAt(9090, oneOpen)).toEqual([
      ':9090 raw_buffer http/1.1,h2c -> routes InboundPassthroughCluster',
      ':9090 raw_buffer -> InboundPassthroughCluster',
    ]);
  });
});

describe('two services with one container port', () => {
  it('are served as the older says', () => {
    const older = service(HTTP_PORT).replace(
      '{name: web,',
      '{name: a, creationTimestamp: "2026-01-01T00:00:00Z",',
    );
    const younger = service({ name: 'tcp', port: 81, targetPort: 8080 }).replace(
      '{name: web,',
      '{name: b, creationTimestamp: "2026-02-01T00:00:00Z",',
    );
    const both = older + younger.slice(0, younger.indexOf('---\napiVersion: v1\nkind: Pod'));
    expect(chainsAt(8080, both).at(-1)).toBe(`:8080 raw_buffer -> routes ${INBOUND}`);
  });
});

describe('a Sidecar with ingress', () => {
  const sidecar = (ingress: object) => `---
apiVersion: networking.istio.io/v1
kind: Sidecar
metadata: {name: web, namespace: ns}
spec: ${JSON.stringify({
    workloadSelector: { labels: { app: 'web' } },
    ingress: [ingress],
    egress: [{ hosts: ['./*'] }],
  })}
`;

  it('serves its ports instead of the services’', () => {
    const port = { number: 7000, protocol: 'HTTP', name: 'http' };
    const found = chains(service(HTTP_PORT) + sidecar({ port, defaultEndpoint: '127.0.0.1:8080' }));
    expect(found.filter((chain) => /^:\d/.test(chain))).toEqual([
      ':15006 -> BlackHoleCluster',
      `:7000 tls ${MESH} -> TLS, routes inbound|7000||`,
      ':7000 raw_buffer -> routes inbound|7000||',
    ]);
  });

  it('binds a port itself when nothing is captured there', () => {
    const port = { number: 7000, protocol: 'TCP', name: 'tcp' };
    const ingress = {
      port,
      bind: '0.0.0.0',
      captureMode: 'NONE',
      defaultEndpoint: '127.0.0.1:8080',
    };
    const { listeners } = configOf(service(HTTP_PORT) + sidecar(ingress), server);
    expect(chainsOf(listenerNamed(listeners, '0.0.0.0_7000')).at(-1)).toBe(
      ':7000 raw_buffer -> inbound|7000||',
    );
    expect(chainsOf(listenerNamed(listeners, 'virtualInbound')).join()).not.toContain(':7000');
  });
});

describe('what tells the chains apart', () => {
  it('is looked for only on ports that need it', () => {
    const strict = peerAuthentication('default', { mtls: { mode: 'STRICT' } });
    const { listenerFilters = [] } = virtualInbound(service(HTTP_PORT) + strict);
    expect(listenerFilters.map(({ name }) => name)).toEqual([
      'envoy.filters.listener.original_dst',
      'envoy.filters.listener.tls_inspector',
    ]);
  });
});
