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
metadata: {name: users, namespace: a}
spec: {selector: {app: shop}, ports: [{name: http, port: 80}]}
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: users, namespace: a}
spec:
  hosts: [users]
  http:
  - match: [{uri: {prefix: /old}}]
    redirect: {uri: /new}
  - match: [{headers: {canary: {exact: "yes"}}}]
    route: [{destination: {host: users, subset: v2}}]
  - route: [{destination: {host: users}}]
`;

const TABLE = `testCases:
- description: everybody gets users
  wantMatch: true
  request: {authority: [users.a], method: [GET, POST], uri: [/, /api]}
  route: [{destination: {host: users.a.svc.cluster.local, port: {number: 80}}}]
- description: nobody but testers gets v2
  wantMatch: false
  request: {authority: [users.a], uri: [/api]}
  route: [{destination: {host: users, subset: v2}}]
- description: old paths move
  request: {authority: [users.a], uri: [/old/1]}
  redirect: {uri: /new}
`;

const folder = folderOf({
  'mesh.yaml': MESH,
  'table.yaml': TABLE,
  'wrong.yaml': TABLE.replace('wantMatch: false', 'wantMatch: true'),
});
const route = (...args: readonly string[]) =>
  meshsim(['route', '-f', 'mesh.yaml', '--from', 'shop-1.a', ...args], { cwd: folder });

describe('meshsim route --table', () => {
  it('tries every combination of a case', () => {
    const { stdout, code } = route('--table', 'table.yaml');
    expect(code).toBe(0);
    expect(stdout).toContain('ROUTES  6 held, 0 failed');
  });

  it('says where a request went that was wanted elsewhere, and fails', () => {
    const { stdout, code } = route('--table', 'wrong.yaml');
    expect(code).toBe(1);
    expect(stdout).toContain('wrong.yaml:6');
    expect(stdout).toContain('went to outbound|80||users.a.svc.cluster.local');
  });

  it('names the rules that no request took', () => {
    const { stdout, code } = route('--table', 'table.yaml', '--coverage-fail-under', '70');
    expect(code).toBe(1);
    expect(stdout).toContain('COVERAGE  2 of 3 rules (66.6%)');
    expect(stdout).toContain('not exercised: VirtualService users http[1]  mesh.yaml:');
  });
});

describe('meshsim analyze --output', () => {
  it('github annotates lines, junit has a failure for each finding', () => {
    const analyze = (format: string) =>
      meshsim(['analyze', 'mesh.yaml', '-o', format], { cwd: folder }).stdout;
    expect(analyze('github')).toMatch(/^::error file=mesh\.yaml,line=\d+,col=\d+,title=IST0101::/m);
    expect(analyze('junit')).toMatch(
      /<testsuite name="analyze mesh.yaml" tests="\d+" failures="\d+">/,
    );
  });
});
