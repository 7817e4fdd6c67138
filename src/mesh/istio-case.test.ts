import { describe, expect, it } from 'vitest';
import type { Cluster } from '#xds/cluster.ts';
import type { Listener } from '#xds/listener.ts';
import type { RouteConfiguration } from '#xds/route.ts';
import { istioCase } from './istio-case.ts';

const mesh = `
apiVersion: v1
kind: Service
metadata: {name: b, namespace: ns}
spec: {clusterIP: 10.0.0.1, selector: {app: b}, ports: [{name: http, port: 80}]}
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: b, namespace: ns}
spec:
  hosts: [b]
  http:
  - match: [{uri: {prefix: /old}}]
    redirect: {uri: /new}
  - route: [{destination: {host: b}}]
`;
const proxy = { kind: 'sidecar', name: 'client', namespace: 'ns', ip: '10.9.9.9' };

interface Got {
  readonly clusters: readonly Cluster[];
  readonly listeners: readonly Listener[];
  readonly routes: readonly RouteConfiguration[];
  readonly calls: readonly unknown[];
}

const run = (rest: object) => istioCase({ mesh, case: { proxy, ...rest } }) as Got;
const names = (named: readonly { readonly name?: string }[]) => named.map(({ name }) => name);

describe('a case of the control plane', () => {
  it('gives the configuration of its proxy', () => {
    const { clusters, listeners, routes } = run({});
    expect(names(routes)).toEqual(['80']);
    expect(names(listeners)).toEqual(['0.0.0.0_80', 'virtualOutbound', 'virtualInbound']);
    expect(names(clusters)).toContain('outbound|80||b.ns.svc.cluster.local');
  });

  it('applies the MeshConfig of the case', () => {
    const { routes } = run({ meshConfig: { outboundTrafficPolicy: { mode: 'REGISTRY_ONLY' } } });
    expect(routes[0]?.virtualHosts?.at(-1)?.name).toBe('block_all');
  });

  it('says of each call where it goes, in the words of the goldens', () => {
    const { calls } = run({
      calls: [
        { port: 80, protocol: 'http', authority: 'b', path: '/' },
        { port: 80, protocol: 'http', authority: 'b', path: '/old/x' },
        { port: 9999, protocol: 'tcp', address: '1.2.3.4' },
      ],
    });
    const at = {
      listener: '0.0.0.0_80',
      routeConfig: '80',
      virtualHost: 'b.ns.svc.cluster.local:80',
    };
    expect(calls).toEqual([
      {
        ...at,
        route: { index: 1, match: { prefix: '/' } },
        cluster: 'outbound|80||b.ns.svc.cluster.local',
        upstreamRequest: {
          method: 'GET',
          authority: 'b',
          path: '/',
          headers: { 'x-envoy-attempt-count': '1' },
        },
        response: { status: 200 },
      },
      {
        ...at,
        route: { index: 0, match: { prefix: '/old', caseSensitive: true } },
        redirect: { status: 301, location: 'http://b/new' },
        response: { status: 301, headers: { location: 'http://b/new' } },
      },
      {
        listener: 'virtualOutbound',
        filterChain: 'virtualOutbound-catchall-tcp',
        cluster: 'PassthroughCluster',
      },
    ]);
  });

  it('says that faults come before whatever a route would answer', () => {
    const faulty = mesh.replace('    redirect: {uri: /new}', FAULTY_REDIRECT);
    const call = { port: 80, protocol: 'http', authority: 'b', path: '/old' };
    const { calls } = istioCase({ mesh: faulty, case: { proxy, calls: [call] } }) as Got;
    expect(calls).toMatchObject([
      { response: { status: 503, flags: 'FI', details: 'fault_filter_abort' } },
    ]);
    expect(calls[0]).not.toHaveProperty('redirect');
  });
});

const FAULTY_REDIRECT = `    fault: {abort: {httpStatus: 503, percentage: {value: 100}}}
    directResponse: {status: 200}`;
