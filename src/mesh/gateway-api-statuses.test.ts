import { describe, expect, it } from 'vitest';
import { loadText } from '#config/loader.ts';
import { textMember, type YamlValue } from '#source/yaml-value.ts';
import { gatewayApiStatusesOf, withStatuses } from './gateway-api-statuses.ts';
import { inspectResources } from './proxy-inspection.ts';

const MANIFESTS = `apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {name: gw, namespace: shop}
spec:
  gatewayClassName: istio
  listeners:
  - {name: http, port: 80, protocol: HTTP}
  - {name: dns, port: 53, protocol: UDP}
---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: route, namespace: shop}
spec:
  parentRefs: [{name: gw, sectionName: http}]
  rules:
  - backendRefs: [{name: nobody, port: 80}]
`;

function statusOf(text: string, kind: string) {
  const { resources } = loadText('mesh.yaml', text);
  const statuses = gatewayApiStatusesOf(inspectResources(resources, undefined, []));
  const object = withStatuses(resources, statuses).find((resource) => resource.kind === kind);
  return JSON.parse(JSON.stringify(object?.raw.get('status'), withObjects));
}

function withObjects(_key: string, value: unknown): unknown {
  return value instanceof Map ? Object.fromEntries(value) : value;
}

describe('what istiod would write into the objects of the Gateway API', () => {
  it('programs a gateway whose pods it makes itself, and names the listener that it does not serve', () => {
    const { addresses, conditions, listeners } = statusOf(MANIFESTS, 'Gateway');
    const host = 'gw-istio.shop.svc.cluster.local';
    expect(addresses).toEqual([{ type: 'Hostname', value: host }]);
    expect(conditions).toMatchObject([
      { type: 'Accepted', status: 'True', reason: 'ListenersNotValid' },
      { type: 'Programmed', status: 'True' },
      { type: 'ResolvedRefs', status: 'True' },
    ]);
    expect(conditions[1].message).toBe(
      `Resource programmed, assigned to service(s) ${host}:53 and ${host}:80`,
    );
    expect(listeners).toMatchObject([
      { name: 'http', attachedRoutes: 1 },
      { name: 'dns', attachedRoutes: 0, supportedKinds: [] },
    ]);
    expect(listeners[1].conditions[0].message).toBe('protocol "UDP" is unsupported');
  });

  it('finds a host that is a backend in the namespace of the route alone', () => {
    const backend = '{group: networking.istio.io, kind: Hostname, name: api.test, port: 80}';
    const route = MANIFESTS.replace('{name: nobody, port: 80}', backend);
    const entry = (namespace: string) => `---
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: {name: api, namespace: ${namespace}}
spec: {hosts: [api.test], resolution: DNS, ports: [{number: 80, name: http, protocol: HTTP}]}
`;
    const refs = (namespace: string) =>
      statusOf(route + entry(namespace), 'HTTPRoute').parents[0].conditions[1];
    expect(refs('shop')).toMatchObject({ type: 'ResolvedRefs', status: 'True' });
    expect(refs('other')).toMatchObject({ message: 'backend(api.test) not found' });
  });

  it('says of a route which backend is not there', () => {
    const [parent] = statusOf(MANIFESTS, 'HTTPRoute').parents;
    const gateway = { group: 'gateway.networking.k8s.io', kind: 'Gateway', name: 'gw' };
    expect(parent.parentRef).toEqual({ ...gateway, sectionName: 'http' });
    expect(parent.conditions).toMatchObject([
      { type: 'Accepted', status: 'True', message: 'Route was valid' },
      {
        type: 'ResolvedRefs',
        status: 'False',
        reason: 'BackendNotFound',
        message: 'backend(nobody.shop.svc.cluster.local) not found',
      },
    ]);
  });

  it('leaves an object that has a status as it is', () => {
    const { resources } = loadText('mesh.yaml', `${MANIFESTS}status: {parents: []}\n`);
    const statuses = gatewayApiStatusesOf(inspectResources(resources, undefined, []));
    const route = withStatuses(resources, statuses)[1]!;
    const parents = route.raw.get('status') as YamlValue;
    expect(textMember(parents, 'parents')).toBeUndefined();
    expect(route.raw.get('status')).toEqual(new Map([['parents', []]]));
  });
});
