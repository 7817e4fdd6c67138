import { memoOf } from '#kernel/memo.ts';
import type {
  Cluster,
  CommonLbConfig,
  ConsistentHashingLbConfig,
  LbSubsetConfig,
  SlowStartConfig as XdsSlowStartConfig,
} from '#xds/cluster.ts';
import type { Percent, TypedConfig, Uint64Text } from '#xds/core.ts';
import { durationMs } from '#xds/duration.ts';
import type { HashTableConfig } from './hash-load-balancer.ts';
import type { LocalityConfig } from './host-source.ts';
import type { LeastRequestConfig } from './least-request.ts';
import { DEFAULT_MAGLEV_TABLE_SIZE } from './maglev.ts';
import { NO_SLOW_START, type SlowStartConfig } from './slow-start.ts';
import { DEFAULT_ZONE_AWARE } from './zone-aware.ts';

/** How one host is picked of those that are left when priorities, subsets and localities are done. */
export type HostPolicyConfig =
  | { readonly kind: 'round-robin'; readonly slowStart: SlowStartConfig }
  | ({ readonly kind: 'least-request'; readonly slowStart: SlowStartConfig } & LeastRequestConfig)
  | { readonly kind: 'random' }
  | {
      readonly kind: 'consistent-hash';
      readonly table: HashTableConfig;
      /** In percent; 0 = loads are not bounded. */
      readonly hashBalanceFactor: number;
      readonly useHostnameForHashing: boolean;
    }
  /** The cluster itself knows its host: original destination. */
  | { readonly kind: 'cluster-provided' };

/** A cluster's load balancing, compiled. */
export interface LoadBalancingConfig {
  readonly policy: HostPolicyConfig;
  readonly locality: LocalityConfig;
  /** An integer. */
  readonly panicThresholdPercent: number;
  readonly subsets: LbSubsetConfig | undefined;
}

const DEFAULT_PANIC_THRESHOLD_PERCENT = 50;
const DEFAULT_MINIMUM_RING_SIZE = 1024;
const DEFAULT_MAXIMUM_RING_SIZE = 8_388_608;
const DEFAULT_CHOICE_COUNT = 2;

/**
 * A cluster's load balancing, compiled once per configuration object: from `load_balancing_policy`
 * when it names a policy that is known, else from `lb_policy` and the fields beside it.
 *
 * @source envoy: source/common/upstream/upstream_impl.cc, ClusterInfoImpl;
 *   source/extensions/load_balancing_policies
 */
export const compileLoadBalancing = memoOf(compile);

function compile(cluster: Cluster): LoadBalancingConfig {
  const common = cluster.commonLbConfig ?? {};
  const typed = typedPolicy(cluster.loadBalancingPolicy);
  const { policy, locality, subsets } = typed ?? legacyPolicy(cluster, common);
  const threshold = common.healthyPanicThreshold;
  return {
    policy: cluster.type === 'ORIGINAL_DST' ? { kind: 'cluster-provided' } : policy,
    locality,
    subsets,
    panicThresholdPercent:
      threshold === undefined ? DEFAULT_PANIC_THRESHOLD_PERCENT : Math.round(threshold.value ?? 0),
  };
}

type PolicyAndLocality = Omit<LoadBalancingConfig, 'panicThresholdPercent'>;

/** @source envoy: load_balancing_policies/… /config.h, LegacyTo… constructors */
function legacyPolicy(cluster: Cluster, common: CommonLbConfig): PolicyAndLocality {
  const subsets = cluster.lbSubsetConfig;
  const hasSubsets = (subsets?.subsetSelectors ?? []).length > 0;
  return {
    policy: legacyHostPolicy(cluster, common),
    locality: legacyLocality(common),
    subsets: hasSubsets || isFallbackSet(subsets) ? subsets : undefined,
  };
}

function isFallbackSet(subsets: LbSubsetConfig | undefined): boolean {
  return (subsets?.fallbackPolicy ?? 'NO_FALLBACK') !== 'NO_FALLBACK';
}

