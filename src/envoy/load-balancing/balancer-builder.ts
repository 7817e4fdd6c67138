import { type Random, ScriptedRandom } from '#kernel/random.ts';
import type { Cluster } from '#xds/cluster.ts';
import { type HostSetSpec, hostSetOf } from '../upstream/host-builder.ts';
import { PrioritySet } from '../upstream/priority-set.ts';
import { HashTables } from './hash-table.ts';
import { type LoadBalancer, type LoadBalancerContext, LoadBalancerStats } from './load-balancer.ts';
import { compileLoadBalancing } from './load-balancing-config.ts';
import { createLoadBalancer, type LoadBalancerParts } from './policies.ts';

/** A request that tells the balancer nothing but what is given. */
export function contextOf(context: Partial<LoadBalancerContext>): LoadBalancerContext {
  return {
    hash: undefined,
    metadataMatchCriteria: undefined,
    hostSelectionRetryCount: 0,
    originalDestination: undefined,
    authority: undefined,
    overrideHost: undefined,
    retryPriority: undefined,
    shouldSelectAnotherHost: () => false,
    ...context,
  };
}

/** Draws the given numbers, in decimal, and then zeros. */
export function drawsOf(...draws: readonly string[]): Random {
  return new ScriptedRandom([...draws, ...new Array<string>(10_000).fill('0')]);
}

/** A load balancer with everything around it, for tests and vectors. */
export interface BalancerBench {
  readonly balancer: LoadBalancer;
  readonly prioritySet: PrioritySet;
  readonly stats: LoadBalancerStats;
  readonly clock: { nowNs: number };
  /** Puts other hosts at a priority. */
  update(spec: HostSetSpec): void;
  /** The addresses of the next choices; `undefined` stands for no host. */
  picks(count: number, context?: LoadBalancerContext): (string | undefined)[];
}

/** The balancer of `cluster` over host sets by priority. */
export function balancerOf(
  cluster: Omit<Cluster, 'name'>,
  hostSets: readonly HostSetSpec[],
  parts: Partial<LoadBalancerParts> = {},
): BalancerBench {
  const prioritySet = parts.prioritySet ?? new PrioritySet();
  const update = (spec: HostSetSpec) => prioritySet.update(hostSetOf(spec));
  hostSets.forEach((spec, priority) => {
    update({ priority, ...spec });
  });
  const stats = new LoadBalancerStats();
  const clock = { nowNs: 0 };
  const balancer = createLoadBalancer(compileLoadBalancing({ name: 'cluster', ...cluster }), {
    localPrioritySet: undefined,
    random: drawsOf(),
    clock,
    stats,
    tables: new HashTables(),
    cluster: { upstreamRqActive: 0 },
    ...parts,
    prioritySet,
  });
  const picks = (count: number, context?: LoadBalancerContext) =>
    Array.from({ length: count }, () => balancer.chooseHost(context)?.address);
  return { balancer, prioritySet, stats, clock, update, picks };
}
