import { durationNs } from '#xds/duration.ts';
import type { TokenBucketConfig } from '#xds/http-filters.ts';

/**
 * A token bucket that fills continuously and starts full. Its whole state is the time at which it was
 * (or will have been) empty; times are doubles in seconds, with Envoy's own arithmetic, because exact
 * ties decide by it.
 *
 * @source envoy: source/common/common/token_bucket_impl.{h,cc}, AtomicTokenBucketImpl
 */
export class TokenBucket {
  readonly #maxTokens: number;
  readonly #tokensPerSecond: number;
  #emptyAtS: number;

  constructor(settings: TokenBucketSettings, nowNs: number) {
    this.#maxTokens = settings.maxTokens;
    this.#tokensPerSecond = settings.tokensPerSecond;
    this.#emptyAtS = seconds(nowNs) - settings.maxTokens / settings.tokensPerSecond;
  }

  /** Takes `count` tokens if there are as many; takes none otherwise. */
  consume(count: number, nowNs: number): boolean {
    const nowS = seconds(nowNs);
    const available = this.#available(nowS);
    if (available < count) return false;
    this.#emptyAtS = nowS - (available - count) / this.#tokensPerSecond;
    return true;
  }

  /** Whole and partial tokens at this time. */
  remaining(nowNs: number): number {
    return this.#available(seconds(nowNs));
  }

  #available(nowS: number): number {
    return Math.min(this.#maxTokens, (nowS - this.#emptyAtS) * this.#tokensPerSecond);
  }
}

export interface TokenBucketSettings {
  readonly maxTokens: number;
  readonly tokensPerSecond: number;
}

/** @source envoy: source/extensions/filters/common/local_ratelimit/local_ratelimit_impl.cc, RateLimitTokenBucket */
export function tokenBucketSettings(xds: TokenBucketConfig): TokenBucketSettings {
  const fillIntervalS = (durationNs(xds.fillInterval) ?? 0) / 1e9;
  const tokensPerFill = xds.tokensPerFill ?? 1;
  return { maxTokens: xds.maxTokens ?? 0, tokensPerSecond: tokensPerFill / fillIntervalS };
}

function seconds(ns: number): number {
  return ns / 1e9;
}
