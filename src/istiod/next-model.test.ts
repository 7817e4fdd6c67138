import { describe, expect, it } from 'vitest';
import { loadText } from '#config/loader.ts';
import { ResourceStore } from '#config/resource-store.ts';
import { generateForProxy } from './generate.ts';
import { MeshModel } from './model/mesh-model.ts';
import { proxyNamed, REFERENCE_SERVICES } from './test-mesh.ts';

const resources = (manifests: string) => loadText('mesh.yaml', manifests).resources;

function pod(name: string, app: string, ip: string, ready: string): string {
  return `
apiVersion: v1
kind: Pod
metadata: {name: ${name}, namespace: ns, labels: {app: ${app}, security.istio.io/tlsMode: istio}}
spec: {serviceAccountName: ${app}, containers: [{name: main}]}
status: {podIP: ${ip}, conditions: [{type: Ready, status: "${ready}"}]}
---
`;
}

const RULE = (maxConnections: number): string => `
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: b, namespace: ns}
spec: {host: b, trafficPolicy: {connectionPool: {tcp: {maxConnections: ${maxConnections}}}}}
---
`;

const B = 'outbound|80||b.ns.svc.cluster.local';
const R = 'outbound|9080||r.ns.svc.cluster.local';
const proxy = proxyNamed();

const store = ResourceStore.EMPTY.with(
  resources(
    `${REFERENCE_SERVICES}---\n${RULE(1)}${pod('b-1', 'b', '10.1.0.1', 'True')}${pod('r-1', 'r', '10.1.0.2', 'True')}`,
  ),
);

function configOf(model: MeshModel) {
  const { clusters, endpoints } = generateForProxy(model, proxy);
  return {
    cluster: (name: string) => clusters.find((cluster) => cluster.name === name),
    endpoints: (name: string) => endpoints.get(name),
  };
}

describe('the model that follows a change', () => {
  it('keeps the clusters, and the endpoints of other services, when a pod stops being ready', () => {
    const model = new MeshModel(store);
    const before = configOf(model);
    const after = configOf(model.next(store.with(resources(pod('b-1', 'b', '10.1.0.1', 'False')))));
    expect(after.cluster(B)).toBe(before.cluster(B));
    expect(after.endpoints(R)).toBe(before.endpoints(R));
    expect(after.endpoints(B)).not.toEqual(before.endpoints(B));
  });

  it('makes the clusters of a changed rule anew, and equal ones of no other', () => {
    const model = new MeshModel(store);
    const before = configOf(model);
    const after = configOf(model.next(store.with(resources(RULE(2)))));
    expect(after.cluster(B)).not.toBe(before.cluster(B));
    expect(after.cluster(B)!.circuitBreakers!.thresholds![0]!.maxConnections).toBe(2);
    expect(after.cluster(R)).toBe(before.cluster(R));
  });

  it('makes a cluster anew when another identity appears behind it', () => {
    const model = new MeshModel(store);
    const before = configOf(model);
    const other = pod('b-2', 'b', '10.1.0.3', 'True').replace(
      'serviceAccountName: b',
      'serviceAccountName: z',
    );
    const after = configOf(model.next(store.with(resources(other))));
    expect(JSON.stringify(after.cluster(B))).toContain('sa/z');
    expect(JSON.stringify(before.cluster(B))).not.toContain('sa/z');
  });

  it.each([
    ['a pod', pod('b-1', 'b', '10.1.0.1', 'False')],
    ['a rule', RULE(2)],
    [
      'a policy',
      `
apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata: {name: p, namespace: ns}
spec: {mtls: {mode: DISABLE}}
`,
    ],
    [
      'a service',
      `
apiVersion: v1
kind: Service
metadata: {name: b, namespace: ns}
spec: {clusterIP: 10.0.0.1, selector: {app: r}, ports: [{name: tcp, port: 80}]}
`,
    ],
    [
      'a Sidecar',
      `
apiVersion: networking.istio.io/v1
kind: Sidecar
metadata: {name: s, namespace: ns}
spec: {egress: [{hosts: ['./r.ns.svc.cluster.local']}]}
`,
    ],
  ])('gives what a model from scratch gives, after a change of %s', (_, manifests) => {
    const changed = store.with(resources(manifests));
    const model = new MeshModel(store);
    generateForProxy(model, proxy);
    const followed = generateForProxy(model.next(changed), proxy);
    const fresh = generateForProxy(new MeshModel(changed), proxy);
    expect(followed.clusters).toEqual(fresh.clusters);
    expect(followed.endpoints).toEqual(fresh.endpoints);
    expect(followed.listeners).toEqual(fresh.listeners);
    expect(followed.routes).toEqual(fresh.routes);
  });
});
