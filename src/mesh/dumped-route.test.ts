import { describe, expect, it } from 'vitest';
import { loadText } from '#config/loader.ts';
import { readConfigDump } from '#xds/config-dump.ts';
import { inspectDumpedRoute } from './dumped-route.ts';
import { configOf, findProxy, inspectResources } from './proxy-inspection.ts';

const MESH = `apiVersion: apps/v1
kind: Deployment
metadata: {name: shop, namespace: a}
spec:
  selector: {matchLabels: {app: shop}}
  template: {metadata: {labels: {app: shop}}, spec: {containers: [{name: app}]}}
---
apiVersion: v1
kind: Service
metadata: {name: catalog, namespace: a}
spec:
  clusterIP: 10.0.0.9
  selector: {app: shop}
  ports: [{name: http, port: 80, targetPort: 8080}, {name: tcp-db, port: 5432}]
---
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {name: web, namespace: a}
spec:
  selector: {istio: ingressgateway}
  servers: [{port: {number: 80, name: http, protocol: HTTP}, hosts: ["*"]}]
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: catalog, namespace: a}
spec:
  hosts: [catalog, shop.example.com]
  gateways: [mesh, web]
  http:
  - match: [{uri: {prefix: /api}}]
    timeout: 2s
    route: [{destination: {host: catalog, subset: v1}}]
  - route: [{destination: {host: catalog, port: {number: 80}}}]
`;

/** What the proxy would dump: every part as an Any of the admin's answer. */
function dumpOf(proxy: string) {
  const mesh = inspectResources(loadText('mesh.yaml', MESH).resources, undefined, []);
  const found = findProxy(mesh.view, proxy, undefined);
  if ('problem' in found) throw new Error(found.problem);
  const { listeners, clusters, routes, endpoints } = configOf(mesh, found.pod);
  const dump = readConfigDump({
    configs: [
      { static_listeners: listeners.map((listener) => ({ listener })) },
      { dynamic_active_clusters: clusters.map((cluster) => ({ cluster })) },
      { dynamic_route_configs: routes.map((route_config) => ({ route_config })) },
      { dynamic_endpoint_configs: [...endpoints.values()].map((it) => ({ endpoint_config: it })) },
    ],
  });
  expect(dump.problems).toEqual([]);
  return { ...dump, routes: dump.routeConfigurations, endpoints: dump.loadAssignments };
}

function explained(proxy: string, url: string) {
  const inspected = inspectDumpedRoute(dumpOf(proxy), 'dump', { method: 'GET', url, headers: [] });
  if ('problem' in inspected) throw new Error(inspected.problem);
  return inspected.explanation;
}

describe('a request at a proxy of which only the config dump is known', () => {
  it('takes the route of its path, and names the VirtualService that it has from', () => {
    const { destinations, trials, policies } = explained('shop', 'http://catalog/api/x');
    expect(destinations.map(({ cluster, config }) => [cluster, config])).toEqual([
      ['outbound|80|v1|catalog.a.svc.cluster.local', undefined],
    ]);
    expect(trials[0]).toMatchObject({ hasMatched: true, object: 'VirtualService catalog' });
    expect(policies[0]).toMatchObject({ name: 'timeout', from: 'VirtualService catalog' });
    expect(policies[1]).toMatchObject({ name: 'retries', from: 'as dumped' });
  });

  it('finds the address of a TCP service by the listener that leads to it', () => {
    const { call, destinations } = explained('shop', 'tcp://catalog.a.svc.cluster.local:5432');
    expect(call.listener?.name).toBe('10.0.0.9_5432');
    expect(destinations[0]?.cluster).toBe('outbound|5432||catalog.a.svc.cluster.local');
  });

  it('enters Istio’s gateway by the port of its Service', () => {
    const { call, destinations } = explained('istio-ingressgateway', 'http://shop.example.com/q');
    expect(call.listener?.name).toBe('0.0.0.0_8080');
    expect(destinations[0]).toMatchObject({
      cluster: 'outbound|80||catalog.a.svc.cluster.local',
      endpointCount: 1,
    });
  });
});
