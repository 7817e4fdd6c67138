import { describe, expect, it } from 'vitest';
import type { Route } from '#xds/route.ts';
import { configOf, modelOf, proxyNamed } from '../test-mesh.ts';

const document = (apiVersion: string, kind: string, name: string, spec: object, more = {}) =>
  `---\n${JSON.stringify({ apiVersion, kind, metadata: { name, namespace: 'ns', ...more }, spec })}\n`;
const gatewayApi = (kind: string, name: string, spec: object) =>
  document('gateway.networking.k8s.io/v1', kind, name, spec);
const service = (name: string, port: number, targetPort = port) =>
  document('v1', 'Service', name, {
    clusterIP: `10.0.0.${name.length}`,
    selector: { app: name },
    ports: [{ name: 'http', port, targetPort }],
  });
const pod = (name: string, ip: string) =>
  `---\n${JSON.stringify({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: 'ns', labels: { app: name } },
    spec: { containers: [{ name: 'a' }] },
    status: { podIP: ip, conditions: [{ type: 'Ready', status: 'True' }] },
  })}\n`;

const GATEWAY = gatewayApi('Gateway', 'web', {
  gatewayClassName: 'istio',
  listeners: [{ name: 'http', port: 80, protocol: 'HTTP', hostname: '*.example.com' }],
});
/** What a cluster has for a managed gateway. */
const DEPLOYED = service('web-istio', 80, 8080) + pod('web-istio', '10.1.1.1');
const BACKENDS = service('shop', 80) + service('search', 80);
const gatewayProxy = proxyNamed({
  kind: 'gateway',
  name: 'web-istio',
  ip: '10.1.1.1',
  labels: { app: 'web-istio' },
});

const httpRoute = (rules: readonly object[], rest: object = {}) =>
  gatewayApi('HTTPRoute', 'shop', {
    parentRefs: [{ name: 'web' }],
    hostnames: ['shop.example.com'],
    rules,
    ...rest,
  });
const to = (name: string, more: object = {}) => ({ name, port: 80, ...more });
const prefix = (value: string) => ({ path: { type: 'PathPrefix', value } });

function gatewayRoutes(manifests: string): readonly Route[] {
  const { routes } = configOf(GATEWAY + DEPLOYED + BACKENDS + manifests, gatewayProxy);
  return routes.flatMap(({ virtualHosts = [] }) =>
    virtualHosts.flatMap((virtualHost) => virtualHost.routes ?? []),
  );
}

describe('a Gateway of the Gateway API', () => {
  it('is served by the pods behind its Service, at the port of their containers', () => {
    const { routes } = configOf(
      GATEWAY + DEPLOYED + BACKENDS + httpRoute([{ backendRefs: [to('shop')] }]),
      gatewayProxy,
    );
    expect(routes.map(({ name }) => name)).toEqual(['http.8080']);
    expect(routes[0]?.virtualHosts?.[0]?.domains).toContain('shop.example.com');
  });

  it('is served by nobody when its port is none of the Service', () => {
    const other = gatewayApi('Gateway', 'web', {
      gatewayClassName: 'istio',
      listeners: [{ name: 'http', port: 81, protocol: 'HTTP' }],
    });
    const { listeners } = configOf(other + DEPLOYED, gatewayProxy);
    expect(listeners.filter(({ name }) => name?.startsWith('0.0.0.0'))).toEqual([]);
  });

  it('of another controller is left to it', () => {
    const other = GATEWAY.replace('"istio"', '"nginx"');
    const { listeners } = configOf(other + DEPLOYED.replaceAll('-istio', '-nginx'), gatewayProxy);
    expect(listeners.filter(({ name }) => name?.startsWith('0.0.0.0'))).toEqual([]);
  });
});

