import { BoundedLoad, boundedLoadSlots } from '#envoy/load-balancing/bounded-load.ts';
import { hostsOf } from '#envoy/upstream/host-builder.ts';
import { parseUint64 } from '#kernel/uint64.ts';
import type { VectorAdapter } from './adapter.ts';

interface Vector {
  readonly kind: 'shuffle' | 'slots' | 'pick';
  readonly hash: string;
  readonly n: number;
  readonly overall_active: number;
  readonly hash_balance_factor: number;
  readonly weight: number;
  readonly hashed_host: number;
  readonly weights: readonly number[];
  readonly active: readonly number[];
}

export const run: VectorAdapter = (vector: Vector) => {
  const { overall_active, hash_balance_factor, weight } = vector;
  if (vector.kind === 'slots') {
    return { slots: boundedLoadSlots(overall_active, hash_balance_factor, weight) };
  }
  const cluster = { upstreamRqActive: overall_active ?? 0 };
  const boundedLoad = new BoundedLoad(hash_balance_factor ?? 100, cluster);
  const hash = parseUint64(vector.hash)!;
  if (vector.kind === 'shuffle') return { order: boundedLoad.probeOrder(vector.n, hash) };
  const hosts = hostsOf(vector.active.map((rqActive) => ({ rqActive })));
  return { pick: boundedLoad.pick(vector.hashed_host, hash, { hosts, weights: vector.weights }) };
};
