import type { Random } from '#kernel/random.ts';
import type { PrioritySet } from '../upstream/priority-set.ts';
import { EdfLoadBalancer } from './edf-load-balancer.ts';
import { HashLoadBalancer } from './hash-load-balancer.ts';
import type { HashTables } from './hash-table.ts';
import type { HostSourcesOptions } from './host-source.ts';
import { leastRequest } from './least-request.ts';
import type { LoadBalancer, LoadBalancerStats } from './load-balancer.ts';
import type { HostPolicyConfig, LoadBalancingConfig } from './load-balancing-config.ts';
import { RandomLoadBalancer } from './random.ts';
import { ROUND_ROBIN } from './round-robin.ts';
import { SubsetLoadBalancer } from './subset.ts';

/** What a cluster of a proxy hands to its load balancer. */
export interface LoadBalancerParts {
  readonly prioritySet: PrioritySet;
  /** Of the proxy's own cluster, when it is known. */
  readonly localPrioritySet: PrioritySet | undefined;
  /** A stream of this proxy and cluster alone. */
  readonly random: Random;
  readonly clock: { readonly nowNs: number };
  readonly stats: LoadBalancerStats;
  /** Shared by all proxies. */
  readonly tables: HashTables;
  readonly cluster: { readonly upstreamRqActive: number };
}

/** The balancer of a cluster; with subsets, one that has one for each subset. */
export function createLoadBalancer(
  config: LoadBalancingConfig,
  parts: LoadBalancerParts,
): LoadBalancer {
  if (config.subsets === undefined) return createHostBalancer(config, parts);
  return new SubsetLoadBalancer(config.subsets, parts, (subset) =>
    createHostBalancer(config, { ...parts, prioritySet: subset }),
  );
}

type PolicyOf<Kind> = Extract<HostPolicyConfig, { kind: Kind }>;
type Factories = {
  readonly [Kind in HostPolicyConfig['kind']]: (
    policy: PolicyOf<Kind>,
    sources: HostSourcesOptions,
    parts: LoadBalancerParts,
  ) => LoadBalancer;
};

/** The policies by name. A new one is a file of its own and a line here. */
const POLICIES: Factories = {
  'round-robin': ({ slowStart }, sources, { clock }) =>
    new EdfLoadBalancer(ROUND_ROBIN, { ...sources, slowStart, clock }),
  'least-request': (policy, sources, { clock }) =>
    new EdfLoadBalancer(leastRequest(policy), { ...sources, slowStart: policy.slowStart, clock }),
  random: (_, sources) => new RandomLoadBalancer(sources),
  'consistent-hash': (policy, sources, parts) =>
    new HashLoadBalancer({
      ...parts,
      ...policy,
      panicThresholdPercent: sources.panicThresholdPercent,
      isLocalityWeighted: sources.locality.kind === 'weighted',
    }),
  // An original destination's host is made on demand (`upstream/host-original-dst.ts`).
  'cluster-provided': () => ({ chooseHost: () => undefined, stop() {} }),
};

function createHostBalancer(config: LoadBalancingConfig, parts: LoadBalancerParts): LoadBalancer {
  const { policy, locality, panicThresholdPercent } = config;
  const sources: HostSourcesOptions = { ...parts, locality, panicThresholdPercent };
  const create = POLICIES[policy.kind] as (
    policy: HostPolicyConfig,
    sources: HostSourcesOptions,
    parts: LoadBalancerParts,
  ) => LoadBalancer;
  return create(policy, sources, parts);
}
