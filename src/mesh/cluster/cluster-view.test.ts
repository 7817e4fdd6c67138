import { describe, expect, it } from 'vitest';
import { loadText } from '#config/loader.ts';
import { ResourceStore } from '#config/resource-store.ts';
import { type ClusterView, clusterView } from './cluster-view.ts';
import type { PodOptions } from './pod-builder.ts';

const OPTIONS: PodOptions = {
  injection: 'all',
  withoutSidecar: new Set(),
  replicas: new Map(),
  gone: new Set(),
};

function view(yaml: string, options: Partial<PodOptions> = {}): ClusterView {
  const { resources, diagnostics } = loadText('mesh.yaml', yaml);
  expect(diagnostics).toEqual([]);
  return clusterView(ResourceStore.EMPTY.with(resources), { ...OPTIONS, ...options });
}

const deployment = (name: string, replicas = 1, extra = '') => `
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: ${name} }
spec:
  replicas: ${replicas}
  template: { metadata: { labels: { app: ${name}, version: v1 }${extra} }, spec: { containers: [{ name: c, ports: [{ name: web, containerPort: 8080 }] }] } }
`;

const names = ({ pods }: ClusterView) => pods.map(({ name }) => name);

describe('the pods of a cluster', () => {
  it('are numbered from 1 for a Deployment and from 0 for a StatefulSet', () => {
    const yaml = `${deployment('web', 2)}${deployment('db', 2).replace('Deployment', 'StatefulSet')}`;
    expect(names(view(yaml))).toEqual(['db-0', 'db-1', 'web-1', 'web-2']);
  });

  it('are those that are given, where any is given', () => {
    const yaml = `${deployment('web', 3)}
---
apiVersion: apps/v1
kind: ReplicaSet
metadata: { name: web-abc, ownerReferences: [{ kind: Deployment, name: web, apiVersion: apps/v1, uid: a }] }
spec: { replicas: 3 }
---
apiVersion: v1
kind: Pod
metadata: { name: web-abc-1, labels: { app: web }, ownerReferences: [{ kind: ReplicaSet, name: web-abc, apiVersion: apps/v1, uid: b }] }
status: { podIP: 10.9.9.9 }
`;
    const { pods } = view(yaml);
    expect(pods).toMatchObject([{ name: 'web-abc-1', workload: 'web', ip: '10.9.9.9' }]);
  });

  it('are a workload of their own name without an owner', () => {
    const { workloads } = view('{ apiVersion: v1, kind: Pod, metadata: { name: lone } }');
    expect([...workloads.keys()]).toEqual(['default/lone']);
  });

  it('keep their addresses when other files come along', () => {
    const alone = view(deployment('web', 2)).pods.map(({ ip }) => ip);
    const among = view(deployment('web', 2) + deployment('api', 5) + deployment('zoo', 5));
    expect(among.pods.filter(({ workload }) => workload === 'web').map(({ ip }) => ip)).toEqual(
      alone,
    );
    expect(alone.every((ip) => /^10\.244\.\d+\.\d+$/.test(ip))).toBe(true);
    expect(new Set(among.pods.map(({ ip }) => ip)).size).toBe(12);
  });

  it('follow the number that the timeline has set', () => {
    const replicas = new Map([['default/web', { first: 2, count: 2 }]]);
    expect(names(view(deployment('web', 5), { replicas }))).toEqual(['web-3', 'web-4']);
  });

  it('have what the injector sets', () => {
    const [pod] = view(deployment('web')).pods;
    expect(pod?.proxy).toBe('sidecar');
    expect(Object.fromEntries(pod?.labels ?? [])).toMatchObject({
      'security.istio.io/tlsMode': 'istio',
      'service.istio.io/canonical-name': 'web',
      'service.istio.io/canonical-revision': 'v1',
    });
  });
});

describe('a sidecar', () => {
  it.each([
    [
      'the annotation says no',
      deployment('web', 1, ', annotations: { sidecar.istio.io/inject: "false" }'),
    ],
    [
      'the namespace says no',
      `${deployment('web')}---\n{ apiVersion: v1, kind: Namespace, metadata: { name: default, labels: { istio-injection: disabled } } }`,
    ],
    [
      'the pod is in the host’s network',
      deployment('web').replace('spec: { containers', 'spec: { hostNetwork: true, containers'),
    ],
    [
      'it is a namespace of Istio’s',
      deployment('web').replace('name: web }', 'name: web, namespace: istio-system }'),
    ],
  ])('is left out where %s', (_, yaml) => {
    expect(view(yaml).pods.map(({ proxy }) => proxy)).toEqual(['none']);
  });

  it('follows labels strictly when the scenario asks for that', () => {
    const options = { injection: 'labels' } as const;
    expect(view(deployment('web'), options).pods[0]?.proxy).toBe('none');
    const labelled = `${deployment('web')}---\n{ apiVersion: v1, kind: Namespace, metadata: { name: default, labels: { istio-injection: enabled } } }`;
    expect(view(labelled, options).pods[0]?.proxy).toBe('sidecar');
  });

  it('is taken away by the scenario', () => {
    const withoutSidecar = new Set(['default/web']);
    expect(view(deployment('web'), { withoutSidecar }).pods[0]?.proxy).toBe('none');
  });
});

describe('a gateway without a Deployment', () => {
  const GATEWAY = `
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: { name: shop }
spec:
  selector: { istio: ingressgateway }
  servers:
    - { port: { number: 80, name: http, protocol: HTTP }, hosts: ['*'] }
    - { port: { number: 9000, name: tcp, protocol: TCP }, hosts: ['*'] }
`;

  it('is implied, named after its selector, with the usual ports and its own', () => {
    const found = view(GATEWAY);
    expect(found.pods).toMatchObject([
      { name: 'istio-ingressgateway-1', namespace: 'istio-system', proxy: 'gateway' },
    ]);
    const [service] = found.store.of('Service');
    expect(service?.spec.ports.map(({ port, targetPort }) => [port, targetPort])).toEqual([
      [80, 8080],
      [443, 8443],
      [9000, 9000],
      [15021, 15021],
    ]);
  });

  it('is not, where a pod has the labels', () => {
    const found = view(
      `${GATEWAY}${deployment('edge').replace('app: edge,', 'istio: ingressgateway,')}`,
    );
    expect(found.impliedGateways).toEqual([]);
    expect(found.pods).toMatchObject([{ name: 'edge-1', proxy: 'gateway' }]);
  });
});

describe('services', () => {
  it('without a cluster IP get one by their name; given ones keep theirs', () => {
    const service = (name: string, ip = '') =>
      `---\n{ apiVersion: v1, kind: Service, metadata: { name: ${name} }, spec: { ${ip} ports: [{ port: 80 }] } }\n`;
    const { store } = view(
      service('a') + service('b', 'clusterIP: 10.96.7.7,') + service('c', 'clusterIP: None,'),
    );
    const ips = store.of('Service').map(({ spec }) => spec.clusterIP);
    expect(ips[0]).toMatch(/^10\.(9[6-9]|10\d|11[01])\.\d+\.\d+$/);
    expect(ips.slice(1)).toEqual(['10.96.7.7', 'None']);
  });
});
