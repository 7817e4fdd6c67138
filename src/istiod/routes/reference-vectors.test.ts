import { describe, expect, it } from 'vitest';
import type { RouteConfiguration, VirtualHost } from '#xds/route.ts';
import { configOf, type MeshOptions, proxyNamed, REFERENCE_SERVICES } from '../test-mesh.ts';

/** The vectors of the translation rules, seen in Istio's own generator. */
const fqdn = (name: string): string => `${name}.ns.svc.cluster.local`;
const five = (name: string): string[] => [
  fqdn(name),
  `${fqdn(name)}.`,
  name,
  `${name}.ns.svc`,
  `${name}.ns`,
];
const DEFAULT_RETRY = {
  retryOn: 'connect-failure,refused-stream,unavailable,cancelled,retriable-status-codes',
  numRetries: 2,
  hostSelectionRetryMaxAttempts: '5',
};

let age = 0;
function virtualService(spec: string, name = `vs-${age}`): string {
  age++;
  const created = `2026-01-01T00:${String(age).padStart(2, '0')}:00Z`;
  return `---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: ${name}, namespace: ns, creationTimestamp: "${created}"}
spec: ${spec}
`;
}

function routes(
  extra = '',
  proxy = proxyNamed(),
  options: MeshOptions = {},
): ReadonlyMap<string, RouteConfiguration> {
  const config = configOf(REFERENCE_SERVICES + extra, proxy, options);
  return new Map(config.routes.map((route) => [route.name, route]));
}

function virtualHost(configuration: RouteConfiguration | undefined, name: string): VirtualHost {
  const found = configuration?.virtualHosts?.find((candidate) => candidate.name === name);
  expect(found, `${name} among ${configuration?.virtualHosts?.map((v) => v.name)}`).toBeDefined();
  return found!;
}

const hostB = `${fqdn('b')}:80`;
const targets = (host: VirtualHost) => host.routes?.map(({ route }) => route?.cluster);
const gateway = proxyNamed({ kind: 'gateway', name: 'gw', labels: { istio: 'gw' } });

describe('services without a VirtualService', () => {
  it('V1: answer to every name that resolves in the client’s namespace, and to their aliases', () => {
    const port80 = routes().get('80');
    const b = virtualHost(port80, hostB);
    expect(b.domains).toEqual([...five('b'), ...five('ext'), ...five('extp'), '10.0.0.1']);
    expect(b.routes).toMatchObject([
      {
        name: 'default',
        route: { timeout: '0s', maxGrpcTimeout: '0s', retryPolicy: DEFAULT_RETRY },
      },
    ]);
    const headless = virtualHost(port80, `${fqdn('hl')}:80`);
    expect(headless.domains).toEqual([...five('hl'), ...five('hl').map((name) => `*.${name}`)]);
    expect(port80!.virtualHosts!.at(-1)).toMatchObject({
      name: 'allow_any',
      domains: ['*'],
      routes: [{ route: { cluster: 'PassthroughCluster', timeout: '0s' } }],
    });
  });

  it('V2: need their namespace when the client is in another', () => {
    const b = virtualHost(routes('', proxyNamed({ namespace: 'other' })).get('80'), hostB);
    const four = (name: string) => [fqdn(name), `${fqdn(name)}.`, `${name}.ns`, `${name}.ns.svc`];
    expect(b.domains).toEqual([...four('b'), ...four('ext'), ...four('extp'), '10.0.0.1']);
  });
});

