import { describe, expect, it } from 'vitest';
// Routes are compiled at once here, so the engine of regular expressions comes along.
import '#envoy/re2.ts';
import { configOf, proxyNamed, REFERENCE_SERVICES } from '#istiod/test-mesh.ts';
import type { HttpConnectionManager, Listener } from '#xds/listener.ts';
import type { Call } from './call.ts';
import { type ResolvedCall, resolveCall } from './resolve-call.ts';
import type { RouteOutcome } from './resolve-call-request.ts';

const B = 'outbound|80||b.ns.svc.cluster.local';

interface CallParts extends Omit<Partial<Call>, 'http'> {
  readonly path?: string;
  readonly authority?: string;
  readonly headers?: { readonly [name: string]: string };
}

/** `GET b/` over HTTP/1.1, unless told otherwise. */
function call({ path = '/', authority = 'b', headers = {}, ...parts }: CallParts = {}): Call {
  const http = { method: 'GET', path, authority, headers: Object.entries(headers) };
  return {
    protocol: 'http/1.1',
    address: '10.0.0.1',
    port: 80,
    tls: 'none',
    serverName: '',
    isInbound: false,
    http: parts.protocol === 'tcp' ? undefined : http,
    ...parts,
  };
}

function virtualService(http: readonly object[]): string {
  return `---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: b, namespace: ns}
spec: ${JSON.stringify({ hosts: ['b'], http })}
`;
}

const toB = { route: [{ destination: { host: 'b' } }] };

function resolve(http: readonly object[], parts: CallParts = {}): ResolvedCall {
  const manifests = REFERENCE_SERVICES + (http.length === 0 ? '' : virtualService(http));
  return resolveCall(configOf(manifests), call(parts));
}

function outcome<Kind extends RouteOutcome['kind']>(
  resolved: ResolvedCall,
  kind: Kind,
): RouteOutcome & { readonly kind: Kind } {
  const found = resolved.routing?.outcome;
  if (found?.kind !== kind) throw new Error(`${resolved.error ?? found?.kind}`);
  return found as RouteOutcome & { readonly kind: Kind };
}

const clustersOf = (resolved: ResolvedCall) =>
  outcome(resolved, 'forward').to.map(({ cluster, weight }) => `${weight} ${cluster}`);

describe('a call through a sidecar', () => {
  it('meets the listener of its port, its virtual host and a route', () => {
    const resolved = resolve([]);
    expect(resolved.listener?.name).toBe('0.0.0.0_80');
    expect(resolved.routing?.configuration?.name).toBe('80');
    expect(resolved.routing?.virtualHost?.name).toBe('b.ns.svc.cluster.local:80');
    expect(clustersOf(resolved)).toEqual([`1 ${B}`]);
  });

  it('tells which routes were tried before the one that matched, and why they failed', () => {
    const { routing } = resolve([
      { match: [{ uri: { exact: '/a' } }], ...toB },
      { match: [{ headers: { 'x-user': { exact: 'ann' } } }], ...toB },
      toB,
    ]);
    expect(routing?.trials.map(({ failed }) => failed !== undefined)).toEqual([true, true, false]);
    expect(routing?.trials[0]?.failed?.text).toContain('/a');
    expect(routing?.trials[1]?.failed?.text).toContain('x-user');
    expect(routing?.route).toBe(routing?.trials[2]?.route);
  });

  it('ends with 404 when no route matches', () => {
    const resolved = resolve([{ match: [{ uri: { exact: '/a' } }], ...toB }]);
    expect(resolved.error).toBe('no route matched');
    expect(resolved.routing?.outcome).toBeUndefined();
  });

  it('passes by the registry to any address it does not know', () => {
    const resolved = resolve([], { address: '1.2.3.4', port: 9999 });
    expect(resolved.listener?.name).toBe('virtualOutbound');
    expect(resolved.tcpProxy?.cluster).toBe('PassthroughCluster');
  });

  it('is not HTTP on an HTTP port when its bytes say otherwise', () => {
    const resolved = resolve([], { protocol: 'tcp' });
    expect(resolved.connectionManager).toBeUndefined();
    expect(resolved.tcpProxy?.cluster).toBe('PassthroughCluster');
  });

  it('takes a route by the path as it is normalized', () => {
    const routes = [{ match: [{ uri: { exact: '/a' } }], directResponse: { status: 200 } }, toB];
    expect(outcome(resolve(routes, { path: '/x/../%61?q' }), 'direct-response')).toBeDefined();
    expect(resolve(routes, { path: '/a#b' }).error).toBe('path refused');
  });
});

