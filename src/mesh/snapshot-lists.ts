import type { ProxySnapshot } from '#envoy/proxy-environment.ts';
import type { Cluster } from '#xds/cluster.ts';
import type { ClusterLoadAssignment } from '#xds/endpoint.ts';
import type { Route } from '#xds/route.ts';

/** The cluster of that name in a proxy's configuration. */
export function clusterNamed({ parts }: ProxySnapshot, name: string): Cluster | undefined {
  for (const { clusters } of parts) {
    const found = clusters.find((cluster) => cluster.name === name);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** The endpoints that a proxy has been given for a cluster. */
export function endpointsNamed(
  { parts }: ProxySnapshot,
  name: string,
): ClusterLoadAssignment | undefined {
  for (const { endpoints } of parts) {
    const found = endpoints.find(({ clusterName }) => clusterName === name);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Every route that a proxy has by a name of its own listeners. */
export function* routesOf({ parts }: ProxySnapshot): Generator<Route> {
  for (const { routes: configurations } of parts)
    for (const { virtualHosts } of configurations)
      for (const { routes } of virtualHosts ?? []) yield* routes ?? [];
}
