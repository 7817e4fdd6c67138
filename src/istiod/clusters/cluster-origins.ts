import type { Resource } from '#config/resource.ts';
import { formatPath, type Path } from '#source/path.ts';
import type { Cluster } from '#xds/cluster.ts';
import { writtenSource } from '../gateway-api/written-source.ts';
import type { BlockSource, EffectivePolicy } from '../model/traffic-policy.ts';
import type { FieldOrigins, Origin, Origins } from '../origin.ts';

/** The origin of something that a field of a resource decided; its place is looked up when asked for. */
export function originOf(from: Resource, at: Path): Origin {
  const { resource, path } = writtenSource(from, at);
  return {
    kind: resource.kind,
    namespace: resource.metadata.namespace,
    name: resource.metadata.name,
    path: formatPath(path),
    get at() {
      return resource.placeOf(path);
    },
  };
}

/** The mesh's own configuration; it stands in no resource that could be pointed at. */
export function meshOrigin(path: Path): Origin {
  return {
    kind: 'MeshConfig',
    namespace: '',
    name: 'mesh',
    at: undefined,
    path: formatPath(path.slice(1)),
  };
}

function blockOrigin({ rule, path }: BlockSource): Origin {
  return rule === undefined ? meshOrigin(path) : originOf(rule, path);
}

/** Which block of a policy decides which fields of a cluster. */
const FIELDS_BY_BLOCK: readonly (readonly [keyof EffectivePolicy, readonly (keyof Cluster)[]])[] = [
  ['tls', ['transportSocket', 'transportSocketMatches']],
  ['proxyProtocol', ['transportSocket', 'transportSocketMatches']],
  ['outlierDetection', ['outlierDetection', 'commonLbConfig']],
  [
    'loadBalancer',
    [
      'lbPolicy',
      'ringHashLbConfig',
      'maglevLbConfig',
      'leastRequestLbConfig',
      'roundRobinLbConfig',
    ],
  ],
  [
    'connectionPool',
    [
      'circuitBreakers',
      'connectTimeout',
      'upstreamConnectionOptions',
      'typedExtensionProtocolOptions',
    ],
  ],
];

/** Where the origins of clusters are noted. */
export interface OriginNotes {
  readonly origins: Origins;
  readonly fieldOrigins: FieldOrigins;
  /** Notes when somebody asks. */
  later(note: () => void): void;
}

/**
 * Notes where a cluster and each of its blocks come from: circuit breakers and protocol options from
 * the connection pool, sockets from `tls`, and so on. What no rule speaks of has no origin.
 */
export function noteClusterOrigins(
  notes: OriginNotes,
  cluster: Cluster,
  own: Origin,
  policy: EffectivePolicy,
): void {
  notes.origins.set(cluster, own);
  const fields = new Map<string, Origin>();
  for (const [name, decided] of FIELDS_BY_BLOCK) {
    const block = policy[name];
    if (block === undefined) continue;
    const origin = blockOrigin(block);
    for (const field of decided) {
      const value = cluster[field];
      if (value === undefined && field !== 'lbPolicy') continue;
      fields.set(field, origin);
      if (typeof value === 'object' && value !== null) notes.origins.set(value, origin);
    }
  }
  const budget = cluster.circuitBreakers?.thresholds?.[0]?.retryBudget;
  if (budget !== undefined && policy.retryBudget !== undefined) {
    notes.origins.set(budget, blockOrigin(policy.retryBudget));
  }
  notes.fieldOrigins.set(cluster, fields);
}
