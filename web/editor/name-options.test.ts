import { expect, it } from 'vitest';
import { nameKeys, nameOptions } from './name-options.ts';

const NAMES = {
  hosts: ['catalog', 'web'],
  urls: ['http://catalog/', 'http://web:8080/'],
  subsets: [{ name: 'v1', host: 'catalog' }],
  gateways: ['front'],
  namespaces: ['shop'],
  workloads: ['catalog-v1'],
  serviceAccounts: ['web'],
  labels: [
    { key: 'app', value: 'catalog' },
    { key: 'app', value: 'web' },
    { key: 'version', value: 'v1' },
  ],
  files: ['manifests/canary.yaml'],
};

it.each([
  ['a destination', ['spec', 'http', 'route', 'destination'], 'host', ['catalog', 'web']],
  ['a list of hosts', ['spec', 'hosts'], undefined, ['catalog', 'web']],
  ['a subset', ['spec', 'http', 'route', 'destination'], 'subset', ['v1']],
  ['gateways of a route', ['spec', 'gateways'], undefined, ['front', 'mesh']],
  ['a parent of an HTTPRoute', ['spec', 'parentRefs'], 'name', ['front']],
  ['a backend of an HTTPRoute', ['spec', 'rules', 'backendRefs'], 'name', ['catalog', 'web']],
  ['a namespace', ['metadata'], 'namespace', ['shop']],
  ['a client', ['clients', 'shop'], 'from', ['catalog-v1']],
  ['a request', ['clients', 'shop'], 'request', ['http://catalog/', 'http://web:8080/']],
  ['a selector', ['spec', 'selector', 'matchLabels'], 'app', ['catalog', 'web']],
  ['a subset’s label', ['spec', 'subsets', 'labels'], 'version', ['v1']],
  ['a step', ['timeline'], 'apply', ['manifests/canary.yaml']],
])('%s is completed with names of the project', (_, parents, key, expected) => {
  expect(nameOptions(NAMES, parents, key).map(({ label }) => label)).toEqual(expected);
});

it('the name of an object is nobody else’s', () => {
  expect(nameOptions(NAMES, ['metadata'], 'name')).toEqual([]);
});

it('workloads of a scenario are keys', () => {
  expect(nameKeys(NAMES, ['workloads'])).toEqual([{ label: 'catalog-v1', detail: 'workload' }]);
  expect(nameKeys(NAMES, ['clients'])).toEqual([]);
});

it('labels of pods are keys where pods are selected', () => {
  const labels = [
    { label: 'app', detail: 'label' },
    { label: 'version', detail: 'label' },
  ];
  expect(nameKeys(NAMES, ['spec', 'selector', 'matchLabels'])).toEqual(labels);
  expect(nameKeys(NAMES, ['spec', 'subsets', 'labels'])).toEqual(labels);
  expect(nameKeys(NAMES, ['spec'])).toEqual([]);
});
