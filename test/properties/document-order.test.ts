import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { loadText } from '#config/loader.ts';
import type { Resource } from '#config/resource.ts';
import { gatewayApiStatusesOf } from '#mesh/gateway-api-statuses.ts';
import { configOf, inspectResources } from '#mesh/proxy-inspection.ts';
import { SHARED, shared } from '../shared-data.ts';

const SCENARIOS = new URL('../../scenarios/', import.meta.url).pathname;

/** Every manifest below a folder. */
function manifestsIn(folder: string): readonly Resource[] {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && /\.ya?ml$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort()
    .flatMap((path) => loadText(path, readFileSync(path, 'utf8')).resources);
}

/** The first of each kind, namespace and name: a later one would replace it. */
function distinct(resources: readonly Resource[]): readonly Resource[] {
  const known = new Map<string, Resource>();
  for (const resource of resources) {
    const { apiVersion, kind, metadata } = resource;
    const key = `${apiVersion} ${kind} ${metadata.namespace}/${metadata.name}`;
    if (!known.has(key)) known.set(key, resource);
  }
  return [...known.values()];
}

/** All that some proxies of a mesh are sent, as text, and what is written into its Gateway API objects. */
function translated(resources: readonly Resource[]): string {
  const mesh = inspectResources(resources, undefined, []);
  const pods = mesh.view.pods.filter(({ proxy }) => proxy !== 'none');
  const firsts = pods.filter((pod, index) => pod.workload !== pods[index - 1]?.workload);
  const sent = firsts.slice(0, 12).map((pod) => {
    const { clusters, listeners, routes, endpoints } = configOf(mesh, pod);
    return [pod.name, pod.ip, clusters, listeners, routes, [...endpoints]];
  });
  const statuses = gatewayApiStatusesOf(mesh).map(({ resource, status }) => [
    resource.metadata.name,
    status,
  ]);
  return JSON.stringify([sent, statuses], (_key, value: unknown) =>
    value instanceof Map ? [...value] : value,
  );
}

const MESHES: readonly (readonly [string, string])[] = [
  ...['destination-rule-visibility', 'egress-gateway', 'locality-failover', 'tcp-and-tls'].map(
    (name) => [name, join(SCENARIOS, name, 'manifests')] as const,
  ),
  ...(SHARED === undefined
    ? []
    : (['bookinfo', 'online-boutique', 'travels', 'gateway-api-conversion'] as const).map(
        (name) => [name, shared(`real/${name}`)] as const,
      )),
];

describe('the order of documents', () => {
  it.each(MESHES)(
    '%s: is nothing that the configuration depends on; twice the same is the same',
    (_name, folder) => {
      const resources = distinct(manifestsIn(folder));
      expect(resources.length).toBeGreaterThan(1);
      const once = translated(resources);
      expect(translated(distinct(manifestsIn(folder)))).toBe(once);
      const order = fc.shuffledSubarray([...resources], { minLength: resources.length });
      fc.assert(
        fc.property(order, (shuffled) => {
          expect(translated(shuffled)).toBe(once);
        }),
        { numRuns: 4 },
      );
    },
    120_000,
  );
});
