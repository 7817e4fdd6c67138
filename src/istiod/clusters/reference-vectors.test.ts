import { describe, expect, it } from 'vitest';
import { clustersByName, configOf, proxyNamed, REFERENCE_SERVICES } from '../test-mesh.ts';

const fqdn = (name: string): string => `${name}.ns.svc.cluster.local`;
const B = `outbound|80||${fqdn('b')}`;
const MAX = 4294967295;

function clusters(extra: string, proxy = proxyNamed(), meshConfig: object = {}) {
  return clustersByName(configOf(`${REFERENCE_SERVICES}---\n${extra}`, proxy, { meshConfig }));
}

function rule(spec: string, metadata = 'name: b, namespace: ns'): string {
  return `
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {${metadata}}
spec: ${spec}
---
`;
}

const gateway = proxyNamed({ kind: 'gateway', namespace: 'istio-system', name: 'gw' });

describe('the clusters of services that no rule speaks of', () => {
  const found = clusters('');

  it('balance by least request, without limits, and never panic', () => {
    expect(found.get(B)).toMatchObject({
      type: 'EDS',
      lbPolicy: 'LEAST_REQUEST',
      connectTimeout: '10s',
      commonLbConfig: { healthyPanicThreshold: {} },
      circuitBreakers: {
        thresholds: [
          { maxConnections: MAX, maxPendingRequests: MAX, maxRequests: MAX, maxRetries: MAX },
        ],
      },
    });
    expect(found.get(B)!.transportSocketMatches!.map(({ name }) => name)).toEqual([
      'tlsMode-istio',
      'tlsMode-disabled',
    ]);
  });

  it('follow the original destination of a headless service on sidecars alone', () => {
    const name = `outbound|80||${fqdn('hl')}`;
    expect(found.get(name)!.type).toBe('ORIGINAL_DST');
    expect(clusters('', gateway).get(name)!.type).toBe('EDS');
  });

  it('send plaintext to a headless service without endpoints', () => {
    const headless = found.get(`outbound|80||${fqdn('hl')}`)!;
    expect(headless.transportSocket).toBeUndefined();
    expect(headless.transportSocketMatches).toBeUndefined();
  });

  it('leave ExternalName Services out', () => {
    expect([...found.keys()].filter((name) => name.includes('ext'))).toEqual([]);
  });

  it('include a passthrough and a black hole on sidecars, only the latter on gateways', () => {
    expect(found.has('PassthroughCluster')).toBe(true);
    expect(found.has('BlackHoleCluster')).toBe(true);
    expect(clusters('', gateway).has('PassthroughCluster')).toBe(false);
    expect(clusters('', gateway).has('BlackHoleCluster')).toBe(true);
  });
});

describe('port level settings', () => {
  it('replace the policy above them whole', () => {
    const cluster = clusters(
      rule(`
  host: b
  trafficPolicy:
    connectionPool: {tcp: {maxConnections: 5}, http: {http1MaxPendingRequests: 3}}
    outlierDetection: {consecutive5xxErrors: 4}
    portLevelSettings: [{port: {number: 80}, loadBalancer: {simple: ROUND_ROBIN}}]`),
    ).get(B)!;
    expect(cluster.lbPolicy).toBeUndefined();
    expect(cluster.circuitBreakers!.thresholds![0]).toMatchObject({
      maxConnections: MAX,
      maxPendingRequests: MAX,
    });
    expect(cluster.outlierDetection).toBeUndefined();
  });
});

describe('a subset', () => {
  it('replaces a block whole and keeps the others', () => {
    const found = clusters(
      rule(`
  host: b
  trafficPolicy:
    connectionPool: {tcp: {maxConnections: 5}, http: {http1MaxPendingRequests: 3}}
    outlierDetection: {consecutive5xxErrors: 4}
  subsets:
  - name: v2
    labels: {version: v2}
    trafficPolicy: {connectionPool: {http: {http2MaxRequests: 9}}}`),
    );
    expect(found.get(B)!.circuitBreakers!.thresholds![0]).toMatchObject({
      maxConnections: 5,
      maxPendingRequests: 3,
      maxRequests: MAX,
    });
    const subset = found.get(`outbound|80|v2|${fqdn('b')}`)!;
    expect(subset.circuitBreakers!.thresholds![0]).toMatchObject({
      maxConnections: MAX,
      maxPendingRequests: MAX,
      maxRequests: 9,
    });
    expect(subset.outlierDetection).toMatchObject({ consecutive5xx: 4 });
  });
});

