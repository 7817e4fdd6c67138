import type { LbSubsetConfig, LbSubsetFallbackPolicy } from '#xds/cluster.ts';
import type { Json } from '#xds/core.ts';
import type { Host } from '../upstream/host.ts';
import { filterHostSet, type HostSet } from '../upstream/host-set.ts';
import { PrioritySet, type PriorityUpdateListener } from '../upstream/priority-set.ts';
import type { LoadBalancer, LoadBalancerContext, LoadBalancerStats } from './load-balancer.ts';
import {
  criteriaKey,
  type MetadataMatchCriteria,
  type MetadataMatchCriterion,
  namesKey,
  valueKey,
} from './metadata-match-criteria.ts';

/** One subset: hosts of equal metadata with priorities and a balancer of their own. */
interface Subset {
  /** Of the priority that is being sorted. */
  readonly members: Set<Host>;
  readonly prioritySet: PrioritySet;
  readonly balancer: LoadBalancer;
  /** Keeps one host alone: the first. */
  readonly isSingleHost: boolean;
  /** Has hosts, healthy or not. */
  isActive: boolean;
}

interface Selector {
  /** Sorted. */
  readonly keys: readonly string[];
  readonly fallback: LbSubsetFallbackPolicy;
  readonly fallbackKeys: readonly string[];
  readonly isSingleHost: boolean;
}

/**
 * Chooses the subset of a cluster's hosts whose metadata a route asks for, then a host of it by the
 * cluster's policy. A subset has health, priorities and panic of its own.
 *
 * @source envoy: load_balancing_policies/subset/subset_lb.cc
 */
export class SubsetLoadBalancer implements LoadBalancer, PriorityUpdateListener {
  readonly #config: LbSubsetConfig;
  readonly #parent: PrioritySet;
  readonly #stats: LoadBalancerStats;
  readonly #createBalancer: (prioritySet: PrioritySet) => LoadBalancer;
  readonly #selectors: readonly Selector[];
  readonly #selectorByNames = new Map<string, Selector>();
  /** By `criteriaKey`. */
  readonly #subsets = new Map<string, Subset>();
  readonly #any: Subset | undefined;
  readonly #default: Subset | undefined;

  constructor(
    config: LbSubsetConfig,
    parts: { readonly prioritySet: PrioritySet; readonly stats: LoadBalancerStats },
    createBalancer: (prioritySet: PrioritySet) => LoadBalancer,
  ) {
    this.#config = config;
    this.#parent = parts.prioritySet;
    this.#stats = parts.stats;
    this.#createBalancer = createBalancer;
    this.#selectors = (config.subsetSelectors ?? []).map(compileSelector);
    for (const selector of this.#selectors) {
      const names = namesKey(selector.keys);
      if (!this.#selectorByNames.has(names)) this.#selectorByNames.set(names, selector);
    }
    const fallbacks = [this.#clusterFallback, ...this.#selectors.map(({ fallback }) => fallback)];
    const needsAny = fallbacks.includes('ANY_ENDPOINT') || config.panicModeAny === true;
    this.#any = needsAny ? this.#newSubset(false) : undefined;
    this.#default = fallbacks.includes('DEFAULT_SUBSET') ? this.#newSubset(false) : undefined;
    this.#parent.hostSets.forEach((_, priority) => {
      this.#refresh(priority);
    });
    this.#parent.addListener(this);
  }

  chooseHost(context: LoadBalancerContext | undefined): Host | undefined {
    return this.#choose(context, context?.metadataMatchCriteria);
  }

  onPriorityUpdate(priority: number): void {
    this.#refresh(priority);
    this.#purgeEmptySubsets();
  }

  stop(): void {
    this.#parent.removeListener(this);
  }

