import type { Gateway, KubernetesGateway, Resource } from '#config/resource.ts';
import type { HostName } from '#istiod/model/host-name.ts';
import { selects } from '#istiod/model/labels.ts';
import type { Origin } from '#istiod/origin.ts';
import type { Path } from '#source/path.ts';
import type { FilterChain } from '#xds/listener.ts';
import type { ExplainedConfig } from './explained-config.ts';

/** The hosts that a server of a Gateway (or a listener of the Gateway API's) answers to. */
export interface ServedHosts {
  readonly gateway: Resource;
  /** Where they stand. */
  readonly path: Path;
  readonly hosts: readonly HostName[];
}

/** Who answers to hosts by a route configuration of a gateway; nobody does at a sidecar. */
export function servedHosts(routes: string, config: ExplainedConfig): readonly ServedHosts[] {
  const origin = originOfRoutes(routes, config);
  if (origin?.kind !== 'Gateway') return [];
  const { namespace, name } = origin;
  const index = Number(/\[(\d+)\]/.exec(origin.path ?? '')?.[1] ?? 0);
  const gateway = config.given.find('Gateway', namespace, name);
  if (gateway !== undefined) return serversBeside(gateway, index, config);
  const other = config.given.find('KubernetesGateway', namespace, name);
  return other === undefined ? [] : listenersBeside(other, index);
}

/** The server of the filter chain (or listener) that asks for these routes. */
function originOfRoutes(routes: string, config: ExplainedConfig): Origin | undefined {
  const { origins } = config.provenance;
  for (const { listeners } of config.snapshot.parts)
    for (const listener of listeners) {
      const chain = listener.filterChains?.find((it) => asksFor(it, routes));
      if (chain !== undefined) return origins.get(chain) ?? origins.get(listener);
    }
  return undefined;
}

function asksFor({ filters }: FilterChain, routes: string): boolean {
  return (filters ?? []).some(
    ({ typedConfig }) =>
      typedConfig !== undefined &&
      'rds' in typedConfig &&
      typedConfig.rds?.routeConfigName === routes,
  );
}

/** Plain HTTP servers of one port share their routes, whichever Gateway they belong to. */
function serversBeside(
  gateway: Gateway,
  index: number,
  { given, labels }: ExplainedConfig,
): readonly ServedHosts[] {
  const own = gateway.spec.servers[index];
  if (own === undefined) return [];
  const isAlone = own.port?.protocol === 'HTTPS';
  return given.of('Gateway').flatMap((other) =>
    other.spec.servers.flatMap(({ port, hosts }, at): readonly ServedHosts[] => {
      const isOwn = other === gateway && at === index;
      const isBeside = selects(other.spec.selector, labels) && port?.number === own.port?.number;
      if (!isOwn && (isAlone || !isBeside)) return [];
      const names = hosts.map((host) => host.slice(host.indexOf('/') + 1).toLowerCase());
      return [{ gateway: other, path: ['spec', 'servers', at, 'hosts'], hosts: names }];
    }),
  );
}

function listenersBeside(gateway: KubernetesGateway, index: number): readonly ServedHosts[] {
  const { listeners } = gateway.spec;
  const port = listeners[index]?.port;
  return listeners.flatMap((listener, at): readonly ServedHosts[] => {
    if (listener.port !== port) return [];
    const { hostname } = listener;
    const path = ['spec', 'listeners', at, ...(hostname === undefined ? [] : ['hostname'])];
    return [{ gateway, path, hosts: [(hostname ?? '*').toLowerCase()] }];
  });
}
