import { balancerOf, drawsOf } from '#envoy/load-balancing/balancer-builder.ts';
import { pickLeastOfAll, pickLeastRequest } from '#envoy/load-balancing/least-request.ts';
import { hostsOf } from '#envoy/upstream/host-builder.ts';
import { ScriptedRandom } from '#kernel/random.ts';
import type { VectorAdapter } from './adapter.ts';

interface Vector {
  readonly method: 'n_choices' | 'full_scan' | 'weighted';
  readonly choice_count: number;
  readonly active: readonly number[];
  readonly draws: readonly string[];
  readonly weights: readonly number[];
  readonly active_request_bias: number;
  readonly seed: string;
  readonly steps: readonly { readonly set_active?: readonly number[] }[];
}

export const run: VectorAdapter = (vector: Vector) => {
  if (vector.method === 'weighted') return { steps: weighted(vector) };
  const random = new ScriptedRandom(vector.draws);
  const hosts = hostsOf(vector.active.map((rqActive) => ({ rqActive })));
  const host =
    vector.method === 'full_scan'
      ? pickLeastOfAll(hosts, random)
      : pickLeastRequest(hosts, vector.choice_count, random);
  return { pick: hosts.indexOf(host) };
};

function weighted(vector: Vector): unknown[] {
  const hosts = hostsOf(vector.weights.map((weight) => ({ weight })));
  const cluster = {
    lbPolicy: 'LEAST_REQUEST',
    leastRequestLbConfig: { activeRequestBias: { defaultValue: vector.active_request_bias } },
  } as const;
  const { balancer } = balancerOf(cluster, [{ hosts }], { random: drawsOf(vector.seed) });
  return vector.steps.map((step) => {
    if (step.set_active === undefined)
      return { pick: hosts.indexOf(balancer.chooseHost(undefined)!) };
    step.set_active.forEach((active, index) => {
      hosts[index]!.rqActive = active;
    });
    return step;
  });
}
