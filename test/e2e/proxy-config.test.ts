import { spawn, spawnSync } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { get } from 'node:http';
import { delimiter, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { describeWith } from '../needs.ts';
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
const withEnvoy = describeWith('the real Envoy', envoy !== undefined);

withEnvoy('meshsim proxy-config bootstrap', () => {
  it.each(['shop-1.a', 'istio-ingressgateway'])('of %s is accepted by the real Envoy', (proxy) => {
    const file = join(folder, 'bootstrap.json');
    writeFileSync(file, pc('bootstrap', proxy));
    const { status, stderr } = spawnSync(envoy!, ['--mode', 'validate', '-c', file], {
      encoding: 'utf8',
    });
    expect(status, stderr).toBe(0);
  });
});

withEnvoy('a config dump of the real Envoy', () => {
  it('is read in place of manifests, by proxy-config and by route', async () => {
    writeFileSync(join(folder, 'live.json'), await liveDump('shop-1.a'));
    const ofDump = (...args: readonly string[]) =>
      meshsim([...args, '-f', 'live.json'], { cwd: folder });
    expect(ofDump('proxy-config', 'routes', '--name', '80').stdout).toContain('catalog.a');
    const endpoints = ofDump('proxy-config', 'endpoints').stdout.split('\n');
    expect(new Set(endpoints).size).toBe(endpoints.length);
    const { code, stdout, stderr } = ofDump('route', 'http://catalog/api/x');
    expect(stderr).toBe('');
    expect(code).toBe(0);
    expect(stdout).toContain('live.json sends it to outbound|80|v1|catalog.a.svc.cluster.local');
    expect(stdout).toContain('/api*: matched  VirtualService catalog');
  });
});

/** What a proxy with this configuration dumps; it binds no port, and its admin is a socket file. */
async function liveDump(proxy: string): Promise<string> {
  const bootstrap = JSON.parse(pc('bootstrap', proxy));
  const socketPath = join(folder, 'admin.sock');
  bootstrap.admin = { address: { pipe: { path: socketPath } } };
  for (const listener of bootstrap.staticResources.listeners) listener.bindToPort = false;
  const file = join(folder, 'live-bootstrap.json');
  writeFileSync(file, JSON.stringify(bootstrap));
  const live = spawn(envoy!, ['-c', file, '--disable-hot-restart', '-l', 'critical']);
  try {
    return await retried(() => getFromSocket(socketPath, '/config_dump?include_eds'));
  } finally {
    live.kill('SIGKILL');
  }
}

async function retried(ask: () => Promise<string>): Promise<string> {
  for (let attempt = 0; attempt < 100; attempt++) {
    const answer = await ask().catch(() => undefined);
    if (answer !== undefined) return answer;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return ask();
}

function getFromSocket(socketPath: string, path: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const request = get({ socketPath, path }, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => {
        text += chunk;
      });
      response.on('end', () => resolve(text));
    });
    request.on('error', reject);
  });
}
