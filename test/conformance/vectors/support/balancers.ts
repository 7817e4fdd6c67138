import { HashTables } from '#envoy/load-balancing/hash-table.ts';
import { type LoadBalancer, LoadBalancerStats } from '#envoy/load-balancing/load-balancer.ts';
import { compileLoadBalancing } from '#envoy/load-balancing/load-balancing-config.ts';
import { createLoadBalancer } from '#envoy/load-balancing/policies.ts';
import type { PrioritySet } from '#envoy/upstream/priority-set.ts';
import { ScriptedRandom } from '#kernel/random.ts';
import type { Cluster } from '#xds/cluster.ts';

/** A balancer over `prioritySet` that draws the given numbers, in decimal, and then zeros. */
export function balancerOf(
  cluster: Omit<Cluster, 'name'>,
  prioritySet: PrioritySet,
  draws: readonly string[],
): LoadBalancer {
  return createLoadBalancer(compileLoadBalancing({ name: 'vector', ...cluster }), {
    prioritySet,
    localPrioritySet: undefined,
    random: new ScriptedRandom([...draws, ...new Array<string>(1000).fill('0')]),
    clock: { nowNs: 0 },
    stats: new LoadBalancerStats(),
    tables: new HashTables(),
    cluster: { upstreamRqActive: 0 },
  });
}