describe('a VirtualService on a sidecar', () => {
  it('V4: without a destination port takes the listener’s, and makes a literal host on port 80', () => {
    const found = routes(
      virtualService('{hosts: [r], http: [{route: [{destination: {host: c}}]}]}'),
    );
    const r = virtualHost(found.get('9080'), `${fqdn('r')}:9080`);
    expect(r.domains).toEqual([...five('r'), '10.0.0.2']);
    expect(targets(r)).toEqual([`outbound|9080||${fqdn('c')}`]);
    const extra = virtualHost(found.get('80'), `${fqdn('r')}:80`);
    expect(extra.domains).toEqual([fqdn('r')]);
    expect(targets(extra)).toEqual([`outbound|80||${fqdn('c')}`]);
  });

  it('V5: carries a host of no registry to the ports where another of its hosts is a service', () => {
    const found = routes(
      virtualService('{hosts: [r, foo.com], http: [{route: [{destination: {host: r}}]}]}'),
    );
    expect(targets(virtualHost(found.get('9080'), 'foo.com:9080'))).toEqual([
      `outbound|9080||${fqdn('r')}`,
    ]);
    expect(targets(virtualHost(found.get('80'), 'foo.com:80'))).toEqual([
      `outbound|80||${fqdn('r')}`,
    ]);
  });

  it('V6: takes a name with one dot literally, and takes it away from the service', () => {
    const found = routes(
      virtualService('{hosts: [b.ns], http: [{route: [{destination: {host: b.ns}}]}]}'),
    ).get('80');
    const literal = virtualHost(found, 'b.ns:80');
    expect(literal.domains).toEqual(['b.ns']);
    expect(targets(literal)).toEqual(['outbound|80||b.ns']);
    expect(virtualHost(found, hostB).domains).not.toContain('b.ns');
  });

  it('V7: of two for one host only the older counts', () => {
    const old =
      '{hosts: [b], http: [{match: [{uri: {prefix: /a}}], route: [{destination: {host: b}}]}]}';
    const younger = '{hosts: [b], http: [{route: [{destination: {host: c}}]}]}';
    const b = virtualHost(routes(virtualService(old) + virtualService(younger)).get('80'), hostB);
    expect(b.routes!.map(({ match }) => match.prefix)).toEqual(['/a']);
  });

  it('V8: gives way to the next when none of its routes is for this client', () => {
    const old =
      '{hosts: [b], http: [{match: [{sourceNamespace: zzz}], route: [{destination: {host: b}}]}]}';
    const younger =
      '{hosts: [b], http: [{route: [{destination: {host: c, port: {number: 8080}}}]}]}';
    const b = virtualHost(routes(virtualService(old) + virtualService(younger)).get('80'), hostB);
    expect(targets(b)).toEqual([`outbound|8080||${fqdn('c')}`]);
  });

  it('V9, V10: ignores the weight of an only destination and drops zeros among several', () => {
    const action = (route: string) =>
      virtualHost(
        routes(virtualService(`{hosts: [b], http: [{route: [${route}]}]}`)).get('80'),
        hostB,
      ).routes![0]!.route!;
    expect(action('{destination: {host: b}, weight: 0}').cluster).toBe(`outbound|80||${fqdn('b')}`);
    const weighted = (v1: number, v2: number, v3?: number) =>
      action(
        [v1, v2, v3]
          .map((weight, index) =>
            weight === undefined
              ? ''
              : `{destination: {host: b, subset: v${index + 1}}, weight: ${weight}}`,
          )
          .filter((entry) => entry !== '')
          .join(', '),
      ).weightedClusters!.clusters.map(({ name, weight }) => [name!.split('|')[2], weight]);
    expect(weighted(0, 7, 3)).toEqual([
      ['v2', 7],
      ['v3', 3],
    ]);
    expect(weighted(0, 7)).toEqual([['v2', 7]]);
  });

  it('V11, V12: has no retries when they are empty, and turns numbers into status codes', () => {
    const policy = (retries: string) =>
      virtualHost(
        routes(
          virtualService(
            `{hosts: [b], http: [{retries: ${retries}, route: [{destination: {host: b}}]}]}`,
          ),
        ).get('80'),
        hostB,
      ).routes![0]!.route!.retryPolicy;
    expect(policy('{}')).toBeUndefined();
    expect(policy('{attempts: 3, retryOn: "503,5xx"}')).toMatchObject({
      numRetries: 3,
      retryOn: '5xx,retriable-status-codes',
      retriableStatusCodes: [503],
      retryHostPredicate: [{ name: 'envoy.retry_host_predicates.previous_hosts' }],
    });
  });

  it('V13: drops what is for other callers or ports, unless a gateway is named', () => {
    const kept = (match: string) =>
      virtualHost(
        routes(
          virtualService(
            `{hosts: [b], http: [{name: ruled, match: [${match}], route: [{destination: {host: b}}]}, {name: rest, route: [{destination: {host: b}}]}]}`,
          ),
        ).get('80'),
        hostB,
      ).routes!.map(({ name }) => name);
    expect(kept('{gateways: [mesh], sourceLabels: {app: nobody}}')).toEqual(['ruled']);
    expect(kept('{sourceLabels: {app: nobody}}')).toEqual(['rest']);
    expect(kept('{port: 81}')).toEqual(['rest']);
  });

  it('V14: leaves a route without action for a redirect code that Envoy does not know', () => {
    const route = virtualHost(
      routes(virtualService('{hosts: [b], http: [{redirect: {uri: /x, redirectCode: 300}}]}')).get(
        '80',
      ),
      hostB,
    ).routes![0]!;
    expect(route.redirect).toBeUndefined();
    expect(route.route).toBeUndefined();
  });

  it('V15: retries on the same host where an only destination is chosen by hash', () => {
    const rule = `---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: b, namespace: ns}
spec: {host: b, trafficPolicy: {loadBalancer: {consistentHash: {httpHeaderName: x-user}}}}
`;
    const action = (route: string) =>
      virtualHost(
        routes(rule + virtualService(`{hosts: [b], http: [{route: [${route}]}]}`)).get('80'),
        hostB,
      ).routes![0]!.route!;
    const alone = action('{destination: {host: b}}');
    expect(alone.retryPolicy).toMatchObject(DEFAULT_RETRY);
    expect(alone.retryPolicy!.retryHostPredicate).toBeUndefined();
    expect(alone.hashPolicy).toEqual([{ header: { headerName: 'x-user' } }]);
    const split = action(
      '{destination: {host: b}, weight: 1}, {destination: {host: c}, weight: 1}',
    );
    expect(split.retryPolicy!.retryHostPredicate).toHaveLength(1);
    expect(split.hashPolicy).toHaveLength(1);
  });

  it('V22: means the target of an ExternalName only where that declares the port', () => {
    const spec = `{hosts: [b], http: [
      {match: [{uri: {prefix: /p}}], route: [{destination: {host: extp}}]},
      {match: [{uri: {prefix: /q}}], route: [{destination: {host: ext}}]}]}`;
    const b = virtualHost(routes(virtualService(spec)).get('80'), hostB);
    expect(targets(b)).toEqual([`outbound|80||${fqdn('b')}`, `outbound|80||${fqdn('ext')}`]);
  });

  it('V25: with an exact host beats a wildcard, whatever their age', () => {
    const wildcard = virtualService(
      '{hosts: ["*.ns.svc.cluster.local"], http: [{name: wide, route: [{destination: {host: c}}]}]}',
    );
    const exact = virtualService(
      '{hosts: [b], http: [{name: exact, route: [{destination: {host: c}}]}]}',
    );
    const port80 = routes(wildcard + exact).get('80');
    const names = (name: string) => virtualHost(port80, `${fqdn(name)}:80`).routes![0]!.name;
    expect(names('b')).toBe('exact');
    expect(names('multi')).toBe('wide');
    expect(names('hl')).toBe('wide');
  });

  it('V26: merges delegates into their root and drops what conflicts or is missing', () => {
    const delegate = (name: string, http: string) => virtualService(`{http: ${http}}`, name);
    const root = virtualService(`{hosts: [b], http: [
      {name: R, timeout: 5s, match: [{uri: {prefix: /a}}], delegate: {name: d}},
      {match: [{uri: {prefix: /z}}], delegate: {name: missing}}]}`);
    const rules = `[
      {name: D1, match: [{uri: {prefix: /a/1}}], route: [{destination: {host: b}}]},
      {name: D2, match: [{uri: {prefix: /b}}], route: [{destination: {host: b}}]},
      {name: D3, timeout: 7s, route: [{destination: {host: b}}]}]`;
    const b = virtualHost(routes(root + delegate('d', rules)).get('80'), hostB);
    expect(b.routes!.map(({ name, match, route }) => [name, match.prefix, route?.timeout])).toEqual(
      [
        ['R-D1', '/a/1', '5s'],
        ['R-D3', '/a', '7s'],
      ],
    );
  });
});

