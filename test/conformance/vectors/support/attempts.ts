import { HeaderMap } from '#envoy/http/header-map.ts';
import type { StreamResetReason } from '#envoy/router/retry-decision.ts';
import { type CompiledRetryPolicy, compileRetryPolicy } from '#envoy/router/retry-policy.ts';
import type { RetryPolicy } from '#xds/route.ts';

/** How an attempt of a vector ends. */
export interface AttemptOutcome {
  readonly status?: number;
  readonly grpc_status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly reset?: string;
  readonly bytes_sent?: boolean;
}

const RESETS: ReadonlyMap<string, StreamResetReason> = new Map([
  ['remote_refused_stream_reset', 'remote-refused-stream'],
  ['per_try_timeout', 'local-reset'],
]);

export function resetReasonOf(reset: string): StreamResetReason {
  return RESETS.get(reset) ?? (reset.replaceAll('_', '-') as StreamResetReason);
}

export function responseHeadersOf({ headers = {}, grpc_status }: AttemptOutcome): HeaderMap {
  const map = HeaderMap.of(Object.entries(headers));
  if (grpc_status !== undefined) map.append('grpc-status', String(grpc_status));
  return map;
}

export function retryPolicyOf(policy: RetryPolicy): CompiledRetryPolicy {
  return compileRetryPolicy(policy, (problem) => {
    throw new Error(problem);
  });
}
