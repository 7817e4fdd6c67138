import { expect, it } from 'vitest';
import { clustersByName, configOf, proxyNamed } from '../test-mesh.ts';

it('an entry of DYNAMIC_DNS is a cluster that resolves the names that are asked for', () => {
  const found = clustersByName(
    configOf(`
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: {name: se, namespace: ns}
spec:
  hosts: ['*.example.test']
  resolution: DYNAMIC_DNS
  ports: [{number: 80, name: http, protocol: HTTP}, {number: 90, name: tcp, protocol: TCP}]
`),
  );
  const cluster = found.get('outbound|80||*.example.test')!;
  expect(cluster).toMatchObject({
    lbPolicy: 'CLUSTER_PROVIDED',
    clusterType: { name: 'envoy.clusters.dynamic_forward_proxy' },
  });
  expect(cluster.type).toBeUndefined();
  expect(found.has('outbound|90||*.example.test')).toBe(false);
});

it('ALLOW_ANY_DYNAMIC_DNS gives sidecars a cluster for every unknown host', () => {
  const options = { meshConfig: { outboundTrafficPolicy: { mode: 'ALLOW_ANY_DYNAMIC_DNS' } } };
  const names = (kind: 'sidecar' | 'gateway') =>
    configOf('', proxyNamed({ kind }), options).clusters.map(({ name }) => name);
  expect(names('sidecar')).toContain('AllowAnyDynamicDNSCluster');
  expect(names('gateway')).not.toContain('AllowAnyDynamicDNSCluster');
});
