import { balancerOf, drawsOf } from '#envoy/load-balancing/balancer-builder.ts';
import { hostsOf } from '#envoy/upstream/host-builder.ts';
import type { VectorAdapter } from './adapter.ts';

interface Step {
  readonly hosts?: readonly string[];
  readonly weights?: readonly number[];
}

export const run: VectorAdapter = ({ seed, steps }: { seed: string; steps: readonly Step[] }) => {
  const random = drawsOf(seed);
  const { balancer, update } = balancerOf({ lbPolicy: 'ROUND_ROBIN' }, [], { random });
  return {
    steps: steps.map((step) => {
      if (step.hosts === undefined) return { pick: balancer.chooseHost(undefined)?.address };
      const specs = step.hosts.map((address, index) => ({
        address,
        weight: step.weights?.[index] ?? 1,
      }));
      update({ hosts: hostsOf(specs) });
      return step;
    }),
  };
};
