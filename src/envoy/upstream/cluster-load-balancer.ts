import type { Random } from '#kernel/random.ts';
import type { Cluster } from '#xds/cluster.ts';
import { EdfLoadBalancer } from '../load-balancing/edf-load-balancer.ts';
import { leastRequest } from '../load-balancing/least-request.ts';
import type { LoadBalancer, LoadBalancerStats } from '../load-balancing/load-balancer.ts';
import { RandomLoadBalancer } from '../load-balancing/random.ts';
import { ROUND_ROBIN } from '../load-balancing/round-robin.ts';
import { NO_SLOW_START } from '../load-balancing/slow-start.ts';
import type { PrioritySet } from './priority-set.ts';

export interface ClusterLoadBalancerOptions {
  readonly cluster: Cluster;
  readonly prioritySet: PrioritySet;
  readonly localPrioritySet: PrioritySet | undefined;
  readonly random: Random;
  readonly stats: LoadBalancerStats;
  readonly clock: { readonly nowNs: number };
}

/** The balancer that the cluster's configuration asks for. */
export function createLoadBalancer(options: ClusterLoadBalancerOptions): LoadBalancer {
  const { cluster } = options;
  const common = {
    ...options,
    panicThresholdPercent: cluster.commonLbConfig?.healthyPanicThreshold?.value ?? 50,
    locality:
      cluster.commonLbConfig?.localityWeightedLbConfig === undefined
        ? ({ kind: 'none' } as const)
        : ({ kind: 'weighted' } as const),
    slowStart: NO_SLOW_START,
  };
  switch (cluster.lbPolicy ?? 'ROUND_ROBIN') {
    case 'LEAST_REQUEST':
      return new EdfLoadBalancer(
        leastRequest({ choiceCount: 2, activeRequestBias: 1, selection: 'n-choices' }),
        common,
      );
    case 'RANDOM':
      return new RandomLoadBalancer(common);
    default:
      return new EdfLoadBalancer(ROUND_ROBIN, common);
  }
}
