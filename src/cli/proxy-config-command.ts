import { configOf, findProxy, inspectMesh } from '#mesh/proxy-inspection.ts';
import { clustersTable, sortedClusters } from '#report/proxy-config-clusters.ts';
import { endpointsTable, loadAssignments } from '#report/proxy-config-endpoints.ts';
import { listenersTable, sortedListeners } from '#report/proxy-config-listeners.ts';
import { routesTable, sortedRoutes } from '#report/proxy-config-routes.ts';
import { didYouMeanHint } from '#source/did-you-mean.ts';
import { EXIT } from './exit-code.ts';
import { manifestSources } from './manifest-sources.ts';
import type { ProgramContext } from './program-context.ts';

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

const KINDS: ReadonlyMap<string, 'clusters' | 'listeners' | 'routes' | 'endpoints'> = new Map([
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
]);

export const proxyConfigKinds = 'clusters (c), listeners (l), routes (r) or endpoints (ep)';

/** Prints what istiod would send to a proxy, as istioctl prints it. */
export function proxyConfig(
  kindText: string,
  proxyText: string,
  options: ProxyConfigOptions,
  context: ProgramContext,
): void {
  const kind = KINDS.get(kindText);
  if (kind === undefined) {
    usage(
      `unknown kind "${kindText}"`,
      didYouMeanHint(kindText, KINDS.keys()) ?? proxyConfigKinds,
      context,
    );
    return;
  }
  const sources = manifestSources(options.file);
  const { mesh, files, diagnostics } = inspectMesh(sources, context.files, options.istioVersion);
  if (context.report(diagnostics, files, false)) context.endWith(EXIT.badInput);
  const found = findProxy(mesh.view, proxyText, options.namespace);
  if ('problem' in found) {
    usage(found.problem, found.hint, context);
    return;
  }
  const config = configOf(mesh, found.pod);
  const { clusters, listeners, routes } = config;
  const assignments = loadAssignments(clusters, [...config.endpoints.values()]);
  const filter = {
    fqdn: options.fqdn,
    port: options.port,
    subset: options.subset,
    direction: options.direction,
    cluster: options.cluster,
  };
  const isJson = options.output === 'json';
  const json = (value: unknown) => `${JSON.stringify(value, undefined, 4)}\n`;
  switch (kind) {
    case 'clusters':
      context.print(
        isJson ? json(sortedClusters(clusters, filter)) : clustersTable(clusters, filter),
      );
      return;
    case 'listeners':
      context.print(
        isJson
          ? json(sortedListeners(listeners, filter.port))
          : listenersTable(listeners, filter.port),
      );
      return;
    case 'routes':
      context.print(
        isJson ? json(sortedRoutes(routes, options.name)) : routesTable(routes, options.name),
      );
      return;
    case 'endpoints':
      context.print(isJson ? json(assignments) : endpointsTable(assignments, filter));
  }
}

function usage(problem: string, hint: string, context: ProgramContext): void {
  context.say(`error: ${problem}\n  hint: ${hint}`);
  context.endWith(EXIT.badInput);
}