describe('a Sidecar', () => {
  it('V21: keeps destinations of imported rules reachable, without a listener of their own', () => {
    const sidecar = `---
apiVersion: networking.istio.io/v1
kind: Sidecar
metadata: {name: default, namespace: other}
spec: {egress: [{hosts: [ns/b.ns.svc.cluster.local]}], outboundTrafficPolicy: {}}
`;
    const rule = virtualService(
      '{hosts: [b], http: [{route: [{destination: {host: c, port: {number: 8080}}}]}]}',
    );
    const config = configOf(
      REFERENCE_SERVICES + sidecar + rule,
      proxyNamed({ namespace: 'other' }),
    );
    const port80 = config.routes.find(({ name }) => name === '80');
    const b = virtualHost(port80, hostB);
    expect(targets(b)).toEqual([`outbound|8080||${fqdn('c')}`]);
    expect(b.domains.some((domain) => domain.startsWith('ext'))).toBe(false);
    expect(config.clusters.map(({ name }) => name)).toContain(`outbound|8080||${fqdn('c')}`);
    expect(config.listeners.map(({ name }) => name)).not.toContain('0.0.0.0_8080');
    expect(virtualHost(port80, 'block_all').routes).toMatchObject([
      { directResponse: { status: 502 } },
    ]);
  });
});

