import type { HashTable } from '#envoy/load-balancing/hash-table.ts';
import { buildRing, type HashRing } from '#envoy/load-balancing/ring-hash.ts';
import { multiplyUint64, parseUint64, printUint64, uint64Of } from '#kernel/uint64.ts';
import type { VectorAdapter } from './adapter.ts';
import { hashWeights, type WeightSpec } from './support/hash-hosts.ts';

interface Vector extends WeightSpec {
  readonly minimum_ring_size: number;
  readonly maximum_ring_size: number;
  readonly hash_function: 'XX_HASH' | 'MURMUR_HASH_2';
  readonly expect: {
    readonly picks: readonly { readonly hash: string; readonly attempt: number }[];
    readonly histogram?: { readonly n: number; readonly step: string };
  };
}

export const run: VectorAdapter = (vector: Vector) => {
  const { indices, weights } = hashWeights(vector);
  const keys = indices.map((index) => vector.keys[index]!);
  const ring = buildRing(keys, weights, {
    minimumRingSize: vector.minimum_ring_size,
    maximumRingSize: vector.maximum_ring_size,
    hashFunction: vector.hash_function,
  }) as HashRing;
  const owners = [...ring.hosts].map((host) => indices[host]!);
  const perHost = vector.keys
    .map((_, index) => owners.filter((owner) => owner === index).length)
    .filter((_, index) => indices.includes(index));
  return {
    expect: {
      size: owners.length,
      entries: owners.length,
      min_hashes_per_host: Math.min(...perHost),
      max_hashes_per_host: Math.max(...perHost),
      picks: vector.expect.picks.map((pick) => ({
        ...pick,
        host: indices[ring.lookUp(parseUint64(pick.hash)!, pick.attempt)]!,
      })),
      ring: owners.map((host, entry) => [
        printUint64({ high: ring.highs[entry]!, low: ring.lows[entry]! }),
        host,
      ]),
      histogram: histogram(ring, indices, vector),
    },
  };
};

function histogram(ring: HashTable, indices: readonly number[], vector: Vector): unknown {
  const spec = vector.expect.histogram;
  if (spec === undefined) return undefined;
  const counts = vector.keys.map(() => 0);
  for (let look = 0; look < spec.n; look++) {
    const hash = multiplyUint64(parseUint64(spec.step)!, uint64Of(look));
    counts[indices[ring.lookUp(hash, 0)]!]! += 1;
  }
  return { ...spec, counts };
}