describe('what a route does to a call', () => {
  it('changes path, host and headers of the request that goes upstream', () => {
    const resolved = resolve(
      [
        {
          match: [{ uri: { prefix: '/api/' } }],
          rewrite: { uri: '/v2/', authority: 'other' },
          headers: { request: { set: { 'x-a': '1' }, remove: ['x-b'] } },
          timeout: '3s',
          ...toB,
        },
      ],
      { path: '/api/items?n=1', headers: { 'X-B': 'gone' } },
    );
    const [{ request } = { request: undefined }] = outcome(resolved, 'forward').to;
    expect(request).toMatchObject({ path: '/v2/items?n=1', authority: 'other' });
    expect(request?.headers.get('x-a')).toBe('1');
    expect(request?.headers.get('x-b')).toBeUndefined();
    expect(request?.headers.get('x-envoy-expected-rq-timeout-ms')).toBe('3000');
  });

  it('names every cluster of a split with its weight', () => {
    const split = ['v1', 'v2'].map((subset, index) => ({
      destination: { host: 'b', subset },
      weight: index === 0 ? 80 : 20,
    }));
    expect(clustersOf(resolve([{ route: split }]))).toEqual([
      '80 outbound|80|v1|b.ns.svc.cluster.local',
      '20 outbound|80|v2|b.ns.svc.cluster.local',
    ]);
  });

  it('answers redirects and direct responses itself', () => {
    const redirect = resolve([{ redirect: { uri: '/new', authority: 'c', redirectCode: 302 } }]);
    expect(outcome(redirect, 'redirect')).toMatchObject({
      location: 'http://c/new',
      response: { status: 302 },
    });
    const direct = resolve([{ directResponse: { status: 418, body: { string: 'tea' } } }]);
    expect(outcome(direct, 'direct-response').response).toMatchObject({
      status: 418,
      bodyText: 'tea',
    });
  });

  it('names the shares of requests that are delayed, aborted or mirrored', () => {
    const resolved = resolve([
      {
        fault: {
          delay: { fixedDelay: '2s', percentage: { value: 10 } },
          abort: { httpStatus: 503, percentage: { value: 0.5 } },
        },
        mirror: { host: 'r', port: { number: 9080 } },
        mirrorPercentage: { value: 25 },
        ...toB,
      },
    ]);
    expect(resolved.routing?.fault).toMatchObject({
      delayPercent: 10,
      delayMs: 2000,
      abortPercent: 0.5,
      abort: { status: 503, bodyText: 'fault filter abort' },
    });
    const [mirror] = outcome(resolved, 'forward').mirrors;
    expect(mirror?.percent).toBe(25);
    expect(mirror).toMatchObject({ cluster: 'outbound|9080||r.ns.svc.cluster.local' });
  });
});