function legacyHostPolicy(cluster: Cluster, common: CommonLbConfig): HostPolicyConfig {
  switch (cluster.lbPolicy ?? 'ROUND_ROBIN') {
    case 'LEAST_REQUEST':
      return leastRequestPolicy(cluster.leastRequestLbConfig ?? {});
    case 'RANDOM':
      return { kind: 'random' };
    case 'RING_HASH':
      return hashPolicy(
        ringConfig(cluster.ringHashLbConfig ?? {}),
        common.consistentHashingLbConfig,
      );
    case 'MAGLEV':
      return hashPolicy(
        maglevConfig(cluster.maglevLbConfig ?? {}),
        common.consistentHashingLbConfig ?? cluster.maglevLbConfig?.consistentHashingLbConfig,
      );
    case 'CLUSTER_PROVIDED':
      return { kind: 'cluster-provided' };
    case 'ROUND_ROBIN':
    case 'LOAD_BALANCING_POLICY_CONFIG':
      return {
        kind: 'round-robin',
        slowStart: slowStartConfig(cluster.roundRobinLbConfig?.slowStartConfig),
      };
  }
}

function legacyLocality(common: CommonLbConfig): LocalityConfig {
  if (common.localityWeightedLbConfig !== undefined) return { kind: 'weighted' };
  const zoneAware = common.zoneAwareLbConfig;
  return zoneAware === undefined ? { kind: 'none' } : zoneAwareLocality(zoneAware);
}

/** The fields of the policies below `load_balancing_policy` that are read here. */
interface TypedPolicyFields {
  readonly slowStartConfig?: XdsSlowStartConfig;
  readonly choiceCount?: number;
  readonly activeRequestBias?: { readonly defaultValue?: number };
  readonly selectionMethod?: 'N_CHOICES' | 'FULL_SCAN';
  readonly localityLbConfig?: Pick<
    CommonLbConfig,
    'zoneAwareLbConfig' | 'localityWeightedLbConfig'
  >;
  readonly localityWeightedLbConfig?: object;
  readonly consistentHashingLbConfig?: ConsistentHashingLbConfig;
  readonly minimumRingSize?: Uint64Text;
  readonly maximumRingSize?: Uint64Text;
  readonly hashFunction?: string;
  readonly tableSize?: Uint64Text;
  readonly endpointPickingPolicy?: Cluster['loadBalancingPolicy'];
  readonly subsetLbPolicy?: Cluster['loadBalancingPolicy'];
}

const PACKAGE = /^type\.googleapis\.com\/envoy\.extensions\.load_balancing_policies\.(\w+)\.v3\./;

/** The first policy of the list that is known here. */
function typedPolicy(list: Cluster['loadBalancingPolicy']): PolicyAndLocality | undefined {
  for (const { typedExtensionConfig } of list?.policies ?? []) {
    const typed = typedExtensionConfig?.typedConfig;
    const policy = typed === undefined ? undefined : compileTyped(typed);
    if (policy !== undefined) return policy;
  }
  return undefined;
}

function compileTyped(typed: TypedConfig): PolicyAndLocality | undefined {
  const fields = typed as TypedConfig & TypedPolicyFields;
  const name = PACKAGE.exec(typed['@type'])?.[1];
  const slowStart = slowStartConfig(fields.slowStartConfig);
  const locality = legacyLocality(fields.localityLbConfig ?? {});
  const plain = (policy: HostPolicyConfig) => ({ policy, locality, subsets: undefined });
  switch (name) {
    case 'round_robin':
    case 'client_side_weighted_round_robin': // Nobody reports ORCA loads: all weights stay equal.
      return plain({ kind: 'round-robin', slowStart });
    case 'least_request':
      return plain(leastRequestPolicy(fields));
    case 'random':
      return plain({ kind: 'random' });
    case 'ring_hash':
      return hashedByLocality(fields, ringConfig(fields));
    case 'maglev':
      return hashedByLocality(fields, maglevConfig(fields));
    case 'wrr_locality': {
      const inner = typedPolicy(fields.endpointPickingPolicy);
      return inner && { ...inner, locality: { kind: 'weighted' } };
    }
    case 'subset': {
      const inner = typedPolicy(fields.subsetLbPolicy);
      return inner && { ...inner, subsets: typed as LbSubsetConfig };
    }
    case 'cluster_provided':
      return plain({ kind: 'cluster-provided' });
    default:
      return undefined;
  }
}

