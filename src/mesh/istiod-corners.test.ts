import { describe, expect, it } from 'vitest';
import type { Cluster } from '#xds/cluster.ts';
import type { Listener } from '#xds/listener.ts';
import type { RouteConfiguration } from '#xds/route.ts';
import { istioCase } from './istio-case.ts';

// Each was found by random meshes that were given to the real istiod too; what is expected is its answer.

interface Got {
  readonly clusters: readonly Cluster[];
  readonly listeners: readonly Listener[];
  readonly routes: readonly RouteConfiguration[];
}

const service = `
apiVersion: v1
kind: Service
metadata: {name: web, namespace: shop}
spec: {clusterIP: 10.96.0.1, selector: {app: web}, ports: [{name: http, port: 80, targetPort: 8080}]}
---
apiVersion: v1
kind: Pod
metadata: {name: web-1, namespace: shop, labels: {app: web}}
spec: {containers: [{name: web}]}
status: {phase: Running, podIP: 10.41.0.1, conditions: [{type: Ready, status: "True"}]}
`;

function configurationOf(istio: string, name = 'client', ip = '10.90.0.9'): Got {
  const labels = name === 'web-1' ? { app: 'web' } : {};
  const proxy = { kind: 'sidecar', name, namespace: 'shop', ip, labels };
  return istioCase({ mesh: `${service}---\n${istio}`, case: { proxy } }) as Got;
}

const clusterOf = ({ clusters }: Got, name: string) => clusters.find((it) => it.name === name);

describe('istiod', () => {
  it('writes a fault that says nothing, empty', () => {
    const { routes } = configurationOf(`
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: web, namespace: shop}
spec: {hosts: [web], http: [{fault: {abort: {}}, route: [{destination: {host: web}}]}]}
`);
    const route = routes[0]?.virtualHosts?.[0]?.routes?.[0];
    expect(route?.typedPerFilterConfig).toEqual({
      'envoy.filters.http.fault': {
        '@type': 'type.googleapis.com/envoy.extensions.filters.http.fault.v3.HTTPFault',
      },
    });
  });

  it('turns the port of what comes in for an entry without resolution, too', () => {
    const got = configurationOf(
      `
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: {name: vm, namespace: shop}
spec:
  hosts: [vm.example.com]
  resolution: NONE
  ports: [{number: 90, name: http, protocol: HTTP, targetPort: 9090}]
  workloadSelector: {labels: {app: web}}
`,
      'web-1',
      '10.41.0.1',
    );
    const inbound = clusterOf(got, 'inbound|9090||');
    expect(inbound?.originalDstLbConfig).toEqual({ upstreamPortOverride: 9090 });
  });

  it('listens for an entry whose selector is empty, and finds no workload, as for one without', () => {
    const { listeners } = configurationOf(`
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: {name: db, namespace: vms}
spec:
  hosts: [db.internal]
  resolution: NONE
  ports: [{number: 3306, name: tcp, protocol: TCP}]
  workloadSelector: {}
`);
    expect(listeners.map(({ name }) => name)).toContain('0.0.0.0_3306');
  });

  it('holds servers of names resolved late to the name that the request asks for', () => {
    const got = configurationOf(`
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: {name: wild, namespace: shop}
spec:
  hosts: ["*.example.com"]
  location: MESH_INTERNAL
  resolution: DYNAMIC_DNS
  ports: [{number: 80, name: http, protocol: HTTP}]
`);
    const [options] = Object.values(
      clusterOf(got, 'outbound|80||*.example.com')?.typedExtensionProtocolOptions ?? {},
    );
    expect(options).toMatchObject({
      explicitHttpConfig: { httpProtocolOptions: {} },
      upstreamHttpProtocolOptions: { autoSni: true, autoSanValidation: true },
    });
  });
});
