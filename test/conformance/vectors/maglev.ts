import { buildMaglevTable, type MaglevTable } from '#envoy/load-balancing/maglev.ts';
import { parseUint64 } from '#kernel/uint64.ts';
import type { VectorAdapter } from './adapter.ts';
import { hashWeights, type WeightSpec } from './support/hash-hosts.ts';

interface Vector extends WeightSpec {
  readonly table_size: number;
  readonly expect: {
    readonly picks: readonly { readonly hash: string; readonly attempt: number }[];
  };
}

export const run: VectorAdapter = (vector: Vector) => {
  const { indices, weights } = hashWeights(vector);
  const keys = indices.map((index) => vector.keys[index]!);
  const table = buildMaglevTable(keys, weights, vector.table_size) as MaglevTable;
  const slots = [...table.slots].map((host) => indices[host]!);
  const perHost = indices.map((index) => slots.filter((slot) => slot === index).length);
  return {
    expect: {
      min_entries_per_host: Math.min(...perHost),
      max_entries_per_host: Math.max(...perHost),
      picks: vector.expect.picks.map((pick) => ({
        ...pick,
        host: indices[table.lookUp(parseUint64(pick.hash)!, pick.attempt)]!,
      })),
      table: slots,
      first_slots: slots.slice(0, 40),
    },
  };
};
