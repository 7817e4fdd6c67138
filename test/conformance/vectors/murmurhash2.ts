import { murmurHash2 } from '#kernel/murmur-hash2.ts';
import { printUint64 } from '#kernel/uint64.ts';
import type { VectorAdapter } from './adapter.ts';

export const run: VectorAdapter = ({ input }: { input: string }) => ({
  hash: printUint64(murmurHash2(input)),
});