describe('outlier detection', () => {
  it.each([
    ['{}', { enforcingSuccessRate: 0 }, {}],
    [
      '{consecutiveGatewayErrors: 3, minHealthPercent: 40, consecutiveErrors: 2, interval: 5s}',
      {
        consecutiveGatewayFailure: 3,
        enforcingConsecutiveGatewayFailure: 100,
        enforcingSuccessRate: 0,
        interval: '5s',
      },
      { value: 40 },
    ],
    [
      '{consecutive5xxErrors: 0}',
      { consecutive5xx: 0, enforcingConsecutive5xx: 0, enforcingSuccessRate: 0 },
      {},
    ],
  ])('of %s enforces only what is given', (settings, expected, panic) => {
    const cluster = clusters(rule(`{host: b, trafficPolicy: {outlierDetection: ${settings}}}`)).get(
      B,
    )!;
    expect(cluster.outlierDetection).toEqual(expected);
    expect(cluster.commonLbConfig!.healthyPanicThreshold).toEqual(panic);
  });
});

describe('which rule applies', () => {
  const inNs = rule('{host: b, trafficPolicy: {connectionPool: {tcp: {maxConnections: 200}}}}');
  const connections = (extra: string, proxy = proxyNamed()): number =>
    clusters(extra, proxy).get(B)!.circuitBreakers!.thresholds![0]!.maxConnections!;

  it('is the service namespace before a public one of the root namespace, for a gateway there', () => {
    const inRoot = rule(
      `{host: ${fqdn('b')}, trafficPolicy: {connectionPool: {tcp: {maxConnections: 100}}}}`,
      'name: root, namespace: istio-system',
    );
    expect(connections(inNs + inRoot, gateway)).toBe(200);
  });

  it('is a private one of the root namespace before it, for a gateway there', () => {
    const inRoot = rule(
      `{host: '*.local', exportTo: ['.'], trafficPolicy: {connectionPool: {tcp: {maxConnections: 300}}}}`,
      'name: root, namespace: istio-system',
    );
    expect(connections(inNs + inRoot, gateway)).toBe(300);
  });

  it('is a wildcard of the client namespace before an exact one of the service namespace', () => {
    const inClient = rule(
      `{host: '*.local', trafficPolicy: {connectionPool: {tcp: {maxConnections: 400}}}}`,
      'name: wide, namespace: shop',
    );
    expect(connections(inNs + inClient, proxyNamed({ namespace: 'shop' }))).toBe(400);
  });

  it('is the last of two whose exportTo is written differently: subsets are not united', () => {
    const found = clusters(
      rule('{host: b, subsets: [{name: s1}]}', 'name: a1, namespace: ns') +
        rule(`{host: b, exportTo: ['*'], subsets: [{name: s2}]}`, 'name: a2, namespace: ns'),
    );
    expect(found.has(`outbound|80|s1|${fqdn('b')}`)).toBe(false);
    expect(found.has(`outbound|80|s2|${fqdn('b')}`)).toBe(true);
  });

  it('is both before 1.24, whatever their exportTo', () => {
    const mesh =
      rule('{host: b, subsets: [{name: s1}]}', 'name: a1, namespace: ns') +
      rule(`{host: b, exportTo: ['*'], subsets: [{name: s2}]}`, 'name: a2, namespace: ns');
    const old = clustersByName(
      configOf(`${REFERENCE_SERVICES}---\n${mesh}`, proxyNamed(), { istioMinor: 23 }),
    );
    expect(old.has(`outbound|80|s1|${fqdn('b')}`)).toBe(true);
    expect(old.has(`outbound|80|s2|${fqdn('b')}`)).toBe(true);
  });

  it('is one where the newer is exported to more: its subsets join, its namespaces get nothing', () => {
    const mesh =
      rule(`{host: b, exportTo: [ns1], subsets: [{name: s1}]}`, 'name: a1, namespace: ns') +
      rule(`{host: b, exportTo: [ns1, ns2], subsets: [{name: s2}]}`, 'name: a2, namespace: ns');
    const seenFrom = (namespace: string) => clusters(mesh, proxyNamed({ namespace }));
    expect(seenFrom('ns1').has(`outbound|80|s1|${fqdn('b')}`)).toBe(true);
    expect(seenFrom('ns1').has(`outbound|80|s2|${fqdn('b')}`)).toBe(true);
    expect(seenFrom('ns2').has(`outbound|80|s1|${fqdn('b')}`)).toBe(false);
  });
});

describe('a ServiceEntry', () => {
  it.each([
    ['STATIC', 'EDS'],
    ['DNS', 'STRICT_DNS'],
    ['NONE', 'ORIGINAL_DST'],
    ['DNS_ROUND_ROBIN', 'LOGICAL_DNS'],
  ])('of resolution %s is a cluster of type %s', (resolution, type) => {
    const found = clusters(`
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: {name: se, namespace: ns}
spec:
  hosts: [ext.example.test]
  resolution: ${resolution}
  ports: [{number: 80, name: http, protocol: HTTP}]
`);
    expect(found.get('outbound|80||ext.example.test')!.type).toBe(type);
  });

  it('of DNS whose selector finds nobody has no cluster', () => {
    const found = clusters(`
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: {name: se, namespace: ns}
spec:
  hosts: [ext.example.test]
  resolution: DNS
  workloadSelector: {labels: {app: nobody}}
  ports: [{number: 80, name: http, protocol: HTTP}]
`);
    expect(found.has('outbound|80||ext.example.test')).toBe(false);
  });
});

