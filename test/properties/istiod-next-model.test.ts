import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { loadText } from '#config/loader.ts';
import type { Resource } from '#config/resource.ts';
import { ResourceStore } from '#config/resource-store.ts';
import { generateForProxy } from '#istiod/generate.ts';
import { MeshModel } from '#istiod/model/mesh-model.ts';
import { proxyNamed } from '#istiod/test-mesh.ts';

/**
 * A model that follows another reuses what did not change. Whatever is applied or deleted, in whatever
 * order, it must give every proxy what a model made from scratch gives.
 */

const app = fc.constantFrom('a', 'b', 'c');
const namespace = fc.constantFrom('one', 'two');

const service = fc
  .record({
    app,
    namespace,
    headless: fc.boolean(),
    port: fc.constantFrom(80, 90),
    name: fc.constantFrom('http', 'tcp', 'web'),
    more: fc.constantFrom('', ', {name: http-more, port: 9090, targetPort: 8080}'),
    exportTo: fc.constantFrom('*', '*', '*', '.'),
  })
  .map(
    (it) => `
apiVersion: v1
kind: Service
metadata: {name: ${it.app}, namespace: ${it.namespace}, annotations: {networking.istio.io/exportTo: "${it.exportTo}"}}
spec: {clusterIP: ${it.headless ? 'None' : `10.0.${it.namespace.length}.${it.app.charCodeAt(0)}`}, selector: {app: ${it.app}}, ports: [{name: ${it.name}, port: ${it.port}, targetPort: 8080}${it.more}]}
`,
  );

const pod = fc
  .record({
    app,
    namespace,
    index: fc.nat(2),
    ready: fc.boolean(),
    sidecar: fc.boolean(),
    account: fc.constantFrom('x', 'y'),
    version: fc.constantFrom('v1', 'v2'),
    locality: fc.constantFrom('r1.z1', 'r2.z1', ''),
  })
  .map(
    (it) => `
apiVersion: v1
kind: Pod
metadata:
  name: ${it.app}-${it.index}
  namespace: ${it.namespace}
  labels: {app: ${it.app}, version: ${it.version}, security.istio.io/tlsMode: ${it.sidecar ? 'istio' : 'disabled'}, istio-locality: "${it.locality}"}
spec: {serviceAccountName: ${it.account}, containers: [{name: main}]}
status: {podIP: 10.${it.namespace.length}.${it.app.charCodeAt(0)}.${it.index + 1}, conditions: [{type: Ready, status: "${it.ready ? 'True' : 'False'}"}]}
`,
  );

const policy = fc.constantFrom(
  '{connectionPool: {tcp: {maxConnections: 3}}}',
  '{outlierDetection: {consecutive5xxErrors: 2}}',
  '{outlierDetection: {minHealthPercent: 40}, loadBalancer: {localityLbSetting: {failover: [{from: r1, to: r2}]}}}',
  '{loadBalancer: {simple: PASSTHROUGH}}',
  '{loadBalancer: {consistentHash: {httpHeaderName: x-user}}}',
  '{loadBalancer: {consistentHash: {useSourceIp: true}}}',
  '{tls: {mode: ISTIO_MUTUAL}}',
  '{tls: {mode: SIMPLE}}',
);

const destinationRule = fc
  .record({
    app,
    namespace,
    policy,
    subsetPolicy: policy,
    selector: fc.nat(7).map((drawn) => drawn === 0),
    host: fc.option(fc.constantFrom("'*.one.svc.cluster.local'", 'b.two.svc.cluster.local')),
    exportTo: fc.constantFrom('[]', "['.']", "['*']"),
  })
  .map(
    (it) => `
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: ${it.app}${it.selector}, namespace: ${it.namespace}}
spec:
  host: ${it.host ?? it.app}
  trafficPolicy: ${it.policy}
  subsets: [{name: v1, labels: {version: v1}, trafficPolicy: ${it.subsetPolicy}}]
  ${it.selector ? 'workloadSelector: {matchLabels: {app: a}}' : `exportTo: ${it.exportTo}`}
`,
  );

const serviceEntry = fc
  .record({
    namespace,
    resolution: fc.constantFrom('DNS', 'STATIC', 'NONE'),
    address: fc.constantFrom('1.2.3.4', '1.2.3.5'),
  })
  .map(
    (it) => `
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: {name: ext, namespace: ${it.namespace}}
spec:
  hosts: [ext.example.test]
  resolution: ${it.resolution}
  ports: [{number: 443, name: tls, protocol: TLS}, {number: 80, name: http, protocol: HTTP}]
  ${it.resolution === 'NONE' ? '' : `endpoints: [{address: ${it.address}, locality: r1/z1}]`}
`,
  );

