import { describe, expect, it } from 'vitest';
import { folderOf, meshsim } from './cli-process.ts';

const MANIFESTS = `apiVersion: apps/v1
kind: Deployment
metadata: { name: api-v1 }
spec:
  selector: { matchLabels: { app: api } }
  template:
    metadata: { labels: { app: api, version: v1 } }
    spec: { containers: [{ name: app, image: a, ports: [{ containerPort: 8080 }] }] }
---
apiVersion: v1
kind: Service
metadata: { name: api }
spec:
  selector: { app: api }
  ports: [{ name: http, port: 80, targetPort: 8080 }]
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: api }
spec:
  hosts: [api]
  http:
    - name: admin
      match: [{ uri: { prefix: /admin } }]
      route: [{ destination: { host: api } }]
    - name: rest
      route: [{ destination: { host: api } }]
`;
const SCENARIO = `mesh: [api.yaml]
duration: 2s
clients: { load: { from: api-v1, request: GET http://api/, load: { rate: 10/s } } }
`;

describe('meshsim run on manifests without a scenario', () => {
  it('sends requests to each service, from standard input, and says that it assumed them', () => {
    const { code, stdout } = meshsim(['run', '-'], { input: MANIFESTS });
    expect(stdout).toContain('to-api');
    expect(stdout).toMatch(/note: no scenario given, one is implied .*clients: to-api/);
    expect(code).toBe(0);
  });

  it('takes a folder; one with a scenario.yaml runs that', () => {
    const bare = folderOf({ 'mesh/api.yaml': MANIFESTS });
    expect(meshsim(['run', 'mesh'], { cwd: bare }).stdout).toContain('no scenario given');
    const written = folderOf({ 'mesh/api.yaml': MANIFESTS, 'mesh/scenario.yaml': SCENARIO });
    const { stdout } = meshsim(['run', 'mesh'], { cwd: written });
    expect(stdout).not.toContain('no scenario given');
    expect(stdout).toContain('load');
  });

  it('names what is wrong with them by file and line, and invents no traffic', () => {
    const { code, stdout, stderr } = meshsim(['run', '-'], {
      input: 'apiVersion: v1\nkind: Service\nmetadata: { name: a\n',
    });
    expect(code).toBe(2);
    expect(stdout).toBe('');
    expect(stderr).toMatch(/stdin\/manifests\.yaml:\d+:\d+: error/);
  });
});

describe('--coverage', () => {
  const folder = folderOf({ 'api.yaml': MANIFESTS, 'scenario.yaml': SCENARIO });
  const run = (...options: string[]) =>
    meshsim(['run', 'scenario.yaml', ...options], { cwd: folder });

  it('lists what was exercised, with its place and the share', () => {
    const { code, stdout } = run('--coverage');
    expect(stdout).toContain('COVERAGE  50.0%: 1 of 2 exercised');
    expect(stdout).toMatch(/✗ {2}route {2}admin {2}api\.yaml:23/);
    expect(stdout).toMatch(/NOT EXERCISED {2}route "admin" \(api\.yaml:23\)/);
    expect(code).toBe(0);
  });

  it('fails under the share that was asked for', () => {
    expect(run('--coverage-fail-under', '50').code).toBe(0);
    const { code, stderr } = run('--coverage-fail-under', '51');
    expect(code).toBe(1);
    expect(stderr).toContain('coverage 50.0% is under 51%');
    expect(run('--coverage-fail-under', 'half').code).toBe(2);
  });
});

it('route and proxy-config take the mesh of a scenario', () => {
  const cwd = folderOf({ 'api.yaml': MANIFESTS, 'scenario.yaml': SCENARIO });
  const route = meshsim(
    ['route', '-f', 'scenario.yaml', '--from', 'api-v1', 'http://api/admin/x'],
    { cwd },
  );
  expect(route.stdout).toContain('admin');
  expect(route.code).toBe(0);
  const table = meshsim(['proxy-config', 'clusters', 'api-v1-1', '-f', 'scenario.yaml'], { cwd });
  expect(table.stdout).toContain('api.default.svc.cluster.local');
});