describe('a call that arrives at a sidecar', () => {
  const server = proxyNamed({ name: 'b', ip: '10.1.0.1', labels: { app: 'b' } });
  const pod = `---
apiVersion: v1
kind: Pod
metadata: {name: b, namespace: ns, labels: {app: b}}
spec: {containers: [{name: b, image: b}]}
status: {podIP: 10.1.0.1, phase: Running, conditions: [{type: Ready, status: "True"}]}
`;
  const strict = `---
apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata: {name: default, namespace: ns}
spec: {mtls: {mode: STRICT}}
`;
  const arrive = (manifests: string, tls: Call['tls']) =>
    resolveCall(
      configOf(REFERENCE_SERVICES + pod + manifests, server),
      call({ address: '10.1.0.1', port: 8080, isInbound: true, tls }),
    );

  it('goes to the application, in cleartext or with mutual TLS', () => {
    for (const tls of ['none', 'mutual'] as const) {
      expect(clustersOf(arrive('', tls))).toEqual(['1 inbound|8080||']);
    }
  });

  it('finds no filter chain in cleartext under STRICT', () => {
    expect(arrive(strict, 'none').error).toBe('no filter chains matched');
    expect(arrive(strict, 'mutual').error).toBeUndefined();
    expect(arrive(strict, 'simple').error).toBe('invalid mTLS');
  });
});

describe('a call at a gateway', () => {
  const gateway = `---
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {name: gw, namespace: ns}
spec:
  selector: {istio: gw}
  servers:
  - {port: {number: 8080, name: http, protocol: HTTP}, hosts: ['*'], tls: {httpsRedirect: true}}
  - port: {number: 8443, name: https, protocol: HTTPS}
    hosts: [b.ns.svc.cluster.local]
    tls: {mode: SIMPLE, credentialName: cert}
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: b, namespace: ns}
spec: {hosts: [b], gateways: [gw], http: [{route: [{destination: {host: b.ns.svc.cluster.local}}]}]}
`;
  const proxy = proxyNamed({ kind: 'gateway', name: 'gw', labels: { istio: 'gw' } });
  const arrive = (parts: CallParts) =>
    resolveCall(
      configOf(REFERENCE_SERVICES + gateway, proxy),
      call({ address: '10.9.9.9', ...parts }),
    );

  it('in cleartext is sent to HTTPS where the server says so', () => {
    expect(arrive({ port: 8080 }).error).toBe('tls required, sending 301');
  });

  it('with TLS finds its chain by SNI', () => {
    const host = 'b.ns.svc.cluster.local';
    const parts = { port: 8443, tls: 'simple', authority: host, serverName: host } as const;
    expect(clustersOf(arrive(parts))).toEqual([`1 ${B}`]);
    expect(arrive({ ...parts, serverName: 'x' }).error).toBe('no filter chains matched');
  });

  it('finds two chains alike when two namespaces serve all hosts with TLS', () => {
    const server = (namespace: string) => `---
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {name: all, namespace: ${namespace}}
spec:
  selector: {istio: gw}
  servers:
  - port: {number: 8443, name: https, protocol: HTTPS}
    hosts: [./*]
    tls: {mode: SIMPLE, credentialName: cert}
`;
    const config = configOf(server('one') + server('two'), proxy);
    const arriving = call({ address: '10.9.9.9', port: 8443, tls: 'simple', serverName: 'a' });
    expect(resolveCall(config, arriving).error).toBe('multiple filter chains matched');
  });

  it('finds no listener on a port that no server has', () => {
    expect(arrive({ port: 9999 }).error).toBe('no listener matched');
  });
});

describe('a connection manager without the routes that it asks for', () => {
  it('answers 404', () => {
    const manager: HttpConnectionManager = {
      '@type': `type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager`,
      statPrefix: 's',
      rds: { routeConfigName: 'gone', configSource: { ads: {} } },
    };
    const name = 'envoy.filters.network.http_connection_manager';
    const listener: Listener = {
      name: 'l',
      address: { socketAddress: { address: '0.0.0.0', portValue: 80 } },
      filterChains: [{ filters: [{ name, typedConfig: manager }] }],
    };
    const resolved = resolveCall({ listeners: [listener], routes: [] }, call());
    expect(resolved.error).toBe('no virtual host matched');
    expect(resolved.routing?.configuration).toBeUndefined();
  });
});
