import { spawnSync } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { folderOf, meshsim } from './cli-process.ts';

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
  ports: [{name: http, port: 80, targetPort: 8080}]
---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: catalog, namespace: a}
spec: {host: catalog, subsets: [{name: v1, labels: {version: v1}}]}
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
    route: [{destination: {host: catalog, subset: v1}}]
  - route: [{destination: {host: catalog}}]
`;

const folder = folderOf({ 'mesh.yaml': MESH });
const pc = (...args: readonly string[]) =>
  meshsim(['proxy-config', ...args, '-f', 'mesh.yaml'], { cwd: folder }).stdout;

describe('meshsim proxy-config', () => {
  it('prints istioctl’s columns for a deployment’s proxy', () => {
    const lines = pc('clusters', 'deploy/shop', '-n', 'a', '--fqdn', 'catalog.a.svc.cluster.local')
      .split('\n')
      .map((line) => line.split(/ {2,}/));
    expect(lines[0]).toEqual([
      'SERVICE FQDN',
      'PORT',
      'SUBSET',
      'DIRECTION',
      'TYPE',
      'DESTINATION RULE',
    ]);
    expect(lines[1]).toEqual([
      'catalog.a.svc.cluster.local',
      '80',
      '-',
      'outbound',
      'EDS',
      'catalog.a',
    ]);
    expect(lines[2]?.[2]).toBe('v1');
  });

  it('prints messages as a JSON array with four spaces, and the same as YAML', () => {
    const json = pc('routes', 'shop-1.a', '--name', '80', '-o', 'json');
    expect(json.startsWith('[\n    {\n        "name": "80"')).toBe(true);
    expect(pc('routes', 'shop-1.a', '--name', '80', '-o', 'yaml')).toContain('- name: "80"');
  });

  it('prints endpoints as the clusters of a live Envoy', () => {
    const statuses = JSON.parse(pc('endpoints', 'shop-1.a', '--port', '8080', '-o', 'json'));
    expect(statuses[0]).toMatchObject({
      hostStatuses: [{ healthStatus: { edsHealthStatus: 'HEALTHY' }, weight: 1 }],
    });
  });

  it('reads back what it dumps', () => {
    writeFileSync(join(folder, 'dump.json'), pc('all', 'shop-1.a', '-o', 'json'));
    for (const kind of ['clusters', 'listeners', 'routes']) {
      const dumped = meshsim(['proxy-config', kind, '-f', 'dump.json'], { cwd: folder });
      expect(dumped.stderr).toBe('');
      expect(dumped.stdout).toBe(pc(kind, 'shop-1.a'));
    }
    const endpoints = meshsim(['proxy-config', 'endpoints', '-f', 'dump.json'], { cwd: folder });
    expect(endpoints.stdout).toMatch(/^NAME +STATUS +LOCALITY +CLUSTER\n/);
  });

  it('says which proxies there are when it knows none of that name', () => {
    const { code, stderr } = meshsim(['pc', 'c', 'shpo', '-f', 'mesh.yaml'], { cwd: folder });
    expect(code).toBe(2);
    expect(stderr).toContain('shop-1');
  });
});

const envoy = (process.env['PATH'] ?? '')
  .split(delimiter)
  .map((directory) => join(directory, 'envoy'))
  .find((path) => existsSync(path));

describe.skipIf(envoy === undefined)('meshsim proxy-config bootstrap', () => {
  it.each(['shop-1.a', 'istio-ingressgateway'])('of %s is accepted by the real Envoy', (proxy) => {
    const file = join(folder, 'bootstrap.json');
    writeFileSync(file, pc('bootstrap', proxy));
    const { status, stderr } = spawnSync(envoy!, ['--mode', 'validate', '-c', file], {
      encoding: 'utf8',
    });
    expect(status, stderr).toBe(0);
  });
});
