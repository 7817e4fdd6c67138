import { wouldRetryFromHeaders, wouldRetryFromReset } from '#envoy/router/retry-decision.ts';
import type { VectorAdapter } from './adapter.ts';
import {
  type AttemptOutcome,
  resetReasonOf,
  responseHeadersOf,
  retryPolicyOf,
} from './support/attempts.ts';

interface Vector {
  readonly retry_on: string;
  readonly outcome: AttemptOutcome;
  readonly retriable_status_codes?: readonly number[];
  readonly retriable_headers_present?: readonly string[];
}

export const run: VectorAdapter = (vector: Vector) => {
  const policy = retryPolicyOf({
    retryOn: vector.retry_on,
    retriableStatusCodes: vector.retriable_status_codes ?? [],
    retriableHeaders: (vector.retriable_headers_present ?? []).map((name) => ({
      name,
      presentMatch: true,
    })),
  });
  const { outcome } = vector;
  const retry =
    outcome.reset === undefined
      ? wouldRetryFromHeaders(policy, outcome.status!, responseHeadersOf(outcome))
      : wouldRetryFromReset(
          policy.retryOn,
          resetReasonOf(outcome.reset),
          outcome.bytes_sent ?? false,
        );
  return { retry };
};
