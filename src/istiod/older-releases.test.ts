import { describe, expect, it } from 'vitest';
import { clustersByName, configOf, proxyNamed } from './test-mesh.ts';

const EXTERNAL_NAME = `
apiVersion: v1
kind: Service
metadata: {name: b, namespace: ns}
spec: {clusterIP: 10.0.0.1, ports: [{name: http, port: 80}]}
---
apiVersion: v1
kind: Service
metadata: {name: alias, namespace: ns}
spec: {type: ExternalName, externalName: b.ns.svc.cluster.local, ports: [{name: http, port: 80}]}
`;

function domainsOf(manifests: string, istioMinor: number): readonly string[] {
  const { routes } = configOf(manifests, proxyNamed(), { istioMinor });
  const route = routes.find(({ name }) => name === '80');
  const host = route?.virtualHosts?.find(({ name }) => name?.startsWith('b.ns.'));
  return host?.domains ?? [];
}

describe('what releases before this one did', () => {
  it('resolved an ExternalName Service by DNS as a service of its own, before 1.21', () => {
    const alias = 'outbound|80||alias.ns.svc.cluster.local';
    const clusters = (istioMinor: number) =>
      clustersByName(configOf(EXTERNAL_NAME, proxyNamed(), { istioMinor }));
    expect(clusters(21).has(alias)).toBe(false);
    expect(domainsOf(EXTERNAL_NAME, 21)).toContain('alias');
    const older = clusters(20).get(alias);
    expect(older?.type).toBe('STRICT_DNS');
    const [endpoint] = older?.loadAssignment?.endpoints?.[0]?.lbEndpoints ?? [];
    expect(endpoint?.endpoint?.address?.socketAddress).toMatchObject({
      address: 'b.ns.svc.cluster.local',
      portValue: 80,
    });
    expect(domainsOf(EXTERNAL_NAME, 20)).not.toContain('alias');
  });

  it('sent no SNI and verified nobody where a rule says neither, before 1.21', () => {
    const manifests = `${EXTERNAL_NAME}
---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: b, namespace: ns}
spec: {host: b, trafficPolicy: {tls: {mode: SIMPLE}}}
`;
    const clusterOf = (istioMinor: number) =>
      JSON.stringify(
        clustersByName(configOf(manifests, proxyNamed(), { istioMinor })).get(
          'outbound|80||b.ns.svc.cluster.local',
        ),
      );
    expect(clusterOf(21)).toContain('"autoSni":true');
    expect(clusterOf(21)).toContain('file-root:system');
    expect(clusterOf(20)).not.toContain('autoSni');
    expect(clusterOf(20)).toContain('"validationContext":{}');
  });

  it('ignored the targetPort of a ServiceEntry without resolution, before 1.22', () => {
    const manifests = `
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: {name: x, namespace: ns}
spec:
  hosts: ['*.x.com']
  ports: [{number: 80, name: http, protocol: HTTP, targetPort: 8080}]
  resolution: NONE
`;
    const overrideOf = (istioMinor: number) =>
      clustersByName(configOf(manifests, proxyNamed(), { istioMinor })).get('outbound|80||*.x.com')
        ?.originalDstLbConfig?.upstreamPortOverride;
    expect(overrideOf(22)).toBe(8080);
    expect(overrideOf(21)).toBeUndefined();
  });

  it('let a gateway of the Gateway API serve Gateways of other namespaces, before 1.31', () => {
    const manifests = `
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {name: gw, namespace: infra}
spec:
  gatewayClassName: istio
  listeners: [{name: http, port: 80, protocol: HTTP}]
---
apiVersion: v1
kind: Service
metadata: {name: gw-istio, namespace: infra}
spec: {clusterIP: 10.0.0.9, selector: {gw: gw}, ports: [{name: http, port: 80}, {name: other, port: 81}]}
---
apiVersion: v1
kind: Pod
metadata: {name: gw-1, namespace: infra, labels: {gw: gw}}
status: {podIP: 10.9.9.9}
---
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {name: foreign, namespace: elsewhere}
spec:
  selector: {gw: gw}
  servers: [{port: {number: 81, name: http, protocol: HTTP}, hosts: ['*.com']}]
`;
    const proxy = proxyNamed({
      kind: 'gateway',
      name: 'gw-1',
      namespace: 'infra',
      labels: { gw: 'gw' },
    });
    const names = (istioMinor: number) =>
      configOf(manifests, proxy, { istioMinor })
        .listeners.map(({ name }) => name)
        .sort();
    expect(names(31)).toEqual(['0.0.0.0_80']);
    expect(names(30)).toEqual(['0.0.0.0_80', '0.0.0.0_81']);
  });
});
