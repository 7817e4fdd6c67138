import { memoOf } from '#kernel/memo.ts';
import type { Address, Json, Locality } from '#xds/core.ts';
import type {
  ClusterLoadAssignment,
  EndpointHealthCheckConfig,
  HealthStatus,
  LbEndpoint,
  LocalityLbEndpoints,
} from '#xds/endpoint.ts';

export interface HostLocality {
  readonly region: string;
  readonly zone: string;
  readonly subZone: string;
  /** Equal for equal localities; its code-unit order is the order of (region, zone, sub-zone). */
  readonly key: string;
}

/** What configuration says of one endpoint. Immutable, and shared by all proxies that know it. */
export interface HostDescription {
  /** `ip:port`, a pipe's path, or `envoy://listener/endpoint`; a host's identity. */
  readonly address: string;
  readonly hostname: string;
  readonly locality: HostLocality;
  readonly weight: number;
  readonly healthStatus: HealthStatus;
  /** Filter metadata by filter name. */
  readonly metadata: ReadonlyMap<string, Readonly<Record<string, Json>>>;
  /** Equal for equal metadata; '' without any. */
  readonly metadataKey: string;
  readonly isCanary: boolean;
  /** Where it is checked actively in another way than the cluster's others. */
  readonly healthCheck?: EndpointHealthCheckConfig | undefined;
}

/** The endpoints of one priority in the order of configuration. */
export interface PriorityAssignment {
  readonly endpoints: readonly HostDescription[];
  /** By locality's `key`; a locality without `load_balancing_weight` is not in it. */
  readonly localityWeights: ReadonlyMap<string, number>;
}

/** A compiled `ClusterLoadAssignment`; `priorities[p]` is priority p, without gaps. */
export interface LoadAssignment {
  readonly priorities: readonly PriorityAssignment[];
  /** Of all endpoints. */
  readonly addresses: ReadonlySet<string>;
  /** In percent. */
  readonly overprovisioningFactor: number;
  readonly weightedPriorityHealth: boolean;
}

export const DEFAULT_OVERPROVISIONING_FACTOR = 140;
export const NO_LOCALITY = localityOf('', '', '');

const NO_WEIGHTS: ReadonlyMap<string, number> = new Map();

/** Endpoints by priority, with the default policy and no locality weights. */
export function loadAssignmentOf(
  priorities: readonly (readonly HostDescription[])[],
): LoadAssignment {
  return {
    priorities: priorities.map((endpoints) => ({ endpoints, localityWeights: NO_WEIGHTS })),
    addresses: new Set(priorities.flat().map(({ address }) => address)),
    overprovisioningFactor: DEFAULT_OVERPROVISIONING_FACTOR,
    weightedPriorityHealth: false,
  };
}

/**
 * The load assignment as hosts by priority, compiled once per configuration object. Of endpoints with
 * one address only the first counts.
 *
 * @source envoy: source/extensions/clusters/eds/eds.cc, updateLocalityEndpoints;
 *   source/common/upstream/upstream_impl.cc, PriorityStateManager
 */
export const compileLoadAssignment = memoOf(compile);

function compile(assignment: ClusterLoadAssignment): LoadAssignment {
  const groups = assignment.endpoints ?? [];
  const priorityCount = groups.reduce(
    (most, group) => Math.max(most, (group.priority ?? 0) + 1),
    1,
  );
  const seen = new Set<string>();
  const priorities = Array.from({ length: priorityCount }, (_, priority) =>
    compilePriority(
      groups.filter((group) => (group.priority ?? 0) === priority),
      seen,
    ),
  );
  return {
    priorities,
    addresses: seen,
    overprovisioningFactor:
      assignment.policy?.overprovisioningFactor ?? DEFAULT_OVERPROVISIONING_FACTOR,
    weightedPriorityHealth: assignment.policy?.weightedPriorityHealth ?? false,
  };
}

function compilePriority(
  groups: readonly LocalityLbEndpoints[],
  seen: Set<string>,
): PriorityAssignment {
  const endpoints: HostDescription[] = [];
  const localityWeights = new Map<string, number>();
  for (const group of groups) {
    const locality = hostLocality(group.locality);
    if (group.locality !== undefined && group.loadBalancingWeight !== undefined) {
      localityWeights.set(locality.key, group.loadBalancingWeight);
    }
    for (const endpoint of group.lbEndpoints ?? []) {
      const description = describeEndpoint(endpoint, locality);
      if (description === undefined || seen.has(description.address)) continue;
      seen.add(description.address);
      endpoints.push(description);
    }
  }
  return { endpoints, localityWeights };
}

function describeEndpoint(it: LbEndpoint, locality: HostLocality): HostDescription | undefined {
  if (it.endpoint === undefined) return undefined;
  const filterMetadata = it.metadata?.filterMetadata;
  const metadata = new Map(Object.entries(filterMetadata ?? {}));
  return {
    address: addressText(it.endpoint.address),
    hostname: it.endpoint.hostname ?? '',
    locality,
    weight: Math.max(1, it.loadBalancingWeight ?? 1),
    healthStatus: it.healthStatus ?? 'UNKNOWN',
    metadata,
    metadataKey: metadata.size === 0 ? '' : JSON.stringify(filterMetadata),
    isCanary: metadata.get('envoy.lb')?.['canary'] === true,
    healthCheck: it.endpoint.healthCheckConfig,
  };
}

/** `ip:port` (`[ip]:port` for IPv6), a pipe's path, or an internal listener's address. */
export function addressText(address: Address): string {
  if (address.socketAddress !== undefined) {
    const { address: ip, portValue = 0 } = address.socketAddress;
    return ip.includes(':') ? `[${ip}]:${portValue}` : `${ip}:${portValue}`;
  }
  if (address.pipe !== undefined) return address.pipe.path;
  const internal = address.envoyInternalAddress;
  return `envoy://${internal?.serverListenerName ?? ''}/${internal?.endpointId ?? ''}`;
}

/** A proto locality with its absent fields filled in. */
export function hostLocality(locality: Locality | undefined): HostLocality {
  if (locality === undefined) return NO_LOCALITY;
  const { region = '', zone = '', subZone = '' } = locality;
  return localityOf(region, zone, subZone);
}

export function localityOf(region: string, zone: string, subZone: string): HostLocality {
  return { region, zone, subZone, key: `${region}\0${zone}\0${subZone}` };
}