const virtualService = fc
  .record({
    app,
    namespace,
    to: app,
    path: fc.constantFrom('/x', '/y'),
    caller: fc.constantFrom('', 'match: [{sourceLabels: {app: a}}], '),
  })
  .map(
    (it) => `
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: ${it.app}, namespace: ${it.namespace}}
spec:
  hosts: [${it.app}]
  http:
  - {match: [{uri: {prefix: ${it.path}}}], route: [{destination: {host: ${it.to}, subset: v1}}]}
  - {${it.caller}route: [{destination: {host: ${it.to}}}]}
`,
  );

/** Wildcards, hosts that are no services, delegates, other visibility, and routes for connections. */
const unusualVirtualService = fc
  .record({
    name: fc.constantFrom('u', 'v'),
    namespace,
    hosts: fc.constantFrom(
      "['*.two.svc.cluster.local']",
      '[b.two.svc.cluster.local, elsewhere.test]',
      "['*']",
      '[ext.example.test, a]',
    ),
    exportTo: fc.constantFrom("['.']", "['*']", '[one]'),
    routes: fc.constantFrom(
      'http: [{route: [{destination: {host: c.two.svc.cluster.local}}]}]',
      'http: [{match: [{uri: {prefix: /d}}], delegate: {name: d}}]',
      'http: [{match: [{sourceNamespace: two}], route: [{destination: {host: a, port: {number: 90}}}]}]',
      'tcp: [{route: [{destination: {host: b.two.svc.cluster.local, subset: v1}}]}]',
      'tls: [{match: [{sniHosts: [ext.example.test], port: 443}], route: [{destination: {host: a}}]}]',
    ),
    minute: fc.constantFrom('01', '02'),
  })
  .map(
    (it) => `
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: ${it.name}, namespace: ${it.namespace}, creationTimestamp: "2024-01-01T00:${it.minute}:00Z"}
spec:
  hosts: ${it.hosts}
  exportTo: ${it.exportTo}
  ${it.routes}
`,
  );

const delegate = fc.record({ namespace, timeout: fc.constantFrom('1s', '2s') }).map(
  (it) => `
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: d, namespace: ${it.namespace}}
spec: {http: [{timeout: ${it.timeout}, route: [{destination: {host: b}}]}]}
`,
);

const gateway = fc
  .record({ namespace, port: fc.constantFrom(80, 8080), host: fc.constantFrom("'*'", 'x.test') })
  .map(
    (it) => `
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {name: gw, namespace: ${it.namespace}}
spec:
  selector: {app: gw}
  servers: [{port: {number: ${it.port}, name: http, protocol: HTTP}, hosts: [${it.host}]}]
`,
  );

const peerAuthentication = fc
  .record({ namespace, mode: fc.constantFrom('STRICT', 'DISABLE', 'PERMISSIVE') })
  .map(
    (it) => `
apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata: {name: p, namespace: ${it.namespace}}
spec: {mtls: {mode: ${it.mode}}}
`,
  );

/** What stands around services: another name, endpoints listed by hand, a namespace's wishes. */
const surroundings = fc
  .record({
    app,
    namespace,
    kind: fc.constantFrom('alias', 'Endpoints', 'EndpointSlice', 'Namespace'),
    drawn: fc.constantFrom('a', 'b'),
  })
  .map(({ app, namespace, kind, drawn }) => {
    const named = `metadata: {name: ${app}, namespace: ${namespace}}`;
    const address = `10.9.0.${drawn.charCodeAt(0)}`;
    switch (kind) {
      case 'alias':
        return `
apiVersion: v1
kind: Service
metadata: {name: other, namespace: ${namespace}}
spec: {type: ExternalName, externalName: ${drawn}.one.svc.cluster.local, ports: [{name: http, port: 80}]}
`;
      case 'Endpoints':
        return `
apiVersion: v1
kind: Endpoints
${named}
subsets: [{addresses: [{ip: ${address}}], ports: [{name: http, port: 8080}]}]
`;
      case 'EndpointSlice':
        return `
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: {name: ${app}-${drawn}, namespace: ${namespace}, labels: {kubernetes.io/service-name: ${app}}}
addressType: IPv4
endpoints: [{addresses: [${address}]}]
ports: [{name: http, port: 8080}]
`;
      default:
        return `
apiVersion: v1
kind: Namespace
metadata: {name: ${namespace}, annotations: {networking.istio.io/traffic-distribution: ${drawn === 'a' ? 'PreferClose' : 'Any'}}}
`;
    }
  });

const sidecar = fc
  .record({
    namespace,
    hosts: fc.constantFrom("['./*']", "['*/*']", "['one/*', '~one/c.one.svc.cluster.local']"),
    port: fc.constantFrom(
      '',
      "{port: {number: 80, protocol: HTTP, name: http}, hosts: ['*/*']}, ",
      "{port: {number: 8888, protocol: HTTP_PROXY, name: proxy}, bind: 127.0.0.1, hosts: ['*/*']}, ",
    ),
  })
  .map(
    (it) => `
apiVersion: networking.istio.io/v1
kind: Sidecar
metadata: {name: s, namespace: ${it.namespace}}
spec: {egress: [${it.port}{hosts: ${it.hosts}}]}
`,
  );

