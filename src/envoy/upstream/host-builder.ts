import type { Dispatcher } from '#kernel/dispatcher.ts';
import { Host } from './host.ts';
import { type HostDescription, localityOf, NO_LOCALITY } from './host-description.ts';
import { HostMembership, type HostMembershipOptions } from './host-membership.ts';
import { groupByLocality, type HostSet, partitionHosts } from './host-set.ts';

/** Hosts without configuration behind them, for tests and for rules given as bare numbers. */
export interface HostSpec extends Partial<Omit<HostDescription, 'locality'>> {
  readonly zone?: string;
  readonly healthFlags?: number;
  readonly rqActive?: number;
}

/** One host per spec; a text stands for an address. */
export function hostsOf(specs: readonly (string | HostSpec)[]): Host[] {
  return specs.map((spec, index) =>
    hostOf(typeof spec === 'string' ? { address: spec } : spec, index),
  );
}

function hostOf({ healthFlags, rqActive, ...spec }: HostSpec, index: number): Host {
  const host = new Host(describedHost(spec, index));
  host.healthFlags |= healthFlags ?? 0;
  host.rqActive = rqActive ?? 0;
  return host;
}

/** The description of host number `index`, with everything that the spec leaves out at its default. */
export function describedHost(spec: HostSpec, index: number): HostDescription {
  const { zone, ...description } = spec;
  return {
    address: `10.0.0.${index + 1}:80`,
    hostname: '',
    locality: zone === undefined ? NO_LOCALITY : localityOf('', zone, ''),
    weight: 1,
    healthStatus: 'UNKNOWN',
    metadata: new Map(),
    metadataKey: '',
    isCanary: false,
    ...description,
  };
}

export interface HostSetSpec {
  readonly hosts: readonly Host[];
  readonly priority?: number;
  readonly ownZone?: string;
  readonly overprovisioningFactor?: number;
  readonly weightedPriorityHealth?: boolean;
  /** By zone. */
  readonly localityWeights?: Readonly<Record<string, number>>;
}

/** A host set of given hosts, with their health of now. */
export function hostSetOf(spec: HostSetSpec): HostSet {
  const weights = Object.entries(spec.localityWeights ?? {}).map(
    ([zone, weight]) => [localityOf('', zone, '').key, weight] as const,
  );
  const ownLocality = spec.ownZone === undefined ? undefined : localityOf('', spec.ownZone, '');
  for (const host of spec.hosts) host.priority = spec.priority ?? 0;
  return partitionHosts({
    priority: spec.priority ?? 0,
    hosts: spec.hosts,
    ...groupByLocality(spec.hosts, ownLocality, new Map(weights)),
    overprovisioningFactor: spec.overprovisioningFactor ?? 140,
    weightedPriorityHealth: spec.weightedPriorityHealth ?? false,
  });
}

/** A cluster's hosts as most clusters have them, but for what is said; for tests. */
export function hostMembershipOf(
  dispatcher: Dispatcher,
  options: Partial<HostMembershipOptions> = {},
): HostMembership {
  return new HostMembership(dispatcher, {
    hasActiveHealthChecks: false,
    ignoreNewHostsUntilFirstHc: false,
    ignoreHealthOnHostRemoval: false,
    ownLocality: undefined,
    updateMergeWindowMs: 1000,
    ...options,
  });
}
