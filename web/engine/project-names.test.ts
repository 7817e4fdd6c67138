import { expect, it } from 'vitest';
import { projectNames } from './project-names.ts';

const MANIFESTS = `apiVersion: v1
kind: Service
metadata: { name: catalog, namespace: shop }
spec: { ports: [{ port: 80 }, { port: 8080 }] }
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: catalog-v1, namespace: shop }
spec: { template: { metadata: { labels: { version: v1, app: catalog } } } }
---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: { name: catalog }
spec: { host: catalog, subsets: [{ name: v1 }, { name: v2 }] }
---
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: { name: rates }
spec: { hosts: [rates.example.com] }
`;

const SCENARIO = `title: names
mesh:
  - manifests/all.yaml
  - { apiVersion: networking.istio.io/v1, kind: Gateway, metadata: { name: front } }
`;

it('the names of a project are those of its objects, in files and in the scenario', () => {
  const files = { 'scenario.yaml': SCENARIO, 'manifests/all.yaml': MANIFESTS };
  expect(projectNames({ scenario: 'scenario.yaml', files })).toEqual({
    hosts: ['catalog', 'rates.example.com'],
    urls: ['http://catalog/', 'http://catalog:8080/'],
    subsets: [
      { name: 'v1', host: 'catalog' },
      { name: 'v2', host: 'catalog' },
    ],
    gateways: ['front'],
    namespaces: ['shop'],
    workloads: ['catalog-v1'],
    serviceAccounts: [],
    labels: [
      { key: 'app', value: 'catalog' },
      { key: 'version', value: 'v1' },
    ],
    files: ['manifests/all.yaml'],
  });
});

it('files that do not parse have none', () => {
  const files = { 'scenario.yaml': 'mesh: [', 'x.yaml': 'kind: Service\nmetadata: [' };
  expect(projectNames({ scenario: 'scenario.yaml', files }).hosts).toEqual([]);
});
