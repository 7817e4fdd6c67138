import type { Random } from '#kernel/random.ts';
import type { HeaderMap } from '../http/header-map.ts';
import type { HttpRequest } from '../network.ts';
import { ExponentialBackOff, lowerBoundWaitMs, resetIntervalMs } from './back-off.ts';
import { anyHeaderMatches, compileHeaderConditions } from './header-condition.ts';
import {
  type RetryConditions,
  type StreamResetReason,
  wouldRetryFromHeaders,
  wouldRetryFromReset,
} from './retry-decision.ts';
import {
  type CompiledRetryPolicy,
  RETRY_ON,
  retryGrpcOnHeaderBits,
  retryOnHeaderBits,
} from './retry-policy.ts';

/**
 * The retries of one request.
 *
 *     result of an attempt ─▶ shouldRetry… ─▶ `no` (final), `limit` (flag URX, final), `overflow` (flag UO, final)
 *                                        └──▶ `yes`: a slot is held, wait `waitMs`, then `onRetryPerformed`
 *
 * A slot of the retries breaker is held from the decision to the next decision of the same request,
 * or to its end (`release`): through the back-off and the whole retried attempt. Pooled: `start`
 * begins anew.
 *
 * @source envoy: source/common/router/retry_state_impl.cc, RetryStateImpl
 */
export class RetryState implements RetryConditions {
  retryOn = 0;
  retriableStatusCodes: readonly number[] = [];
  retriableHeaders: RetryConditions['retriableHeaders'] = [];
  remaining = 0;
  /** After `yes`: how long to wait before the next attempt. */
  waitMs = 0;
  #policy: CompiledRetryPolicy | undefined;
  #resources: RetryResources = NO_RESOURCES;
  #stats: RetryStats = NO_STATS;
  #holdsSlot = false;
  #waitsRateLimited = false;
  /** The retry that is due waits for nothing. */
  #isImmediate = false;
  #isEarlyData = false;
  readonly #backOff = new ExponentialBackOff(1, 1);

