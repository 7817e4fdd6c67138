import { describe, expect, it } from 'vitest';
import { loadText } from '#config/loader.ts';
import { ResourceStore } from '#config/resource-store.ts';
import { generateForProxy } from './generate.ts';
import { MeshModel } from './model/mesh-model.ts';
import { proxyNamed, REFERENCE_SERVICES } from './test-mesh.ts';

function pod(name: string, app: string, ip: string): string {
  return `---
apiVersion: v1
kind: Pod
metadata: {name: ${name}, namespace: ns, labels: {app: ${app}}}
spec: {containers: [{name: main}]}
status: {podIP: ${ip}, phase: Running, conditions: [{type: Ready, status: "True"}]}
`;
}

const HEADLESS = `---
apiVersion: v1
kind: Service
metadata: {name: db, namespace: ns}
spec: {clusterIP: None, selector: {app: db}, ports: [{name: tcp, port: 5432}]}
`;

function gateway(port: number): string {
  return `---
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {name: gw, namespace: ns}
spec:
  selector: {istio: gw}
  servers: [{port: {number: ${port}, name: http, protocol: HTTP}, hosts: ['*']}]
`;
}

const resources = (manifests: string) => loadText('mesh.yaml', manifests).resources;
const base = REFERENCE_SERVICES + HEADLESS + pod('db-0', 'db', '10.5.0.1') + gateway(8080);
const store = ResourceStore.EMPTY.with(resources(base));

/** What a proxy has before and after some objects came or changed. */
function around(manifests: string, proxy = proxyNamed()) {
  const model = new MeshModel(store);
  const before = generateForProxy(model, proxy);
  const after = generateForProxy(model.next(store.with(resources(manifests))), proxy);
  const names = after.listeners.map(({ name }) => name);
  return { before, after, names };
}

describe('listeners and routes after a change', () => {
  it('stay the same objects when pods of an addressed service come', () => {
    const { before, after } = around(pod('b-1', 'b', '10.1.0.1'));
    expect(after.routes).toBe(before.routes);
    expect(after.listeners.every((listener, at) => listener === before.listeners[at])).toBe(true);
  });

  it('follow the pods of a headless service', () => {
    const { before, names } = around(pod('db-1', 'db', '10.5.0.2'));
    expect(before.listeners.map(({ name }) => name)).not.toContain('10.5.0.2_5432');
    expect(names).toContain('10.5.0.1_5432');
    expect(names).toContain('10.5.0.2_5432');
  });

  it('follow a Gateway', () => {
    const proxy = proxyNamed({ kind: 'gateway', name: 'gw', labels: { istio: 'gw' } });
    expect(around(gateway(9090), proxy).names).toEqual(['0.0.0.0_9090']);
  });

  it('follow a PeerAuthentication', () => {
    const strict = `
apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata: {name: default, namespace: ns}
spec: {mtls: {mode: STRICT}}
`;
    const { before, after } = around(strict);
    const chains = ({ listeners }: typeof before) => listeners.at(-1)?.filterChains?.length ?? 0;
    expect(chains(after)).toBeLessThan(chains(before));
  });
});