describe('an HTTPRoute at a gateway', () => {
  it('matches prefixes at path separators only, and tries the longest first', () => {
    const [first, second] = gatewayRoutes(
      httpRoute([
        { matches: [prefix('/a')], backendRefs: [to('shop')] },
        { matches: [prefix('/a/longer/')], backendRefs: [to('search')] },
      ]),
    );
    expect(first?.match.pathSeparatedPrefix).toBe('/a/longer');
    expect(second?.match.pathSeparatedPrefix).toBe('/a');
  });

  it('without matches takes every path, before a regular expression', () => {
    const expression = { path: { type: 'RegularExpression', value: '/x.*' } };
    const routes = gatewayRoutes(
      httpRoute([
        { matches: [expression], backendRefs: [to('shop')] },
        { backendRefs: [to('search')] },
      ]),
    );
    expect(routes[0]?.match.prefix).toBe('/');
    expect(routes[0]?.route?.cluster).toContain('search');
  });

  it('answers 500 for a backend that is not there, and for rules that have none', () => {
    const [missing, none] = gatewayRoutes(
      httpRoute([
        { matches: [prefix('/missing')], backendRefs: [to('nobody')] },
        { matches: [prefix('/none')], backendRefs: [to('shop', { weight: 0 })] },
      ]),
    );
    expect(missing?.route?.clusterNotFoundResponseCode).toBe('INTERNAL_SERVER_ERROR');
    expect(none?.directResponse?.status).toBe(500);
  });

  it('takes the prefix off where it is replaced by nothing', () => {
    const path = { type: 'ReplacePrefixMatch', replacePrefixMatch: '/' };
    const filters = [{ type: 'URLRewrite', urlRewrite: { path } }];
    const [route] = gatewayRoutes(
      httpRoute([{ matches: [prefix('/old.v1')], filters, backendRefs: [to('shop')] }]),
    );
    expect(route?.route?.prefixRewrite).toBeUndefined();
    expect(route?.route?.regexRewrite).toEqual({
      pattern: { regex: '^/old\\.v1(/?)(.*)' },
      substitution: '/\\2',
    });
  });

  it('has what the API server fills in: a redirect is 302, an answer to CORS holds for five seconds', () => {
    const redirect = { type: 'RequestRedirect', requestRedirect: { hostname: 'a.test' } };
    const cors = { type: 'CORS', cors: { allowOrigins: ['https://a.test'] } };
    const [first, second] = gatewayRoutes(
      httpRoute([
        { matches: [prefix('/old')], filters: [redirect] },
        { matches: [prefix('/')], filters: [cors], backendRefs: [to('shop')] },
      ]),
    );
    expect(first?.redirect?.responseCode).toBe('FOUND');
    expect(JSON.stringify(second?.typedPerFilterConfig)).toContain('"maxAge":"5"');
  });

  it('may not send to another namespace unless a ReferenceGrant lets it', () => {
    const elsewhere = document(
      'v1',
      'Service',
      'pay',
      { ports: [{ name: 'http', port: 80 }] },
      {
        namespace: 'bank',
      },
    );
    const rules = [{ backendRefs: [to('pay', { namespace: 'bank' })] }];
    const grant = JSON.stringify({
      apiVersion: 'gateway.networking.k8s.io/v1beta1',
      kind: 'ReferenceGrant',
      metadata: { name: 'shops', namespace: 'bank' },
      spec: {
        from: [{ group: 'gateway.networking.k8s.io', kind: 'HTTPRoute', namespace: 'ns' }],
        to: [{ group: '', kind: 'Service' }],
      },
    });
    const cluster = (manifests: string) => gatewayRoutes(manifests)[0]?.route?.cluster;
    const granted = `${elsewhere + httpRoute(rules)}---\n${grant}\n`;
    expect(cluster(granted)).toBe('outbound|80||pay.bank.svc.cluster.local');
    expect(cluster(elsewhere + httpRoute(rules))).not.toContain('pay');
  });
});

describe('a TLSRoute at a gateway', () => {
  it('gets what is inside where the listener ends TLS, and the connection where it passes through', () => {
    const chains = (tls: object) => {
      const gateway = gatewayApi('Gateway', 'web', {
        gatewayClassName: 'istio',
        listeners: [{ name: 'tls', port: 80, protocol: 'TLS', hostname: 'a.test', tls }],
      });
      const route = gatewayApi('TLSRoute', 'shop', {
        parentRefs: [{ name: 'web' }],
        hostnames: ['a.test'],
        rules: [{ backendRefs: [to('shop')] }],
      });
      const { listeners } = configOf(gateway + DEPLOYED + BACKENDS + route, gatewayProxy);
      return listeners.flatMap(({ filterChains = [] }) => filterChains);
    };
    const [ended, ...more] = chains({ mode: 'Terminate', certificateRefs: [{ name: 'cert' }] });
    const [passed] = chains({ mode: 'Passthrough' });
    expect(more).toEqual([]);
    for (const chain of [ended, passed]) {
      expect(chain?.filterChainMatch?.serverNames).toEqual(['a.test']);
      expect(JSON.stringify(chain?.filters)).toContain('outbound|80||shop.ns.svc.cluster.local');
    }
    expect(ended?.transportSocket?.name).toBe('envoy.transport_sockets.tls');
    expect(passed?.transportSocket).toBeUndefined();
  });
});

describe('an HTTPRoute whose parent is a Service', () => {
  const meshRoute = (more: object = {}) =>
    httpRoute([{ backendRefs: [to('search')] }], {
      parentRefs: [{ group: '', kind: 'Service', name: 'shop', ...more }],
      hostnames: [],
    });
  const sidecarCluster = (manifests: string, namespace = 'ns') => {
    const proxy = proxyNamed({ namespace });
    const { routes } = configOf(BACKENDS + manifests, proxy);
    const hosts = routes.flatMap(({ virtualHosts = [] }) => virtualHosts);
    const shop = hosts.find(({ name }) => name.startsWith('shop.ns.svc'));
    return shop?.routes?.[0]?.route?.cluster;
  };

  it('changes where sidecars send requests for the Service', () => {
    expect(sidecarCluster(meshRoute())).toBe('outbound|80||search.ns.svc.cluster.local');
  });

  it('counts on its port alone when it names one', () => {
    expect(sidecarCluster(meshRoute({ port: 80 }))).toContain('search');
    expect(sidecarCluster(meshRoute({ port: 81 }))).toContain('shop');
  });
});

describe('what is derived from routes', () => {
  it('points at the lines of the routes', () => {
    const manifests = `${GATEWAY + DEPLOYED + BACKENDS}---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: lines, namespace: ns}
spec:
  parentRefs: [{name: web}]
  rules:
  - backendRefs: [{name: shop, port: 80}]
  - matches:
    - path: {value: /search}
    backendRefs: [{name: search, port: 80}]
`;
    const [derived] = modelOf(manifests).virtualServices.all;
    const line = (path: readonly (string | number)[]) => derived?.resource.placeOf(path).line;
    const base = manifests.split('\n').indexOf('  rules:') + 1;
    expect(line(['spec', 'http', 0, 'match', 0])).toBe(base + 3);
    expect(line(['spec', 'http', 0, 'route', 0])).toBe(base + 4);
    expect(line(['spec', 'http', 1, 'route', 0])).toBe(base + 1);
  });
});
