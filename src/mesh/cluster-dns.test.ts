import { describe, expect, it } from 'vitest';
import { loadText } from '#config/loader.ts';
import { ResourceStore } from '#config/resource-store.ts';
import { clusterView } from './cluster/cluster-view.ts';
import { ClusterDns } from './cluster-dns.ts';

const YAML = `
{ apiVersion: v1, kind: Service, metadata: { name: reviews, namespace: shop }, spec: { clusterIP: 10.96.0.1, ports: [{ port: 80 }] } }
---
{ apiVersion: v1, kind: Service, metadata: { name: alias, namespace: shop }, spec: { type: ExternalName, externalName: reviews.shop.svc.cluster.local } }
---
{ apiVersion: v1, kind: Service, metadata: { name: db, namespace: shop }, spec: { clusterIP: None, selector: { app: db }, ports: [{ port: 80 }] } }
---
{ apiVersion: v1, kind: Pod, metadata: { name: db-0, namespace: shop, labels: { app: db } }, status: { podIP: 10.1.1.1 } }
---
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: { name: outside }
spec: { hosts: [api.example.com, vip.example.com], addresses: [10.5.5.5], ports: [{ number: 80, name: http, protocol: HTTP }], resolution: DNS }
`;

const view = clusterView(ResourceStore.EMPTY.with(loadText('mesh.yaml', YAML).resources), {
  injection: 'all',
  withoutSidecar: new Set(),
  replicas: new Map(),
  gone: new Set(),
});
const dns = new ClusterDns(view);
const addresses = (name: string, namespace = 'shop') => {
  const answer = dns.lookUp(name, namespace);
  return answer.kind === 'service' ? answer.addresses : answer;
};

describe('a name in the cluster', () => {
  it.each([
    'reviews',
    'reviews.shop',
    'reviews.shop.svc',
    'reviews.shop.svc.cluster.local',
    'reviews.shop.svc.cluster.local.',
  ])('is found from its own namespace as %s', (name) => {
    expect(addresses(name)).toEqual(['10.96.0.1']);
  });

  it('needs its namespace from elsewhere', () => {
    expect(addresses('reviews', 'default')).toEqual({ kind: 'unknown' });
    expect(addresses('reviews.shop', 'default')).toEqual(['10.96.0.1']);
  });

  it('leads on when it is an alias, and to its pods when it has no cluster IP', () => {
    expect(addresses('alias')).toEqual(['10.96.0.1']);
    expect(addresses('db')).toEqual(['10.1.1.1']);
  });

  it('is unknown without a dot or under the cluster’s domain, outside otherwise', () => {
    expect(addresses('nobody')).toEqual({ kind: 'unknown' });
    expect(addresses('nobody.shop.svc.cluster.local')).toEqual({ kind: 'unknown' });
    expect(addresses('www.example.com')).toEqual({ kind: 'outside', host: 'www.example.com' });
  });

  it('has the address that a ServiceEntry gives it', () => {
    expect(addresses('vip.example.com')).toEqual({ kind: 'address', address: '10.5.5.5' });
  });
});
