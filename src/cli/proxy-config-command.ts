import { stringify } from 'yaml';
import { proxyBootstrap } from '#report/proxy-bootstrap.ts';
import { clustersTable, sortedClusters } from '#report/proxy-config-clusters.ts';
import {
  dumpedEndpointsTable,
  endpointsTable,
  loadAssignments,
} from '#report/proxy-config-endpoints.ts';
import { listenersTable, sortedListeners } from '#report/proxy-config-listeners.ts';
import { routesTable, sortedRoutes } from '#report/proxy-config-routes.ts';
import { clusterStatuses } from '#report/proxy-config-status.ts';
import { didYouMeanHint } from '#source/did-you-mean.ts';
import type { ProgramContext } from './program-context.ts';
import { type FoundState, proxyState, usage } from './proxy-source.ts';

export interface ProxyConfigOptions {
  readonly file: readonly string[];
  readonly output: string;
  readonly namespace?: string;
  readonly istioVersion?: string;
  readonly name?: string;
  readonly fqdn?: string;
  readonly port?: number;
  readonly subset?: string;
  readonly direction?: string;
  readonly cluster?: string;
}

type Kind = 'clusters' | 'listeners' | 'routes' | 'endpoints' | 'all' | 'bootstrap';

const KINDS: ReadonlyMap<string, Kind> = new Map([
  ['clusters', 'clusters'],
  ['cluster', 'clusters'],
  ['c', 'clusters'],
  ['listeners', 'listeners'],
  ['listener', 'listeners'],
  ['l', 'listeners'],
  ['routes', 'routes'],
  ['route', 'routes'],
  ['r', 'routes'],
  ['endpoints', 'endpoints'],
  ['endpoint', 'endpoints'],
  ['ep', 'endpoints'],
  ['all', 'all'],
  ['a', 'all'],
  ['bootstrap', 'bootstrap'],
  ['b', 'bootstrap'],
]);

export const proxyConfigKinds =
  'clusters (c), listeners (l), routes (r), endpoints (ep), all (a) or bootstrap (b)';

/** Prints what istiod would send to a proxy, or what a live one dumped, as istioctl prints it. */
export function proxyConfig(
  kindText: string,
  proxy: string | undefined,
  options: ProxyConfigOptions,
  context: ProgramContext,
): void {
  const kind = KINDS.get(kindText);
  if (kind === undefined) {
    const hint = didYouMeanHint(kindText, KINDS.keys()) ?? proxyConfigKinds;
    usage(`unknown kind "${kindText}"`, hint, context);
    return;
  }
  const { file, namespace, istioVersion } = options;
  const found = proxyState({ file, proxy, namespace, istioVersion }, context);
  if (found !== undefined) context.print(printed(kind, found, options));
}

function printed(kind: Kind, found: FoundState, options: ProxyConfigOptions): string {
  const { state, name } = found;
  if (kind === 'bootstrap') {
    const identity = { id: name, cluster: name, adminPort: 15000 };
    return inFormat(proxyBootstrap(state, identity), options.output === 'yaml' ? 'yaml' : 'json');
  }
  if (options.output === 'short') return tables(kind, found, options);
  if (kind === 'all') return inFormat(configDump(found), options.output);
  return inFormat(messages(kind, found, options), options.output);
}

/** What is asked for of each kind. */
function filterOf({ fqdn, port, subset, direction, cluster }: ProxyConfigOptions) {
  return { fqdn, port, subset, direction, cluster };
}

function tables(kind: Kind, { state, isDump }: FoundState, options: ProxyConfigOptions): string {
  const filter = filterOf(options);
  const { clusters, listeners, routes } = state;
  switch (kind) {
    case 'clusters':
      return clustersTable(clusters, filter);
    case 'listeners':
      return listenersTable(listeners, filter.port);
    case 'routes':
      return routesTable(routes, options.name);
    case 'endpoints': {
      const assignments = loadAssignments(clusters, state.endpoints);
      return (isDump ? dumpedEndpointsTable : endpointsTable)(assignments, filter);
    }
    default:
      return (['clusters', 'listeners', 'routes', 'endpoints'] as const)
        .map((part) => tables(part, { state, isDump, name: '' }, options))
        .join('\n');
  }
}

function messages(kind: Kind, { state }: FoundState, options: ProxyConfigOptions): unknown {
  const filter = filterOf(options);
  const { clusters, listeners, routes } = state;
  switch (kind) {
    case 'clusters':
      return sortedClusters(clusters, filter);
    case 'listeners':
      return sortedListeners(listeners, filter.port);
    case 'routes':
      return sortedRoutes(routes, options.name);
    default:
      return clusterStatuses(clusters, loadAssignments(clusters, state.endpoints), filter);
  }
}

const ADMIN = 'type.googleapis.com/envoy.admin.v3';

/** As `/config_dump?include_eds` answers: what `istioctl proxy-config all -o json` hands on. */
function configDump({ state }: FoundState): unknown {
  const { clusters, listeners, routes, endpoints } = state;
  return {
    configs: [
      {
        '@type': `${ADMIN}.ClustersConfigDump`,
        dynamicActiveClusters: clusters.map((cluster) => ({ cluster })),
      },
      {
        '@type': `${ADMIN}.EndpointsConfigDump`,
        dynamicEndpointConfigs: endpoints.map((endpointConfig) => ({ endpointConfig })),
      },
      {
        '@type': `${ADMIN}.ListenersConfigDump`,
        dynamicListeners: listeners.map((listener) => ({
          name: listener.name,
          activeState: { listener },
        })),
      },
      {
        '@type': `${ADMIN}.RoutesConfigDump`,
        dynamicRouteConfigs: routes.map((routeConfig) => ({ routeConfig })),
      },
    ],
  };
}

/** JSON with four spaces, as istioctl; YAML from the same values. */
function inFormat(value: unknown, format: string): string {
  const json = JSON.stringify(value, undefined, 4);
  return format === 'yaml'
    ? stringify(JSON.parse(json), { aliasDuplicateObjects: false })
    : `${json}\n`;
}
