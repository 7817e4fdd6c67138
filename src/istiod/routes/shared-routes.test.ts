import { expect, it } from 'vitest';
import type { Route } from '#xds/route.ts';
import { generateForProxy } from '../generate.ts';
import { modelOf, proxyNamed, REFERENCE_SERVICES } from '../test-mesh.ts';

function virtualService(spec: object): string {
  return `---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: b, namespace: ns}
spec: ${JSON.stringify({ hosts: ['b'], ...spec })}
`;
}

/** The routes of service b in the eyes of clients in two namespaces. */
function routesFromTwoNamespaces(manifests: string): readonly (readonly Route[])[] {
  const model = modelOf(REFERENCE_SERVICES + manifests);
  return ['ns', 'other'].map((namespace) => {
    const { routes } = generateForProxy(model, proxyNamed({ namespace }));
    const hosts = routes.find(({ name }) => name === '80')?.virtualHosts ?? [];
    return hosts.find(({ name }) => name === 'b.ns.svc.cluster.local:80')?.routes ?? [];
  });
}

const toB = { route: [{ destination: { host: 'b' } }] };

it('are the same objects for clients to whom they look the same', () => {
  const [own, other] = routesFromTwoNamespaces(virtualService({ http: [toB] }));
  expect(own).toHaveLength(1);
  expect(other).toBe(own);
});

it('differ when a match asks for the namespace of the caller', () => {
  const http = [
    { match: [{ uri: { exact: '/x' }, sourceNamespace: 'other' }], redirect: { uri: '/' } },
    toB,
  ];
  const [own, other] = routesFromTwoNamespaces(virtualService({ http }));
  expect(own).toHaveLength(1);
  expect(other).toHaveLength(2);
});

it('differ when only one of the clients sees a rule that hashes', () => {
  const rule = `---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: b, namespace: ns}
spec:
  host: b
  exportTo: [.]
  trafficPolicy: {loadBalancer: {consistentHash: {httpHeaderName: x-user}}}
`;
  const [own, other] = routesFromTwoNamespaces(virtualService({ http: [toB] }) + rule);
  expect(own?.[0]?.route?.hashPolicy).toEqual([{ header: { headerName: 'x-user' } }]);
  expect(other?.[0]?.route?.hashPolicy).toBeUndefined();
});