describe('a gateway', () => {
  const gatewayOf = (hosts: string) => `---
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {name: front, namespace: ns}
spec: {selector: {istio: gw}, servers: [{port: {number: 80, name: http, protocol: HTTP}, hosts: ${hosts}}]}
`;

  it('V22: always means the target of an ExternalName', () => {
    const spec = `{hosts: [x.com], gateways: [front], http: [
      {match: [{uri: {prefix: /p}}], route: [{destination: {host: extp}}]},
      {match: [{uri: {prefix: /q}}], route: [{destination: {host: ext}}]}]}`;
    const found = routes(gatewayOf('[x.com]') + virtualService(spec), gateway).get('http.80');
    const b = `outbound|80||${fqdn('b')}`;
    expect(targets(virtualHost(found, 'x.com:80'))).toEqual([b, b]);
  });

  it('V23: appends the rules of several VirtualServices and moves catch-alls to the end', () => {
    const old = virtualService(`{hosts: [a.x.com], gateways: [front], http: [
      {name: a, match: [{uri: {prefix: /a}}], route: [{destination: {host: b}}]},
      {name: old, route: [{destination: {host: b}}]}]}`);
    const younger = virtualService(`{hosts: [a.x.com, z.com], gateways: [front], http: [
      {name: n1, match: [{uri: {prefix: /n}}], route: [{destination: {host: r}}]},
      {name: n2, match: [{uri: {prefix: /n2}}], route: [{destination: {host: multi}}]},
      {name: new, route: [{destination: {host: c}}]}]}`);
    const found = routes(gatewayOf('["*.x.com", y.com]') + old + younger, gateway);
    const { virtualHosts } = found.get('http.80')!;
    expect(virtualHosts!.map(({ name }) => name)).toEqual(['a.x.com:80']);
    expect(virtualHosts![0]!.routes!.map(({ name, route }) => [name, route?.cluster])).toEqual([
      ['a', `outbound|80||${fqdn('b')}`],
      ['n1', `outbound|9080||${fqdn('r')}`],
      ['n2', `outbound|80||${fqdn('multi')}`],
      ['old', `outbound|80||${fqdn('b')}`],
      ['new', `outbound|8080||${fqdn('c')}`],
    ]);
  });

  it('V24: without a VirtualService answers 404 to everything', () => {
    const found = routes(gatewayOf('["*"]'), gateway).get('http.80');
    expect(found!.virtualHosts).toEqual([{ name: 'blackhole:80', domains: ['*'] }]);
  });
});

describe('older control planes', () => {
  it('retry 503 by default before 1.24', () => {
    const b = virtualHost(routes('', proxyNamed(), { istioMinor: 23 }).get('80'), hostB);
    expect(b.routes![0]!.route!.retryPolicy!.retriableStatusCodes).toEqual([503]);
  });

  it('append -shadow to mirrored hosts before 1.28', () => {
    const spec = '{hosts: [b], http: [{route: [{destination: {host: b}}], mirror: {host: c}}]}';
    const mirror = (istioMinor: number) =>
      virtualHost(routes(virtualService(spec), proxyNamed(), { istioMinor }).get('80'), hostB)
        .routes![0]!.route!.requestMirrorPolicies![0]!.disableShadowHostSuffixAppend;
    expect(mirror(27)).toBeUndefined();
    expect(mirror(28)).toBe(true);
  });
});
