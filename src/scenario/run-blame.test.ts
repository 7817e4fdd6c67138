import { describe, expect, it } from 'vitest';
import { prepareExperiment } from './experiment.ts';
import { loadScenario } from './file/load-scenario.ts';
import { Run } from './run.ts';

const SHOP = `  - apiVersion: apps/v1
    kind: Deployment
    metadata: { name: shop }
    spec: { selector: { matchLabels: { app: shop } }, template: { metadata: { labels: { app: shop } } } }
  - apiVersion: v1
    kind: Service
    metadata: { name: shop }
    spec: { selector: { app: shop }, ports: [{ name: http, port: 80 }] }
`;
const GATEWAY = `  - apiVersion: networking.istio.io/v1
    kind: Gateway
    metadata: { name: front }
    spec:
      selector: { istio: ingressgateway }
      servers:
        - port: { number: 80, name: http, protocol: HTTP }
          hosts: [shop.example.com, other.example.com]
`;

/** A VirtualService for hosts, bound to gateways; \`match\` is what its only route asks for. */
function virtualService(hosts: string, gateways: string, match = ''): string {
  return `  - apiVersion: networking.istio.io/v1
    kind: VirtualService
    metadata: { name: shop-routes }
    spec:
      hosts: ${hosts}
${gateways === '' ? '' : `      gateways: ${gateways}\n`}      http:
        - route: [{ destination: { host: shop } }]
${match === '' ? '' : `          match: [${match}]\n`}`;
}

/** What is blamed for requests to a URL, as `object line: setting`. */
function blamed(mesh: string, client: string, count = 3): readonly string[] {
  const text = `duration: 2s\nmesh:\n${SHOP}${mesh}clients:\n  user: { ${client}, load: { requests: ${count} } }\n`;
  const files = { readFile: () => ({ text }), listFiles: () => undefined };
  const { scenario } = loadScenario('s.yaml', files);
  const run = new Run(prepareExperiment(scenario!, files).experiment!);
  const lines = text.split('\n');
  return run.finish().blame.map(({ count, code, flags, destination, cause }) => {
    const line = lines[(cause?.at?.line ?? 0) - 1]?.trim();
    return `${count} × ${code} ${flags} ${destination}: ${cause?.object}, "${line}", ${cause?.setting}`;
  });
}

const through = (url: string) => `through: istio-ingressgateway, request: GET ${url}`;

describe('what is to blame for 404 NR', () => {
  it('is the Gateway whose hosts do not cover the one that was asked for', () => {
    const mesh = GATEWAY + virtualService('[shop.example.com]', '[front]');
    expect(blamed(mesh, through('http://wrong.example.com/'))).toEqual([
      '3 × 404 NR wrong.example.com: Gateway front, "hosts: [shop.example.com, other.example.com]", hosts: shop.example.com, other.example.com; wrong.example.com is not among them',
    ]);
  });

  it('is the VirtualService that has the host and is bound to another gateway, or none', () => {
    const elsewhere = GATEWAY + virtualService('[shop.example.com]', '[back]');
    expect(blamed(elsewhere, through('http://shop.example.com/'))).toEqual([
      '3 × 404 NR shop.example.com: VirtualService shop-routes, "gateways: [back]", gateways: back; default/front is not among them',
    ]);
    const nowhere = GATEWAY + virtualService('[shop.example.com]', '');
    expect(blamed(nowhere, through('http://shop.example.com/'))[0]).toContain(
      '"hosts: [shop.example.com]", gateways: none, so the mesh alone',
    );
  });

  it('is the Gateway where nobody routes a host that it serves', () => {
    const mesh = GATEWAY + virtualService('[shop.example.com]', '[front]');
    expect(blamed(mesh, through('http://other.example.com/'))[0]).toContain(
      'hosts: no VirtualService routes other.example.com',
    );
  });

  it('is the VirtualService none of whose matches takes the request, in a sidecar too', () => {
    const match = '{ uri: { prefix: /items } }';
    const mesh = GATEWAY + virtualService('[shop.example.com]', '[front]', match);
    const said =
      'VirtualService shop-routes, "match: [{ uri: { prefix: /items } }]", match: the only one does not take the request';
    expect(blamed(mesh, through('http://shop.example.com/admin'))).toEqual([
      `3 × 404 NR shop.example.com: ${said}`,
    ]);
    expect(
      blamed(virtualService('[shop]', '', match), 'from: shop, request: GET http://shop/admin'),
    ).toEqual([`3 × 404 NR shop: ${said}`]);
  });

  it('tells hosts apart', () => {
    const mesh = GATEWAY + virtualService('[shop.example.com]', '[front]');
    const requests =
      '[{ request: GET http://a.example.com/ }, { request: GET http://b.example.com/ }]';
    const client = `through: istio-ingressgateway, requests: ${requests}`;
    const hosts = blamed(mesh, client, 20).map((line) => /NR (\S+):/.exec(line)?.[1]);
    expect(hosts.sort()).toEqual(['a.example.com', 'b.example.com']);
  });

  it('is the listener of the Gateway API whose hostname is another', () => {
    const gateway = `  - apiVersion: gateway.networking.k8s.io/v1
    kind: Gateway
    metadata: { name: front }
    spec:
      gatewayClassName: istio
      listeners:
        - { name: http, port: 80, protocol: HTTP, hostname: shop.example.com }
  - apiVersion: gateway.networking.k8s.io/v1
    kind: HTTPRoute
    metadata: { name: shop }
    spec:
      parentRefs: [{ name: front }]
      rules: [{ backendRefs: [{ name: shop, port: 80 }] }]
`;
    const [line] = blamed(gateway, 'through: front-istio, request: GET http://wrong.example.com/');
    expect(line).toContain('Gateway front');
    expect(line).toContain('hosts: shop.example.com; wrong.example.com is not among them');
  });
});
