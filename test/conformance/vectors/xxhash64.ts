import { parseUint64, printUint64 } from '#kernel/uint64.ts';
import { xxHash64 } from '#kernel/xxhash64.ts';
import type { VectorAdapter } from './adapter.ts';

export const run: VectorAdapter = ({ input, seed }: { input: string; seed: number }) => ({
  hash: printUint64(xxHash64(input, parseUint64(String(seed)))),
});