  #choose(
    context: LoadBalancerContext | undefined,
    criteria: MetadataMatchCriteria | undefined,
  ): Host | undefined {
    if (criteria !== undefined) {
      const asked = this.#withoutRedundantKeys(criteria);
      const subset = this.#subsets.get(asked.key);
      if (subset?.isActive === true) {
        this.#stats.lbSubsetsSelected++;
        return subset.balancer.chooseHost(context);
      }
      const selector = this.#selectorByNames.get(asked.names);
      if (selector !== undefined && selector.fallback !== 'NOT_DEFINED') {
        return this.#chooseBySelector(selector, context, asked);
      }
    }
    return this.#chooseByClusterFallback(context);
  }

  #chooseBySelector(
    { fallback, fallbackKeys }: Selector,
    context: LoadBalancerContext | undefined,
    criteria: MetadataMatchCriteria,
  ): Host | undefined {
    switch (fallback) {
      case 'ANY_ENDPOINT':
        return this.#any?.balancer.chooseHost(context);
      case 'DEFAULT_SUBSET':
        return this.#default?.balancer.chooseHost(context);
      case 'KEYS_SUBSET':
        return this.#choose(context, criteria.reducedTo(fallbackKeys));
      case 'NO_FALLBACK':
      case 'NOT_DEFINED':
        return undefined;
    }
  }

  #chooseByClusterFallback(context: LoadBalancerContext | undefined): Host | undefined {
    if (this.#clusterFallback === 'NO_FALLBACK') return undefined;
    const subset = this.#clusterFallback === 'ANY_ENDPOINT' ? this.#any : this.#default;
    const host = subset?.balancer.chooseHost(context);
    if (host !== undefined) {
      this.#stats.lbSubsetsFallback++;
      return host;
    }
    if (this.#config.panicModeAny !== true) return undefined;
    const anyHost = this.#any?.balancer.chooseHost(context);
    if (anyHost !== undefined) this.#stats.lbSubsetsFallbackPanic++;
    return anyHost;
  }

  get #clusterFallback(): LbSubsetFallbackPolicy {
    return this.#config.fallbackPolicy ?? 'NO_FALLBACK';
  }

  /** With `allow_redundant_keys`: the criteria of the first selector that all of its keys are given for. */
  #withoutRedundantKeys(criteria: MetadataMatchCriteria): MetadataMatchCriteria {
    if (this.#config.allowRedundantKeys !== true) return criteria;
    for (const { keys } of this.#selectors) {
      const reduced = criteria.reducedTo(keys);
      if (reduced?.criteria.length === keys.length) return reduced;
    }
    return criteria;
  }

  /** Sorts the hosts of a priority into subsets anew: a host's metadata may have changed in place. */
  #refresh(priority: number): void {
    const hostSet = this.#parent.hostSets[priority]!;
    for (const host of hostSet.hosts) {
      this.#any?.members.add(host);
      if (this.#default !== undefined && this.#isInDefaultSubset(host)) {
        this.#default.members.add(host);
      }
      for (const selector of this.#selectors) this.#place(host, selector);
    }
    for (const subset of [this.#any, this.#default, ...this.#subsets.values()]) {
      if (subset !== undefined) this.#update(subset, hostSet);
    }
  }

  #place(host: Host, selector: Selector): void {
    for (const criteria of subsetsOf(host, selector.keys, this.#config.listAsAny === true)) {
      const key = criteriaKey(criteria);
      let subset = this.#subsets.get(key);
      if (subset === undefined) {
        subset = this.#newSubset(selector.isSingleHost);
        this.#subsets.set(key, subset);
        this.#stats.lbSubsetsCreated++;
        this.#stats.lbSubsetsActive++;
      }
      if (!subset.isSingleHost || subset.members.size === 0) subset.members.add(host);
    }
  }

  #update(subset: Subset, hostSet: HostSet): void {
    const { members, prioritySet } = subset;
    const hadHosts = (prioritySet.hostSets[hostSet.priority]?.hosts.length ?? 0) > 0;
    if (hadHosts || members.size > 0) {
      const isMember = (host: Host): boolean => members.has(host);
      prioritySet.update(
        filterHostSet(hostSet, isMember, this.#localityWeights(hostSet, isMember)),
      );
      subset.isActive = prioritySet.hostSets.some(({ hosts }) => hosts.length > 0);
    }
    members.clear();
  }

  /** @source envoy: load_balancing_policies/subset/subset_lb.cc, determineLocalityWeights */
  #localityWeights(
    { localityWeights, hostsPerLocality }: HostSet,
    isMember: (host: Host) => boolean,
  ): readonly number[] | undefined {
    if (this.#config.localityWeightAware !== true) return undefined;
    if (this.#config.scaleLocalityWeight !== true) return localityWeights;
    return localityWeights?.map((weight, locality) => {
      const hosts = hostsPerLocality.groups[locality]!;
      if (hosts.length === 0) return 0;
      return Math.round((weight * hosts.filter(isMember).length) / hosts.length);
    });
  }

  #purgeEmptySubsets(): void {
    for (const [key, subset] of this.#subsets) {
      if (subset.isActive) continue;
      subset.balancer.stop();
      this.#subsets.delete(key);
      this.#stats.lbSubsetsActive--;
      this.#stats.lbSubsetsRemoved++;
    }
  }

  #newSubset(isSingleHost: boolean): Subset {
    const prioritySet = new PrioritySet();
    const balancer = this.#createBalancer(prioritySet);
    return { members: new Set(), prioritySet, balancer, isSingleHost, isActive: false };
  }

  /** @source envoy: source/common/config/metadata.cc, Metadata::metadataLabelMatch */
  #isInDefaultSubset(host: Host): boolean {
    const metadata = host.description.metadata.get('envoy.lb') ?? {};
    return Object.entries(this.#config.defaultSubset ?? {}).every(([name, wanted]) => {
      const value = Object.hasOwn(metadata, name) ? metadata[name] : undefined;
      if (value === undefined) return false;
      const candidates = this.#config.listAsAny === true && Array.isArray(value) ? value : [value];
      return candidates.some((candidate) => valueKey(candidate) === valueKey(wanted));
    });
  }
}

function compileSelector(it: NonNullable<LbSubsetConfig['subsetSelectors']>[number]): Selector {
  return {
    keys: [...new Set(it.keys ?? [])].sort(),
    fallback: it.fallbackPolicy ?? 'NOT_DEFINED',
    fallbackKeys: it.fallbackKeysSubset ?? [],
    isSingleHost: it.singleHostPerSubset ?? false,
  };
}

/**
 * The subsets that a host belongs to by one selector: one, none if it lacks a key; with `listAsAny` one
 * for each combination of values.
 *
 * @source envoy: load_balancing_policies/subset/subset_lb.cc, extractSubsetMetadata
 */
function subsetsOf(
  host: Host,
  keys: readonly string[],
  listAsAny: boolean,
): readonly (readonly MetadataMatchCriterion[])[] {
  const metadata = host.description.metadata.get('envoy.lb');
  if (metadata === undefined || keys.length === 0) return [];
  let combinations: MetadataMatchCriterion[][] = [[]];
  for (const name of keys) {
    const value = Object.hasOwn(metadata, name) ? metadata[name] : undefined;
    if (value === undefined) return [];
    const values: readonly Json[] = listAsAny && Array.isArray(value) ? value : [value];
    combinations = combinations.flatMap((criteria) =>
      values.map((one) => [...criteria, { name, value: one }]),
    );
  }
  return combinations;
}