describe('the server side', () => {
  const pod = `
apiVersion: v1
kind: Pod
metadata: {name: b-1, namespace: ns, labels: {app: b}}
spec: {containers: [{name: main}]}
status: {podIP: 10.1.0.1}
---
`;
  const server = proxyNamed({ name: 'b-1', ip: '10.1.0.1', labels: { app: 'b' } });
  const limits = rule(`
  host: b
  trafficPolicy:
    connectionPool:
      tcp: {maxConnections: 7, connectTimeout: 2s}
      http: {http1MaxPendingRequests: 3, maxRetries: 2}
    outlierDetection: {consecutive5xxErrors: 4}
    loadBalancer: {simple: ROUND_ROBIN}`);

  it('takes the connection pool of its rule, not balancing or outlier detection', () => {
    const cluster = clusters(pod + limits, server).get('inbound|8080||')!;
    expect(cluster).toMatchObject({
      type: 'ORIGINAL_DST',
      lbPolicy: 'CLUSTER_PROVIDED',
      connectTimeout: '2s',
      upstreamBindConfig: { sourceAddress: { address: '127.0.0.6' } },
    });
    expect(cluster.circuitBreakers!.thresholds![0]).toMatchObject({
      maxConnections: 7,
      maxPendingRequests: 3,
      maxRequests: MAX,
      maxRetries: 2,
    });
    expect(cluster.outlierDetection).toBeUndefined();
  });

  it("loses the rule's pool whole to the Sidecar's own", () => {
    const sidecar = `
apiVersion: networking.istio.io/v1
kind: Sidecar
metadata: {name: s, namespace: ns}
spec: {inboundConnectionPool: {http: {http2MaxRequests: 77}}}
---
`;
    const cluster = clusters(pod + limits + sidecar, server).get('inbound|8080||')!;
    expect(cluster.connectTimeout).toBe('10s');
    expect(cluster.circuitBreakers!.thresholds![0]).toMatchObject({
      maxConnections: MAX,
      maxRequests: 77,
    });
  });

  it('serves only the ingress listeners of a Sidecar that has some', () => {
    const sidecar = `
apiVersion: networking.istio.io/v1
kind: Sidecar
metadata: {name: s, namespace: ns}
spec:
  ingress: [{port: {number: 9999, name: http, protocol: HTTP}, defaultEndpoint: '127.0.0.1:8080'}]
---
`;
    const found = clusters(pod + sidecar, server);
    const inbound = [...found.keys()].filter((name) => name.startsWith('inbound|'));
    expect(inbound).toEqual(['inbound|9999||']);
    expect(found.get('inbound|9999||')).toMatchObject({
      type: 'STATIC',
      loadAssignment: {
        endpoints: [
          {
            lbEndpoints: [
              {
                endpoint: { address: { socketAddress: { address: '127.0.0.1', portValue: 8080 } } },
              },
            ],
          },
        ],
      },
    });
  });
});

describe('a Sidecar', () => {
  it('imports the destinations of imported VirtualServices as clusters', () => {
    const found = clusters(
      `
apiVersion: networking.istio.io/v1
kind: Sidecar
metadata: {name: s, namespace: other}
spec: {egress: [{hosts: ['ns/b.ns.svc.cluster.local']}]}
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: b, namespace: ns}
spec: {hosts: [b], http: [{route: [{destination: {host: c, port: {number: 8080}}}]}]}
`,
      proxyNamed({ namespace: 'other' }),
    );
    const outbound = [...found.keys()].filter((name) => name.startsWith('outbound|'));
    expect(outbound).toEqual([B, `outbound|8080||${fqdn('c')}`]);
  });
});

describe('origins', () => {
  it('lead from a cluster and its blocks to the lines that decided them', () => {
    const config = configOf(
      `${REFERENCE_SERVICES}---\n${rule(`
  host: b
  trafficPolicy:
    outlierDetection: {consecutive5xxErrors: 4}
  subsets:
  - {name: v1, trafficPolicy: {loadBalancer: {simple: RANDOM}}}`)}`,
    );
    const cluster = clustersByName(config).get(`outbound|80|v1|${fqdn('b')}`)!;
    expect(config.origins.get(cluster)).toMatchObject({
      kind: 'DestinationRule',
      name: 'b',
      path: 'spec.subsets[0]',
    });
    expect(config.origins.get(cluster.outlierDetection!)).toMatchObject({
      path: 'spec.trafficPolicy.outlierDetection',
    });
    const balancing = config.fieldOrigins.get(cluster)!.get('lbPolicy')!;
    expect(balancing.path).toBe('spec.subsets[0].trafficPolicy.loadBalancer');
    expect(balancing.at!.line).toBeGreaterThan(
      config.origins.get(cluster.outlierDetection!)!.at!.line,
    );
  });
});
