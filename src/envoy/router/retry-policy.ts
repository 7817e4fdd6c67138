import { assert } from '#kernel/assert.ts';
import { durationMs, durationNs } from '#xds/duration.ts';
import type { HedgePolicy, RetryPolicy } from '#xds/route.ts';
import { compileFraction, type Fraction } from '../fractional-percent.ts';
import type { ReportProblem } from '../string-matcher.ts';
import { compileHeaderConditions, type HeaderCondition } from './header-condition.ts';

/**
 * The conditions that `retry_on` can name, each a bit.
 *
 * @source envoy: envoy/router/router.h, RetryPolicy::RETRY_ON_*; source/common/router/retry_state_impl.cc,
 *   parseRetryOn, parseRetryGrpcOn
 */
export const RETRY_ON = {
  '5xx': 1 << 0,
  'gateway-error': 1 << 1,
  'connect-failure': 1 << 2,
  'retriable-4xx': 1 << 3,
  'refused-stream': 1 << 4,
  cancelled: 1 << 5,
  'deadline-exceeded': 1 << 6,
  'resource-exhausted': 1 << 7,
  unavailable: 1 << 8,
  'retriable-status-codes': 1 << 9,
  reset: 1 << 10,
  'retriable-headers': 1 << 11,
  'envoy-ratelimited': 1 << 12,
  internal: 1 << 13,
  'http3-post-connect-failure': 1 << 14,
  'reset-before-request': 1 << 15,
} as const;

const BITS: ReadonlyMap<string, number> = new Map(Object.entries(RETRY_ON));

/** gRPC conditions have a request header of their own. */
const GRPC_BITS =
  RETRY_ON.cancelled |
  RETRY_ON['deadline-exceeded'] |
  RETRY_ON['resource-exhausted'] |
  RETRY_ON.unavailable |
  RETRY_ON.internal;

/**
 * A `retry_policy`, compiled. Times of back-off are integer milliseconds as in Envoy. What it says
 * about the choice of hosts is compiled by load balancing (`retry-host-selection.ts`).
 */
export interface CompiledRetryPolicy {
  readonly xds: RetryPolicy;
  /** Bits of `RETRY_ON`. */
  readonly retryOn: number;
  readonly numRetries: number;
  /** 0 = none. */
  readonly perTryTimeoutNs: number;
  /** 0 = none. */
  readonly perTryIdleTimeoutNs: number;
  readonly retriableStatusCodes: readonly number[];
  readonly retriableHeaders: readonly HeaderCondition[];
  /** When not empty, only requests that one of these holds for are retried. */
  readonly retriableRequestHeaders: readonly HeaderCondition[];
  readonly backOffBaseMs: number;
  readonly backOffMaxMs: number;
  readonly rateLimitedBackOff: RateLimitedBackOff | undefined;
}

export interface RateLimitedBackOff {
  readonly resetHeaders: readonly { readonly name: string; readonly format: ResetHeaderFormat }[];
  readonly maxIntervalMs: number;
}

export type ResetHeaderFormat = 'SECONDS' | 'UNIX_TIMESTAMP';

const DEFAULT_BASE_INTERVAL_MS = 25;
const DEFAULT_RESET_MAX_INTERVAL_MS = 300_000;

/** @source envoy: source/common/router/retry_policy_impl.cc, RetryPolicyImpl */
export function compileRetryPolicy(xds: RetryPolicy, report: ReportProblem): CompiledRetryPolicy {
  const backOff = backOffIntervals(xds);
  if (backOff.maxMs < backOff.baseMs) {
    report('retry_policy.max_interval must greater than or equal to the base_interval');
  }
  const limited = xds.rateLimitedRetryBackOff;
  return {
    xds,
    retryOn: retryOnBits(xds.retryOn ?? ''),
    numRetries: xds.numRetries ?? 1,
    perTryTimeoutNs: wholeMsInNs(xds.perTryTimeout),
    perTryIdleTimeoutNs: wholeMsInNs(xds.perTryIdleTimeout),
    retriableStatusCodes: xds.retriableStatusCodes ?? [],
    retriableHeaders: compileHeaderConditions(xds.retriableHeaders, report),
    retriableRequestHeaders: compileHeaderConditions(xds.retriableRequestHeaders, report),
    backOffBaseMs: backOff.baseMs,
    backOffMaxMs: Math.max(backOff.maxMs, backOff.baseMs),
    rateLimitedBackOff: limited && {
      resetHeaders: (limited.resetHeaders ?? []).map(({ name, format }) => ({
        name: name.toLowerCase(),
        format: format ?? 'SECONDS',
      })),
      maxIntervalMs: durationMs(limited.maxInterval) ?? DEFAULT_RESET_MAX_INTERVAL_MS,
    },
  };
}

/** The bits of a comma list of conditions. Unknown ones are ignored, as Envoy does. */
export function retryOnBits(retryOn: string): number {
  let bits = 0;
  for (const token of retryOn.split(',')) bits |= BITS.get(token.trim()) ?? 0;
  return bits;
}

/** Of `x-envoy-retry-on`: everything but gRPC's conditions. */
export function retryOnHeaderBits(value: string): number {
  return retryOnBits(value) & ~GRPC_BITS;
}

/** Of `x-envoy-retry-grpc-on`. */
export function retryGrpcOnHeaderBits(value: string): number {
  return retryOnBits(value) & GRPC_BITS;
}

/** The names of some bits, in the table's order. */
export function retryOnNames(bits: number): string[] {
  return [...BITS].flatMap(([name, bit]) => ((bits & bit) === 0 ? [] : [name]));
}

/** Intervals below a millisecond count as one; without a maximum it is ten times the base. */
function backOffIntervals(xds: RetryPolicy): { baseMs: number; maxMs: number } {
  const baseNs = durationNs(xds.retryBackOff?.baseInterval);
  const baseMs = baseNs === undefined ? DEFAULT_BASE_INTERVAL_MS : wholeMsAtLeastOne(baseNs);
  const maxNs = durationNs(xds.retryBackOff?.maxInterval);
  const maxMs = maxNs === undefined ? baseMs * 10 : wholeMsAtLeastOne(maxNs);
  assert(baseMs >= 1 && maxMs >= 1, 'back-off intervals are at least a millisecond');
  return { baseMs, maxMs };
}

function wholeMsAtLeastOne(valueNs: number): number {
  return Math.max(1, Math.trunc(valueNs / 1e6));
}

function wholeMsInNs(duration: string | undefined): number {
  return (durationMs(duration) ?? 0) * 1e6;
}

/** A `hedge_policy`, compiled: a per-try timeout starts another attempt beside the slow one. */
export interface CompiledHedgePolicy {
  readonly initialRequests: number;
  readonly additionalRequestChance: Fraction;
  readonly hedgeOnPerTryTimeout: boolean;
}

/** @source envoy: source/common/router/config_impl.cc, HedgePolicyImpl */
export function compileHedgePolicy(xds: HedgePolicy): CompiledHedgePolicy {
  return {
    initialRequests: xds.initialRequests ?? 1,
    additionalRequestChance: compileFraction(xds.additionalRequestChance ?? {}),
    hedgeOnPerTryTimeout: xds.hedgeOnPerTryTimeout ?? false,
  };
}