  /**
   * Prepares for a request. False when it has no retries whatever happens: then nothing else is
   * called. `request`: as the router received it. `heedsHeaders`: it came from inside, and may bring
   * conditions of its own.
   */
  start(
    policy: CompiledRetryPolicy | undefined,
    request: HttpRequest,
    resources: RetryResources,
    stats: RetryStats,
    heedsHeaders = true,
  ): boolean {
    const { headers } = request;
    const retryOnHeader = heedsHeaders ? headers.get('x-envoy-retry-on') : undefined;
    const grpcOnHeader = heedsHeaders ? headers.get('x-envoy-retry-grpc-on') : undefined;
    const configured = policy?.retryOn ?? 0;
    if (configured === 0 && retryOnHeader === undefined && grpcOnHeader === undefined) return false;
    this.#policy = policy;
    this.#resources = resources;
    this.#stats = stats;
    this.#holdsSlot = false;
    this.#isEarlyData = headers.has('early-data');
    this.retryOn = configured;
    if (retryOnHeader !== undefined) this.retryOn |= retryOnHeaderBits(retryOnHeader);
    if (grpcOnHeader !== undefined) this.retryOn |= retryGrpcOnHeaderBits(grpcOnHeader);
    this.remaining = policy?.numRetries ?? 1;
    this.retriableStatusCodes = policy?.retriableStatusCodes ?? NO_CODES;
    this.retriableHeaders = policy?.retriableHeaders ?? NO_CONDITIONS;
    this.#backOff.reset(
      policy?.backOffBaseMs ?? DEFAULT_BASE_MS,
      policy?.backOffMaxMs ?? 10 * DEFAULT_BASE_MS,
    );
    const required = policy?.retriableRequestHeaders ?? NO_CONDITIONS;
    if (required.length > 0 && !anyHeaderMatches(required, request)) this.retryOn = 0;
    if (heedsHeaders) this.#applyRequestHeaders(headers);
    return true;
  }

  /** Internal requests may bring their own limit and codes; external ones were cleared of these headers. */
  #applyRequestHeaders(headers: HeaderMap): void {
    const maxRetries = headers.get('x-envoy-max-retries');
    if (this.retryOn !== 0 && maxRetries !== undefined && /^[0-9]{1,9}$/.test(maxRetries)) {
      this.remaining = Number(maxRetries);
    }
    const codes = headers.get('x-envoy-retriable-status-codes');
    this.#addRetriableHeaders(headers.get('x-envoy-retriable-header-names'));
    if (codes !== undefined) {
      const added = codes.split(',').map((code) => code.trim());
      this.retriableStatusCodes = [
        ...this.retriableStatusCodes,
        ...added.filter((code) => /^[0-9]{1,9}$/.test(code)).map(Number),
      ];
    }
  }

  #addRetriableHeaders(names: string | undefined): void {
    if (names === undefined) return;
    const present = names.split(',').map((name) => ({ name: name.trim(), presentMatch: true }));
    const added = compileHeaderConditions(
      present.filter(({ name }) => name !== ''),
      () => {}, // A presence condition has nothing to complain about.
    );
    this.retriableHeaders = [...this.retriableHeaders, ...added];
  }

  /** On the headers of a response. `epochMs`: the wall clock at virtual time 0. */
  shouldRetryHeaders(
    status: number,
    headers: HeaderMap,
    random: Random,
    nowNs: number,
    epochMs: number,
  ): RetryDecision {
    const isTooEarly = status === TOO_EARLY && this.#listsCode(status);
    const decision = this.#shouldRetry(
      wouldRetryFromHeaders(this, status, headers) && !(isTooEarly && this.#isEarlyData),
    );
    if (decision !== 'yes') return decision;
    this.#isImmediate = isTooEarly;
    if (isTooEarly) {
      this.waitMs = 0;
      return decision;
    }
    const limited = this.#policy?.rateLimitedBackOff;
    const intervalMs = limited && resetIntervalMs(limited, headers, nowNs, epochMs);
    this.#waitsRateLimited = intervalMs !== undefined && intervalMs > 1;
    this.waitMs = this.#waitsRateLimited
      ? lowerBoundWaitMs(intervalMs!, random)
      : this.#backOff.nextWaitMs(random);
    return decision;
  }

  /** On a reset, a pool failure or (as `local-reset`) a per-try timeout. */
  shouldRetryReset(
    reason: StreamResetReason,
    upstreamSawRequest: boolean,
    random: Random,
  ): RetryDecision {
    return this.#exponential(
      this.#shouldRetry(wouldRetryFromReset(this.retryOn, reason, upstreamSawRequest)),
      random,
    );
  }

  /** A slow attempt that stays: another one beside it is due, whatever `retry_on` says. */
  shouldHedgeRetry(random: Random): RetryDecision {
    return this.#exponential(this.#shouldRetry(true), random);
  }

  /** The wait is over and another attempt starts: only now is the retry counted. */
  onRetryPerformed(): void {
    this.#stats.upstreamRqRetry++;
    if (this.#isImmediate) return;
    if (this.#waitsRateLimited) this.#stats.upstreamRqRetryBackoffRatelimited++;
    else this.#stats.upstreamRqRetryBackoffExponential++;
  }

  /** Gives the slot back. Also at the end of the request, however it ends. */
  release(): void {
    if (!this.#holdsSlot) return;
    this.#holdsSlot = false;
    this.#resources.retries.current--;
  }

  #exponential(decision: RetryDecision, random: Random): RetryDecision {
    if (decision !== 'yes') return decision;
    this.#isImmediate = false;
    this.#waitsRateLimited = false;
    this.waitMs = this.#backOff.nextWaitMs(random);
    return decision;
  }

  #listsCode(status: number): boolean {
    const heedsCodes = (this.retryOn & RETRY_ON['retriable-status-codes']) !== 0;
    return heedsCodes && this.retriableStatusCodes.includes(status);
  }

  /** @source envoy: source/common/router/retry_state_impl.cc, RetryStateImpl::shouldRetry */
  #shouldRetry(wouldRetry: boolean): RetryDecision {
    // A retry was made before, and what it gave needs none.
    if (this.#holdsSlot && !wouldRetry) this.#stats.upstreamRqRetrySuccess++;
    this.release();
    if (!wouldRetry) return 'no';
    if (this.remaining === 0) {
      this.#stats.upstreamRqRetryLimitExceeded++;
      return 'limit';
    }
    this.remaining--; // An overflow uses one up as well.
    if (!this.#resources.canRetry) {
      this.#stats.upstreamRqRetryOverflow++;
      return 'overflow';
    }
    this.#holdsSlot = true;
    this.#resources.retries.take();
    return 'yes';
  }
}

export type RetryDecision = 'yes' | 'no' | 'limit' | 'overflow';

/** Is retried at once, unless the request came as early data: then the answer is its client's. */
const TOO_EARLY = 425;
const DEFAULT_BASE_MS = 25;
const NO_CODES: readonly number[] = [];
const NO_CONDITIONS: RetryConditions['retriableHeaders'] = [];

/** The part of a cluster's circuit breakers that retries ask. */
export interface RetryResources {
  readonly canRetry: boolean;
  readonly retries: { current: number; take(): void };
}

/** The part of a cluster's counters that retries move. */
export interface RetryStats {
  upstreamRqRetry: number;
  upstreamRqRetrySuccess: number;
  upstreamRqRetryOverflow: number;
  upstreamRqRetryLimitExceeded: number;
  upstreamRqRetryBackoffExponential: number;
  upstreamRqRetryBackoffRatelimited: number;
}

const NO_RESOURCES: RetryResources = { canRetry: false, retries: { current: 0, take: () => {} } };

const NO_STATS: RetryStats = {
  upstreamRqRetry: 0,
  upstreamRqRetrySuccess: 0,
  upstreamRqRetryOverflow: 0,
  upstreamRqRetryLimitExceeded: 0,
  upstreamRqRetryBackoffExponential: 0,
  upstreamRqRetryBackoffRatelimited: 0,
};
