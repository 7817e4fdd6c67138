import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { NodeFiles } from '#cli/node-files.ts';
import { guessScenario } from '#scenario/guess-scenario.ts';
import { LayeredFiles } from '#testing/layered-files.ts';
import { simulate } from '#testing/node.ts';
import { describeWithShared } from '../needs.ts';
import { SHARED, shared } from '../shared-data.ts';

const SERVICE = `apiVersion: v1
kind: Service
metadata: { name: stock }
spec:
  selector: { app: stock }
  ports: [{ name: grpc-api, port: 50051 }]
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: stock }
spec:
  selector: { matchLabels: { app: stock } }
  template: { metadata: { labels: { app: stock } } }
`;
const GATEWAY = `apiVersion: networking.istio.io/v1
kind: Gateway
metadata: { name: front }
spec:
  selector: { istio: ingressgateway }
  servers: [{ port: { number: 80, name: http, protocol: HTTP }, hosts: ["*.shop.example"] }]
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: shop }
spec:
  hosts: ["*.shop.example"]
  gateways: [front]
  http:
    - match: [{ uri: { prefix: /stock } }]
      route: [{ destination: { host: stock } }]
`;

function guessed(files: Readonly<Record<string, string>>) {
  const found = new Map(Object.entries(files));
  return guessScenario('mesh', 'mesh/scenario.yaml', new LayeredFiles(found, undefined));
}

describe('a guessed scenario', () => {
  it('has a client for every Service, in the protocol of its port', () => {
    const { clients, text } = guessed({ 'mesh/stock.yaml': SERVICE });
    expect(clients).toMatchObject([
      { name: 'to-stock', request: 'POST grpc://stock:50051/example.Service/Method' },
    ]);
    expect(text).toContain('# Service stock, port 50051 (grpc-api)');
    expect(text).toContain('default/stock: { latency: { p50: 10ms, p99: 50ms } }');
  });

  it('has a client from outside for a gateway, with a host and path that its routes know', () => {
    const { clients, text } = guessed({ 'mesh/a.yaml': SERVICE, 'mesh/b.yaml': GATEWAY });
    expect(clients[0]).toMatchObject({
      name: 'through-front',
      origin: { kind: 'through', workload: 'istio-system/istio-ingressgateway' },
      request: 'GET http://www.shop.example/stock',
    });
    expect(text).toContain('istio-ingressgateway is assumed, one replica');
    const files = { 'mesh/a.yaml': SERVICE, 'mesh/b.yaml': GATEWAY, 'mesh/scenario.yaml': text };
    const { result } = simulate('mesh/scenario.yaml', { files });
    expect(result.responses).toMatchObject([{ code: 200, flags: '-' }]);
  });

  it('leaves out what a cluster would refuse, and says why', () => {
    const broken = SERVICE.replace('port: 50051', 'port: many').replaceAll('stock', 'broken');
    const { leftOut, text } = guessed({ 'mesh/a.yaml': SERVICE, 'mesh/z.yaml': broken });
    expect(leftOut).toMatchObject([{ what: 'mesh/z.yaml' }]);
    expect(text).toContain('  - a.yaml');
    expect(text).toMatch(/# Left out: mesh\/z\.yaml \(\w+: .+\)/);
  });

  it('brings a caller along where there is no workload', () => {
    const { clients, text } = guessed({ 'mesh/empty.yaml': '# nothing\n' });
    expect(clients).toMatchObject([{ origin: { workload: 'default/caller' } }]);
    expect(text).toContain('name: caller');
  });
});

/** Every folder of real projects that has manifests, and all of them together. */
function realFolders(): readonly string[] {
  if (SHARED === undefined) return [];
  const below = (folder: string): readonly string[] =>
    readdirSync(folder, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .flatMap(({ name }) => [join(folder, name), ...below(join(folder, name))]);
  return [shared('real'), ...below(shared('real'))];
}

describeWithShared('meshsim init', () => {
  it.each(realFolders())(
    '%s gives a scenario that runs',
    (folder) => {
      expect(existsSync(folder)).toBe(true);
      const path = `${folder}/scenario.yaml`;
      const { text, clients } = guessScenario(folder, path, new NodeFiles());
      const { result } = simulate(path, { files: { [path]: text }, overrides: { duration: '3s' } });
      expect(result.clients).toHaveLength(clients.length);
      expect(result.responses.length).toBeGreaterThan(0);
    },
    120_000,
  );
});
