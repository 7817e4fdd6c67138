import type { HeaderMap } from '../http/header-map.ts';
import { anyHeaderMatches, type HeaderCondition } from './header-condition.ts';
import { RETRY_ON } from './retry-policy.ts';

/**
 * Why an attempt ended without an answer.
 *
 * @source envoy: envoy/http/codec.h, StreamResetReason
 */
export type StreamResetReason =
  | 'local-connection-failure'
  | 'remote-connection-failure'
  | 'connection-timeout'
  | 'connection-termination'
  | 'local-reset'
  | 'local-refused-stream'
  | 'overflow'
  | 'remote-reset'
  | 'remote-refused-stream'
  | 'connect-error'
  | 'protocol-error'
  | 'overload-manager'
  | 'http1-premature-upstream-half-close';

/** What decides about a response; the effective policy of one request. */
export interface RetryConditions {
  /** Bits of `RETRY_ON`. */
  readonly retryOn: number;
  readonly retriableStatusCodes: readonly number[];
  readonly retriableHeaders: readonly HeaderCondition[];
}

/**
 * Whether a response would be retried, were there a retry left.
 *
 * @source envoy: source/common/router/retry_state_impl.cc, wouldRetryFromHeaders
 */
export function wouldRetryFromHeaders(
  conditions: RetryConditions,
  status: number,
  headers: HeaderMap,
): boolean {
  const { retryOn } = conditions;
  const { hasRetryMarks } = headers;
  // Set by the rate limit filter of an upstream Envoy: only the condition made for it counts.
  if (hasRetryMarks && headers.has('x-envoy-ratelimited')) {
    return (retryOn & RETRY_ON['envoy-ratelimited']) !== 0;
  }
  if ((retryOn & RETRY_ON['5xx']) !== 0 && status >= 500 && status < 600) return true;
  if ((retryOn & RETRY_ON['gateway-error']) !== 0 && status >= 502 && status <= 504) return true;
  if ((retryOn & RETRY_ON['retriable-4xx']) !== 0 && status === 409) return true;
  if (
    (retryOn & RETRY_ON['retriable-status-codes']) !== 0 &&
    conditions.retriableStatusCodes.includes(status)
  ) {
    return true;
  }
  if (
    (retryOn & RETRY_ON['retriable-headers']) !== 0 &&
    anyHeaderMatches(conditions.retriableHeaders, { headers, status })
  ) {
    return true;
  }
  return (
    hasRetryMarks && (retryOn & GRPC_CONDITIONS) !== 0 && isRetriableGrpcStatus(retryOn, headers)
  );
}

const GRPC_BITS: readonly (readonly [grpcStatus: string, bit: number])[] = [
  ['1', RETRY_ON.cancelled],
  ['4', RETRY_ON['deadline-exceeded']],
  ['8', RETRY_ON['resource-exhausted']],
  ['14', RETRY_ON.unavailable],
  ['13', RETRY_ON.internal],
];

const GRPC_CONDITIONS = GRPC_BITS.reduce((bits, [, bit]) => bits | bit, 0);

/** Only a status in the headers is seen: that of a trailers-only response. */
function isRetriableGrpcStatus(retryOn: number, headers: HeaderMap): boolean {
  const status = headers.get('grpc-status');
  if (status === undefined) return false;
  return GRPC_BITS.some(([code, bit]) => code === status && (retryOn & bit) !== 0);
}

/**
 * Whether a reset would be retried, were there a retry left. A per-try timeout is a `local-reset`.
 * `upstreamSawRequest`: some byte of some attempt of this request was sent.
 *
 * @source envoy: source/common/router/retry_state_impl.cc, wouldRetryFromReset
 */
export function wouldRetryFromReset(
  retryOn: number,
  reason: StreamResetReason,
  upstreamSawRequest: boolean,
): boolean {
  if (reason === 'overflow') return false;
  if ((retryOn & RETRY_ON['connect-failure']) !== 0 && isConnectFailure(reason)) return true;
  if ((retryOn & RETRY_ON['reset-before-request']) !== 0 && !upstreamSawRequest) return true;
  if ((retryOn & (RETRY_ON.reset | RETRY_ON['5xx'] | RETRY_ON['gateway-error'])) !== 0) return true;
  return (retryOn & RETRY_ON['refused-stream']) !== 0 && reason === 'remote-refused-stream';
}

export function isConnectFailure(reason: StreamResetReason): boolean {
  return (
    reason === 'local-connection-failure' ||
    reason === 'remote-connection-failure' ||
    reason === 'connection-timeout'
  );
}
