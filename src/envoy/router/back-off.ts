import type { Random } from '#kernel/random.ts';
import type { HeaderMap } from '../http/header-map.ts';
import type { RateLimitedBackOff } from './retry-policy.ts';

/**
 * Exponential back-off with full jitter: each wait is uniform below an interval that doubles up to its
 * maximum. In whole milliseconds. One per request.
 *
 * @source envoy: source/common/common/backoff_strategy.cc, JitteredExponentialBackOffStrategy
 */
export class ExponentialBackOff {
  #maxMs = 1;
  /** The bound of the next wait, exclusive. */
  nextBoundMs = 1;

  constructor(baseMs: number, maxMs: number) {
    this.reset(baseMs, maxMs);
  }

  /** Starts anew with these intervals. */
  reset(baseMs: number, maxMs: number): void {
    this.#maxMs = maxMs;
    this.nextBoundMs = baseMs;
  }

  nextWaitMs(random: Random): number {
    const bound = this.nextBoundMs;
    this.nextBoundMs = bound < Math.floor(this.#maxMs / 2) ? 2 * bound : this.#maxMs;
    return random.below(bound);
  }
}

/**
 * A wait of at least `intervalMs`, at most half as much more.
 *
 * @source envoy: source/common/common/backoff_strategy.cc, JitteredLowerBoundBackOffStrategy
 */
export function lowerBoundWaitMs(intervalMs: number, random: Random): number {
  return intervalMs + random.below(Math.floor(intervalMs / 2));
}

/**
 * How long an upstream asks to be left alone: the first reset header that says so in a usable way.
 * `epochMs`: the wall clock at virtual time 0.
 *
 * @source envoy: source/common/router/retry_state_impl.cc, parseResetInterval; reset_header_parser.cc
 */
export function resetIntervalMs(
  backOff: RateLimitedBackOff,
  headers: HeaderMap,
  nowNs: number,
  epochMs: number,
): number | undefined {
  for (const { name, format } of backOff.resetHeaders) {
    const value = headers.get(name);
    if (value === undefined || !/^[0-9]{1,15}$/.test(value)) continue;
    const nowS = Math.floor((epochMs + nowNs / 1e6) / 1000);
    const seconds = format === 'SECONDS' ? Number(value) : Number(value) - nowS;
    if (seconds < 0 || (format === 'UNIX_TIMESTAMP' && Number(value) < nowS)) continue;
    if (seconds * 1000 <= backOff.maxIntervalMs) return seconds * 1000;
  }
  return undefined;
}
