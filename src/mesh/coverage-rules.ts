import type { DestinationRule, Resource, VirtualService } from '#config/resource.ts';
import type { ResourceStore } from '#config/resource-store.ts';
import type { Place } from '#source/diagnostic.ts';
import { formatPath, type Path } from '#source/path.ts';

export type CoverageKind =
  | 'route'
  | 'match'
  | 'fault'
  | 'timeout'
  | 'retries'
  | 'mirror'
  | 'subset'
  | 'outlierDetection'
  | 'connectionPool';

/** Something that a person wrote and that traffic may or may not meet. */
export interface CoverageRule {
  readonly kind: CoverageKind;
  readonly name: string;
  readonly at: Place | undefined;
  /** Names the object and the field, as `placeKey` does. */
  readonly key: string;
  /** The key of the route that a policy belongs to; its own for everything else. */
  readonly ownerKey: string;
}

/** A field of an object, whatever version of it is in force. */
export function placeKey(
  kind: string,
  namespace: string,
  name: string,
  path: string | undefined,
): string {
  return `${kind} ${namespace}/${name} ${path ?? ''}`;
}

/** Routes, matches, subsets and policies of VirtualServices and DestinationRules, as they are written. */
export function coverageRules(store: ResourceStore): readonly CoverageRule[] {
  return [
    ...store.of('VirtualService').flatMap(routeRules),
    ...store.of('DestinationRule').flatMap(trafficRules),
  ];
}

/** What belongs to one `http` entry, by field. */
const ROUTE_POLICIES = [
  ['fault', 'fault'],
  ['timeout', 'timeout'],
  ['retries', 'retries'],
  ['mirror', 'mirror'],
  ['mirrors', 'mirror'],
] as const;

function routeRules(resource: VirtualService): readonly CoverageRule[] {
  return resource.spec.http.flatMap((http, index) => {
    const path = ['spec', 'http', index] as const;
    const name = http.name === '' ? `${resource.metadata.name} http[${index}]` : http.name;
    const owner = keyOf(resource, path);
    const ruleAt = (kind: CoverageKind, at: Path, called: string): CoverageRule => ({
      kind,
      name: called,
      at: resource.placeOf(at),
      key: keyOf(resource, at),
      ownerKey: owner,
    });
    const matches = http.match.length < 2 ? [] : http.match;
    return [
      ruleAt('route', path, name),
      ...matches.map((match, at) =>
        ruleAt('match', [...path, 'match', at], `${name} ${match.name || `match[${at}]`}`),
      ),
      ...ROUTE_POLICIES.flatMap(([field, kind]) => {
        const value: unknown = http[field];
        const isWritten = Array.isArray(value) ? value.length > 0 : value !== undefined;
        return isWritten ? [ruleAt(kind, [...path, field], name)] : [];
      }),
    ];
  });
}

const POLICIES = ['outlierDetection', 'connectionPool'] as const;

function trafficRules(resource: DestinationRule): readonly CoverageRule[] {
  const { host, subsets } = resource.spec;
  const short = host.split('.', 1)[0] ?? host;
  const ruleAt = (kind: CoverageKind, path: Path, name: string): CoverageRule => {
    const key = keyOf(resource, path);
    return { kind, name, at: resource.placeOf(path), key, ownerKey: key };
  };
  const policiesAt = (path: Path, policy: object | undefined, name: string) =>
    POLICIES.filter(
      (field) => (policy as Readonly<Record<string, unknown>> | undefined)?.[field] !== undefined,
    ).map((field) => ruleAt(field, [...path, field], name));
  return [
    ...policiesAt(['spec', 'trafficPolicy'], resource.spec.trafficPolicy, short),
    ...subsets.flatMap((subset, index) => {
      const path = ['spec', 'subsets', index];
      const name = `${short}|${subset.name}`;
      return [
        ruleAt('subset', path, name),
        ...policiesAt([...path, 'trafficPolicy'], subset.trafficPolicy, name),
      ];
    }),
  ];
}

function keyOf({ kind, metadata }: Resource, path: Path): string {
  return placeKey(kind, metadata.namespace, metadata.name, formatPath(path));
}