function hashedByLocality(fields: TypedPolicyFields, table: HashTableConfig): PolicyAndLocality {
  const isWeighted = fields.localityWeightedLbConfig !== undefined;
  return {
    policy: hashPolicy(table, fields.consistentHashingLbConfig),
    locality: isWeighted ? { kind: 'weighted' } : { kind: 'none' },
    subsets: undefined,
  };
}

function leastRequestPolicy(fields: TypedPolicyFields): HostPolicyConfig {
  const bias = fields.activeRequestBias?.defaultValue ?? 1;
  return {
    kind: 'least-request',
    choiceCount: Math.max(2, fields.choiceCount ?? DEFAULT_CHOICE_COUNT),
    activeRequestBias: bias >= 0 ? bias : 1, // A negative bias and NaN count as 1.
    selection: fields.selectionMethod === 'FULL_SCAN' ? 'full-scan' : 'n-choices',
    slowStart: slowStartConfig(fields.slowStartConfig),
  };
}

function hashPolicy(
  table: HashTableConfig,
  config: ConsistentHashingLbConfig | undefined,
): HostPolicyConfig {
  return {
    kind: 'consistent-hash',
    table,
    hashBalanceFactor: config?.hashBalanceFactor ?? 0,
    useHostnameForHashing: config?.useHostnameForHashing ?? false,
  };
}

function ringConfig(
  fields: Pick<TypedPolicyFields, 'minimumRingSize' | 'maximumRingSize' | 'hashFunction'>,
): HashTableConfig {
  return {
    kind: 'ring',
    minimumRingSize: Number(fields.minimumRingSize ?? DEFAULT_MINIMUM_RING_SIZE),
    maximumRingSize: Number(fields.maximumRingSize ?? DEFAULT_MAXIMUM_RING_SIZE),
    hashFunction: fields.hashFunction === 'MURMUR_HASH_2' ? 'MURMUR_HASH_2' : 'XX_HASH',
  };
}

function maglevConfig(fields: Pick<TypedPolicyFields, 'tableSize'>): HashTableConfig {
  return { kind: 'maglev', tableSize: Number(fields.tableSize ?? DEFAULT_MAGLEV_TABLE_SIZE) };
}

function slowStartConfig(config: XdsSlowStartConfig | undefined): SlowStartConfig {
  if (config === undefined) return NO_SLOW_START;
  return {
    windowMs: durationMs(config.slowStartWindow) ?? 0,
    aggression: config.aggression?.defaultValue ?? NO_SLOW_START.aggression,
    minWeightPercent: percentOr(config.minWeightPercent, NO_SLOW_START.minWeightPercent),
  };
}

function zoneAwareLocality(
  config: NonNullable<CommonLbConfig['zoneAwareLbConfig']>,
): LocalityConfig {
  const isByWeight = config.localityBasis === 'HEALTHY_HOSTS_WEIGHT';
  return {
    kind: 'zone-aware',
    config: {
      routingEnabledPercent: Math.round(
        percentOr(config.routingEnabled, DEFAULT_ZONE_AWARE.routingEnabledPercent),
      ),
      minClusterSize: Number(config.minClusterSize ?? DEFAULT_ZONE_AWARE.minClusterSize),
      failTrafficOnPanic: config.failTrafficOnPanic ?? false,
      forceLocalityDirectRouting: config.forceLocalityDirectRouting ?? false,
      basis: isByWeight ? 'host-weight' : 'host-count',
    },
  };
}

function percentOr(percent: Percent | undefined, otherwise: number): number {
  return percent === undefined ? otherwise : (percent.value ?? 0);
}
