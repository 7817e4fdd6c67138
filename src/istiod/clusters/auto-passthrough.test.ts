import { expect, it } from 'vitest';
import { clustersByName, configOf, proxyNamed, REFERENCE_SERVICES } from '../test-mesh.ts';

it('an AUTO_PASSTHROUGH gateway has clusters by SNI, without TLS, of endpoints that speak mTLS', () => {
  const pod = (name: string, ip: string, labels: string): string => `
apiVersion: v1
kind: Pod
metadata: {name: ${name}, namespace: ns, labels: {app: b${labels}}}
spec: {containers: [{name: main}]}
status: {podIP: ${ip}}
---
`;
  const config = configOf(
    `${REFERENCE_SERVICES}---
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {name: gw, namespace: istio-system}
spec:
  selector: {istio: eastwest}
  servers:
  - port: {number: 15443, name: tls, protocol: TLS}
    hosts: ['*.local']
    tls: {mode: AUTO_PASSTHROUGH}
---
${pod('b-1', '10.1.0.1', ', security.istio.io/tlsMode: istio')}${pod('b-2', '10.1.0.2', '')}`,
    proxyNamed({ kind: 'gateway', namespace: 'istio-system', labels: { istio: 'eastwest' } }),
  );
  const name = 'outbound_.80_._.b.ns.svc.cluster.local';
  const cluster = clustersByName(config).get(name)!;
  expect(cluster.type).toBe('EDS');
  expect(cluster.transportSocket).toBeUndefined();
  expect(cluster.transportSocketMatches).toBeUndefined();
  const [group] = config.endpoints.get(name)!.endpoints!;
  expect(
    group!.lbEndpoints!.map(({ endpoint }) => endpoint!.address.socketAddress!.address),
  ).toEqual(['10.1.0.1']);
});
