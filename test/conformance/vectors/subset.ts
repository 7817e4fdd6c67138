import { balancerOf, contextOf } from '#envoy/load-balancing/balancer-builder.ts';
import { metadataMatchCriteria } from '#envoy/load-balancing/metadata-match-criteria.ts';
import { hostsOf } from '#envoy/upstream/host-builder.ts';
import type { LbSubsetFallbackPolicy } from '#xds/cluster.ts';
import type { VectorAdapter } from './adapter.ts';

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
  const cluster = { lbPolicy: 'ROUND_ROBIN', lbSubsetConfig: subsetConfig(vector) } as const;
  const { picks } = balancerOf(cluster, [{ hosts: hostsOf(specs) }]);
  const asked = { filterMetadata: { 'envoy.lb': vector.criteria ?? {} } };
  const context = contextOf({ metadataMatchCriteria: metadataMatchCriteria(asked) });
  const picked = picks(specs.length, context);
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
