import { balancerOf, drawsOf } from '#envoy/load-balancing/balancer-builder.ts';
import { PrioritySet } from '#envoy/upstream/priority-set.ts';
import type { VectorAdapter } from './adapter.ts';
import { hostSet, type PrioritySpec } from './priority_load.ts';

interface Vector {
  readonly priorities: readonly PrioritySpec[];
  readonly picks: readonly { readonly random: string }[];
}

export const run: VectorAdapter = ({ priorities, picks }: Vector) => {
  const prioritySet = new PrioritySet();
  for (const [priority, spec] of priorities.entries()) prioritySet.update(hostSet(spec, priority));
  const draws = picks.map(({ random }) => random);
  const parts = { prioritySet, random: drawsOf(...draws) };
  const { balancer } = balancerOf({ lbPolicy: 'RANDOM' }, [], parts);
  return {
    picks: draws.map((random) => {
      const host = balancer.chooseHost(undefined);
      if (host === undefined) return { random, priority: null, host: null };
      const { healthyHosts } = prioritySet.hostSets[host.priority]!;
      return { random, priority: host.priority, host: healthyHosts.indexOf(host) };
    }),
  };
};
