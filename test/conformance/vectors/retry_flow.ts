import { type RetryDecision, RetryState } from '#envoy/router/retry-state.ts';
import { ClusterStats } from '#envoy/upstream/cluster-stats.ts';
import { ResourceManager } from '#envoy/upstream/resource-manager.ts';
import { type Random, randomStream } from '#kernel/random.ts';
import type { VectorAdapter } from './adapter.ts';
import {
  type AttemptOutcome,
  resetReasonOf,
  responseHeadersOf,
  retryPolicyOf,
} from './support/attempts.ts';
import { requestOf } from './support/routes.ts';

interface Vector {
  readonly retry_on: string;
  readonly num_retries: number;
  readonly retriable_status_codes: readonly number[];
  readonly max_retries: number;
  readonly retries_in_flight_others: number;
  readonly attempts: readonly AttemptOutcome[];
}

const FLAGS: ReadonlyMap<RetryDecision, string> = new Map([
  ['limit', 'URX'],
  ['overflow', 'UO'],
]);

export const run: VectorAdapter = (vector: Vector) => {
  const resources = new ResourceManager({ maxRetries: vector.max_retries });
  resources.retries.current = vector.retries_in_flight_others;
  const stats = new ClusterStats();
  const policy = retryPolicyOf({
    retryOn: vector.retry_on,
    numRetries: vector.num_retries,
    retriableStatusCodes: vector.retriable_status_codes,
  });
  const state = new RetryState();
  state.start(policy, requestOf({}), resources, stats);
  const random = randomStream(1, 'retry-flow');
  let attempts = 0;
  let decision: RetryDecision = 'yes';
  while (decision === 'yes') {
    if (attempts > 0) state.onRetryPerformed();
    decision = decide(state, vector.attempts[attempts++]!, random);
  }
  const flag = FLAGS.get(decision);
  return {
    expect: {
      attempts,
      final: vector.attempts[attempts - 1],
      flags: flag === undefined ? [] : [flag],
      stats: retryStats(stats),
    },
  };
};

function decide(state: RetryState, outcome: AttemptOutcome, random: Random): RetryDecision {
  if (outcome.reset !== undefined) {
    return state.shouldRetryReset(
      resetReasonOf(outcome.reset),
      outcome.bytes_sent ?? false,
      random,
    );
  }
  return state.shouldRetryHeaders(outcome.status!, responseHeadersOf(outcome), random, 0, 0);
}

/** Only the retry counters appear in this file, and only those that are not zero. */
function retryStats(stats: ClusterStats): object {
  const all = new Map<string, number>();
  stats.collect('', all);
  return Object.fromEntries([...all].filter(([name]) => name.startsWith('upstream_rq_retry')));
}