const change = fc.record({
  manifest: fc.oneof(
    { weight: 3, arbitrary: service },
    { weight: 5, arbitrary: pod },
    { weight: 3, arbitrary: destinationRule },
    serviceEntry,
    { weight: 3, arbitrary: virtualService },
    { weight: 3, arbitrary: unusualVirtualService },
    delegate,
    gateway,
    peerAuthentication,
    surroundings,
    sidecar,
  ),
  isDelete: fc.boolean(),
});

const PROXIES = [
  proxyNamed({
    namespace: 'one',
    name: 'a-0',
    ip: '10.3.97.1',
    labels: { app: 'a' },
    locality: 'r1/z1',
  }),
  proxyNamed({
    namespace: 'two',
    name: 'b-0',
    ip: '10.3.98.1',
    labels: { app: 'b' },
    locality: 'r2/z1',
  }),
  proxyNamed({
    namespace: 'two',
    name: 'c-0',
    ip: '10.3.99.1',
    labels: { app: 'c', version: 'v1' },
    locality: 'r1/z1',
  }),
  proxyNamed({
    namespace: 'one',
    name: 'gw',
    kind: 'gateway',
    ip: '10.8.0.1',
    labels: { app: 'gw' },
  }),
];

function resourcesOf(manifest: string): readonly Resource[] {
  return loadText('change.yaml', manifest).resources;
}

/** The last of each kind, namespace and name. */
function distinct(resources: readonly Resource[]): Resource[] {
  const identity = ({ kind, metadata }: Resource) =>
    `${kind} ${metadata.namespace}/${metadata.name}`;
  return [...new Map(resources.map((resource) => [identity(resource), resource])).values()];
}

describe('a model that follows another', () => {
  it('gives every proxy what a model from scratch gives, after any changes in any order', () => {
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 16 }), (changes) => {
        let store = ResourceStore.EMPTY;
        let model = new MeshModel(store);
        for (const { manifest, isDelete } of changes) {
          const resources = resourcesOf(manifest);
          store = isDelete ? store.without(resources) : store.with(resources);
          model = model.next(store);
          const fresh = new MeshModel(store);
          for (const proxy of PROXIES) {
            const followed = generateForProxy(model, proxy);
            const expected = generateForProxy(fresh, proxy);
            expect(followed.clusters).toEqual(expected.clusters);
            expect(followed.endpoints).toEqual(expected.endpoints);
            expect(followed.listeners).toEqual(expected.listeners);
            expect(followed.routes).toEqual(expected.routes);
          }
        }
      }),
      { numRuns: 40 },
    );
  });

  it('gives the same whatever the order in which objects were given', () => {
    const manifests = fc.array(change, { minLength: 3, maxLength: 14 }).chain((changes) => {
      const resources = distinct(changes.flatMap(({ manifest }) => resourcesOf(manifest)));
      const shuffled = fc.shuffledSubarray(resources, { minLength: resources.length });
      return fc.tuple(fc.constant(resources), shuffled);
    });
    fc.assert(
      fc.property(manifests, ([resources, shuffled]) => {
        const one = new MeshModel(ResourceStore.EMPTY.with(resources));
        const other = new MeshModel(ResourceStore.EMPTY.with(shuffled));
        for (const proxy of PROXIES) {
          const expected = generateForProxy(one, proxy);
          const given = generateForProxy(other, proxy);
          expect(given.clusters).toEqual(expected.clusters);
          expect(given.endpoints).toEqual(expected.endpoints);
          expect(given.listeners).toEqual(expected.listeners);
          expect(given.routes).toEqual(expected.routes);
        }
      }),
      { numRuns: 40 },
    );
  });

  it('names every cluster once, and gives endpoints for each that is looked up', () => {
    fc.assert(
      fc.property(fc.array(change, { minLength: 4, maxLength: 16 }), (changes) => {
        const model = new MeshModel(
          ResourceStore.EMPTY.with(changes.flatMap(({ manifest }) => resourcesOf(manifest))),
        );
        for (const proxy of PROXIES) {
          const { clusters, endpoints } = generateForProxy(model, proxy);
          const names = clusters.map(({ name }) => name);
          expect(new Set(names).size).toBe(names.length);
          const lookedUp = clusters.filter(({ type }) => type === 'EDS').map(({ name }) => name);
          expect([...endpoints.keys()]).toEqual(lookedUp);
        }
      }),
      { numRuns: 60 },
    );
  });
});
