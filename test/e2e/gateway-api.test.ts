import { describe, expect, it } from 'vitest';
import { folderOf, meshsim, summaryOf } from './cli-process.ts';

const workload = (name: string, version: string) => `---
apiVersion: apps/v1
kind: Deployment
metadata: {name: ${name}-${version}, namespace: shop}
spec:
  replicas: 1
  selector: {matchLabels: {app: ${name}, version: ${version}}}
  template:
    metadata: {labels: {app: ${name}, version: ${version}}}
    spec: {containers: [{name: app, ports: [{containerPort: 8080}]}]}
---
apiVersion: v1
kind: Service
metadata: {name: ${name}-${version}, namespace: shop}
spec:
  selector: {app: ${name}, version: ${version}}
  ports: [{name: http, port: 80, targetPort: 8080}]
`;

const ROUTES = `---
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {name: web, namespace: shop}
spec:
  gatewayClassName: istio
  listeners:
  - {name: http, port: 80, protocol: HTTP, hostname: "*.example.com"}
---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: catalog, namespace: shop}
spec:
  parentRefs: [{name: web}]
  hostnames: [shop.example.com]
  rules:
  - matches: [{path: {type: PathPrefix, value: /gone}}]
    backendRefs: [{name: nobody, port: 80}]
  - backendRefs:
    - {name: catalog-v1, port: 80, weight: 80}
    - {name: catalog-v2, port: 80, weight: 20}
`;

const SCENARIO = `title: a gateway of the Gateway API
seed: 1
duration: 20s
mesh: [mesh.yaml]
clients:
  shop: {through: web-istio, request: GET http://shop.example.com/items, load: {rate: 50/s}}
  gone: {through: web-istio, request: GET http://shop.example.com/gone/1, load: {rate: 5/s}}
  close: {through: web-istio, request: GET http://shop.example.com/gonebeyond, load: {rate: 5/s}}
expect:
  - {that: 'requests{client="shop", destination_workload="catalog-v2"} / requests{client="shop"}', is: ~20%}
  - {that: 'requests{client="gone", response_code="500"} / requests{client="gone"}', is: == 100%}
  - {that: 'requests{client="close", response_code="200"} / requests{client="close"}', is: == 100%}
`;

describe('a scenario on the Gateway API', () => {
  const folder = folderOf({
    'mesh.yaml': workload('catalog', 'v1') + workload('catalog', 'v2') + ROUTES,
    'scenario.yaml': SCENARIO,
  });

  it('sends requests through the gateway that nobody deployed, as its HTTPRoute says', () => {
    const { expectations } = summaryOf(['scenario.yaml'], folder);
    expect(expectations.map(({ holds }) => holds)).toEqual([true, true, true]);
  });

  it('has its routes in proxy-config, each with the HTTPRoute’s place in route', () => {
    const routes = meshsim(
      ['proxy-config', 'routes', 'web-istio', '-n', 'shop', '-f', 'mesh.yaml'],
      {
        cwd: folder,
      },
    );
    expect(routes.stdout).toContain('PathPrefix:/gone');
    const explained = meshsim(
      ['route', '-f', 'mesh.yaml', '--from', 'web-istio', 'http://shop.example.com/gone/1'],
      { cwd: folder },
    );
    expect(explained.stdout).toMatch(/HTTPRoute catalog mesh\.yaml:\d+/);
    expect(explained.stdout).toContain('no such cluster: 500 NC');
  });
});
