import { hostSetOf, hostsOf } from '#envoy/upstream/host-builder.ts';
import { PrioritySet } from '#envoy/upstream/priority-set.ts';
import type { VectorAdapter } from './adapter.ts';
import { balancerOf } from './support/balancers.ts';

interface Step {
  readonly hosts?: readonly string[];
  readonly weights?: readonly number[];
}

export const run: VectorAdapter = ({ seed, steps }: { seed: string; steps: readonly Step[] }) => {
  const prioritySet = new PrioritySet();
  const balancer = balancerOf({ lbPolicy: 'ROUND_ROBIN' }, prioritySet, [seed]);
  return {
    steps: steps.map((step) => {
      if (step.hosts === undefined) return { pick: balancer.chooseHost(undefined)?.address };
      const specs = step.hosts.map((address, index) => ({
        address,
        weight: step.weights?.[index] ?? 1,
      }));
      prioritySet.update(hostSetOf({ hosts: hostsOf(specs) }));
      return step;
    }),
  };
};
