import { describe, expect, it } from 'vitest';
import { reducedEndpointsOf } from '../generate.ts';
import { configOf, type MeshOptions, proxyNamed } from '../test-mesh.ts';

const SERVICE = `
apiVersion: v1
kind: Service
metadata: {name: s, namespace: ns}
spec: {clusterIP: 10.0.0.1, selector: {app: s}, ports: [{name: http, port: 80, targetPort: web}]}
---
`;

/** A pod of the service; `state` is further status or metadata. */
function pod(index: number, ready: string, metadata = '', port = 8080): string {
  return `
apiVersion: v1
kind: Pod
metadata: {name: s-${index}, namespace: ns, labels: {app: s, security.istio.io/tlsMode: istio}${metadata}}
spec: {containers: [{name: main, ports: [{name: web, containerPort: ${port}}]}]}
status: {podIP: 10.1.0.${index}, conditions: [{type: Ready, status: "${ready}"}]}
---
`;
}

function hostsOf(manifests: string, options: MeshOptions = {}, cluster = 'outbound|80||s.ns') {
  const config = configOf(SERVICE + manifests, proxyNamed(), options);
  return reducedEndpointsOf(config).find((found) => found.cluster.startsWith(cluster))!.hosts;
}

const healthByAddress = (hosts: ReturnType<typeof hostsOf>) =>
  Object.fromEntries(hosts.map(({ address, health }) => [address, health]));

describe('the endpoints of a service with a selector', () => {
  it('are its pods, on the port that each gives the name of the target port', () => {
    expect(healthByAddress(hostsOf(pod(1, 'True') + pod(2, 'True', '', 9090)))).toEqual({
      '10.1.0.1:8080': 'HEALTHY',
      '10.1.0.2:9090': 'HEALTHY',
    });
  });

  it('are sent as unhealthy while they are not ready', () => {
    expect(healthByAddress(hostsOf(pod(1, 'True') + pod(2, 'False')))).toEqual({
      '10.1.0.1:8080': 'HEALTHY',
      '10.1.0.2:8080': 'UNHEALTHY',
    });
  });

  it('are left out while they are not ready, before 1.31', () => {
    expect(hostsOf(pod(1, 'True') + pod(2, 'False'), { istioMinor: 30 })).toHaveLength(1);
  });

  it('are left out while they are not ready where a rule lets panic reach them', () => {
    const rule = `
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: s, namespace: ns}
spec: {host: s, trafficPolicy: {outlierDetection: {minHealthPercent: 30}}}
`;
    expect(hostsOf(pod(1, 'True') + pod(2, 'False') + rule)).toHaveLength(1);
  });

  it('are gone once they terminate', () => {
    const leaving = pod(2, 'False', ', deletionTimestamp: "2026-01-01T00:00:00Z"');
    expect(hostsOf(pod(1, 'True') + leaving)).toHaveLength(1);
  });

  it('are those that EndpointSlices list, where there are any', () => {
    const slice = `
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: {name: s-x, namespace: ns, labels: {kubernetes.io/service-name: s}}
addressType: IPv4
ports: [{name: http, port: 1234}]
endpoints: [{addresses: [10.7.0.1]}, {addresses: [10.1.0.1], conditions: {ready: false, terminating: true}}]
---
`;
    expect(healthByAddress(hostsOf(pod(1, 'True') + slice))).toEqual({
      '10.7.0.1:1234': 'HEALTHY',
    });
  });
});

describe('mTLS to an endpoint', () => {
  const modes = (extra: string) => hostsOf(pod(1, 'True') + extra).map(({ tlsMode }) => tlsMode);

  it('is spoken where the pod has a sidecar', () => {
    expect(modes('')).toEqual(['istio']);
  });

  it('is not spoken to a port that is exempt', () => {
    expect(
      modes(`
apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata: {name: p, namespace: ns}
spec: {selector: {matchLabels: {app: s}}, portLevelMtls: {8080: {mode: DISABLE}}}
`),
    ).toEqual([undefined]);
  });

  it.each([
    ['ISTIO_MUTUAL', 'istio'],
    ['SIMPLE', undefined],
    ['DISABLE', undefined],
  ])('is decided by a rule of mode %s', (mode, expected) => {
    expect(
      modes(`
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: s, namespace: ns}
spec: {host: s, trafficPolicy: {tls: {mode: ${mode}}}}
`),
    ).toEqual([expected]);
  });
});

it('a TCP port that shares its number with a UDP port has its own endpoints', () => {
  const dns = `
apiVersion: v1
kind: Service
metadata: {name: dns, namespace: ns}
spec:
  clusterIP: 10.0.0.53
  selector: {app: s}
  ports:
  - {name: dns, port: 53, protocol: UDP, targetPort: 1053}
  - {name: dns-tcp, port: 53, targetPort: 2053}
---
`;
  const hosts = hostsOf(dns + pod(1, 'True'), {}, 'outbound|53||dns.ns');
  expect(hosts.map(({ address }) => address)).toEqual(['10.1.0.1:2053']);
});

describe('a WorkloadEntry whose health is checked', () => {
  const entry = (status: string): string => `
apiVersion: networking.istio.io/v1
kind: WorkloadEntry
metadata: {name: vm, namespace: ns, annotations: {proxy.istio.io/health-checks-enabled: "true"}}
spec: {address: 10.8.0.1, labels: {app: s}, ports: {web: 99}}
${status}
---
`;

  it('is an endpoint once it is healthy', () => {
    const healthy = 'status: {conditions: [{type: Healthy, status: "True"}]}';
    expect(hostsOf(entry(healthy)).map(({ address }) => address)).toEqual(['10.8.0.1:99']);
  });

  it('is none before that', () => {
    expect(hostsOf(entry(''))).toEqual([]);
    expect(hostsOf(entry('status: {conditions: [{type: Healthy, status: "False"}]}'))).toEqual([]);
  });
});
