import { TokenBucket, tokenBucketSettings } from '#envoy/filters/token-bucket.ts';
import type { VectorAdapter } from './adapter.ts';

interface Vector {
  readonly max_tokens: number;
  readonly tokens_per_fill: number;
  readonly fill_interval_ms: number;
  readonly times_ms: readonly number[];
}

export const run: VectorAdapter = (vector: Vector) => {
  const settings = tokenBucketSettings({
    maxTokens: vector.max_tokens,
    tokensPerFill: vector.tokens_per_fill,
    fillInterval: `${vector.fill_interval_ms / 1000}s`,
  });
  const bucket = new TokenBucket(settings, 0);
  return { expect: vector.times_ms.map((timeMs) => bucket.consume(1, timeMs * 1e6)) };
};
