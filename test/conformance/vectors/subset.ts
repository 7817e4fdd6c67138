import type { LoadBalancerContext } from '#envoy/load-balancing/load-balancer.ts';
import { metadataMatchCriteria } from '#envoy/load-balancing/metadata-match-criteria.ts';
import { hostSetOf, hostsOf } from '#envoy/upstream/host-builder.ts';
import { PrioritySet } from '#envoy/upstream/priority-set.ts';
import type { LbSubsetFallbackPolicy } from '#xds/cluster.ts';
import type { VectorAdapter } from './adapter.ts';
import { balancerOf } from './support/balancers.ts';

interface Vector {
  readonly hosts: Readonly<Record<string, Readonly<Record<string, string>>>>;
  readonly selectors: readonly {
    readonly keys: readonly string[];
    readonly fallback_policy?: LbSubsetFallbackPolicy;
    readonly fallback_keys_subset?: readonly string[];
  }[];
  readonly fallback_policy: LbSubsetFallbackPolicy;
  readonly default_subset: Readonly<Record<string, string>>;
  readonly allow_redundant_keys: boolean;
  readonly panic_mode_any: boolean;
  readonly criteria: Readonly<Record<string, string>> | null;
}

/** As many round-robin picks as there are hosts find all that a request is balanced over. */
export const run: VectorAdapter = (vector: Vector) => {
  const specs = Object.entries(vector.hosts).map(([address, fields]) => ({
    address,
    metadata: new Map([['envoy.lb', fields]]),
  }));
  const prioritySet = new PrioritySet();
  prioritySet.update(hostSetOf({ hosts: hostsOf(specs) }));
  const balancer = balancerOf(
    { lbPolicy: 'ROUND_ROBIN', lbSubsetConfig: subsetConfig(vector) },
    prioritySet,
    [],
  );
  const context = contextOf(vector.criteria);
  const picked = specs.map(() => balancer.chooseHost(context)?.address);
  const isPicked = ({ address }: { address: string }) => picked.includes(address);
  return { expect: specs.filter(isPicked).map(({ address }) => address) };
};

function subsetConfig(vector: Vector) {
  return {
    fallbackPolicy: vector.fallback_policy,
    defaultSubset: vector.default_subset,
    allowRedundantKeys: vector.allow_redundant_keys,
    panicModeAny: vector.panic_mode_any,
    subsetSelectors: vector.selectors.map((selector) => ({
      keys: selector.keys,
      fallbackPolicy: selector.fallback_policy ?? ('NOT_DEFINED' as const),
      fallbackKeysSubset: selector.fallback_keys_subset ?? [],
    })),
  };
}

function contextOf(criteria: Vector['criteria']): LoadBalancerContext {
  return {
    hash: undefined,
    metadataMatchCriteria: metadataMatchCriteria({
      filterMetadata: { 'envoy.lb': criteria ?? {} },
    }),
    hostSelectionRetryCount: 0,
    originalDestination: undefined,
    overrideHost: undefined,
    retryPriority: undefined,
    shouldSelectAnotherHost: () => false,
  };
}
