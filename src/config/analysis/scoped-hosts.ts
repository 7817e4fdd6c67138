import type { Resource } from '../resource.ts';
import type { AnalysisContext } from './analysis-context.ts';

const CLUSTER_DOMAIN = 'svc.cluster.local';

/** Ports and labels of a host, of a Service or a ServiceEntry alike. */
export interface KnownHost {
  readonly ports: readonly number[];
  /** Labels of the workloads of a ServiceEntry; a Service gives none here. */
  readonly labels: ReadonlyMap<string, string>;
}

/** A short name is completed by its namespace; names with a dot and wildcards stay. */
export function fqdnOf(namespace: string, host: string): string {
  return host.startsWith('*') || host.includes('.')
    ? host
    : `${host}.${namespace}.${CLUSTER_DOMAIN}`;
}

/** `scope/host`: a host as it is visible in a namespace, or with `*` in all. */
export function scopedFqdn(scope: string, namespace: string, host: string): string {
  return `${scope}/${fqdnOf(namespace, host)}`;
}

/** Scope and host of a scoped host. */
export function splitScoped(scoped: string): readonly [string, string] {
  const slash = scoped.indexOf('/');
  return [scoped.slice(0, slash), scoped.slice(slash + 1)];
}

/** `namespace/name` of the object that a host names: by its cluster domain, else as a short name. */
export function objectOfHost(namespace: string, host: string): string {
  const [, name, itsNamespace] = /^(.+)\.(.+)\.svc\.cluster\.local$/.exec(host) ?? [];
  return name === undefined ? `${namespace}/${host}` : `${itsNamespace}/${name}`;
}

/** Whether `exportTo` leads to all namespaces; so it is when it is not written. */
export function isExportedToAll(exportTo: readonly string[]): boolean {
  return exportTo.length === 0 || exportTo.includes('*');
}

/** The namespaces that `exportTo` leads to: `*` alone, or their names. */
export function exportScopes(exportTo: readonly string[], namespace: string): ReadonlySet<string> {
  if (isExportedToAll(exportTo)) return new Set(['*']);
  return new Set(exportTo.map((it) => (it === '.' ? namespace : it)));
}

/**
 * Every host that is known, by scope.
 *
 * @source istio: pkg/config/analysis/analyzers/util/service_lookup.go, InitServiceEntryHostMap
 */
export function knownHosts(context: AnalysisContext): ReadonlyMap<string, KnownHost> {
  const known = new Map<string, KnownHost>();
  for (const { metadata, spec } of context.of('ServiceEntry')) {
    const host: KnownHost = {
      ports: spec.ports.map((port) => port.number),
      labels: spec.workloadSelector?.labels ?? new Map(),
    };
    for (const name of spec.hosts)
      for (const scope of exportScopes(spec.exportTo, metadata.namespace))
        known.set(scopedFqdn(scope, metadata.namespace, name), host);
  }
  for (const service of context.of('Service')) {
    const host: KnownHost = { ports: service.spec.ports.map((it) => it.port), labels: new Map() };
    const { namespace, name } = service.metadata;
    for (const scope of serviceScopes(service)) known.set(scopedFqdn(scope, namespace, name), host);
  }
  return known;
}

function serviceScopes({ metadata }: Resource): readonly string[] {
  const annotation = metadata.annotations.get('networking.istio.io/exportTo') ?? '';
  if (annotation === '') return ['*'];
  return annotation
    .split(',')
    .map((scope) => scope.trim())
    .map((scope) => (scope === '.' ? metadata.namespace : scope));
}

/**
 * The host that a destination of an object in `namespace` means.
 *
 * @source istio: pkg/config/analysis/analyzers/util/service_lookup.go, GetDestinationHost
 */
export function findHost(
  known: ReadonlyMap<string, KnownHost>,
  { namespace, exportTo, host }: { namespace: string; exportTo: readonly string[]; host: string },
): KnownHost | undefined {
  const own = exportTo.length === 0 ? [namespace] : exportTo;
  const scopes = ['*', ...own.map((scope) => (scope === '.' ? namespace : scope))];
  for (const scope of scopes) {
    const found = known.get(scopedFqdn(scope, namespace, host));
    if (found !== undefined) return found;
  }
  return findWildcard(known, namespace, host);
}

function findWildcard(
  known: ReadonlyMap<string, KnownHost>,
  namespace: string,
  host: string,
): KnownHost | undefined {
  const wanted = host.replace(/^\*/, '');
  for (const [scoped, found] of known) {
    const [scope, name] = splitScoped(scoped);
    if (!name.startsWith('*') || (scope !== '*' && scope !== namespace)) continue;
    if (wanted.endsWith(name.slice(1))) return found;
  }
  return undefined;
}
