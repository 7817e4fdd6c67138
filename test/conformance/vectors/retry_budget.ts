import { ResourceManager } from '#envoy/upstream/resource-manager.ts';
import type { VectorAdapter } from './adapter.ts';

interface Vector {
  readonly budget_percent: number;
  readonly min_retry_concurrency: number;
  readonly active_requests: number;
  readonly pending_requests: number;
  readonly retries_in_flight: number;
}

export const run: VectorAdapter = (vector: Vector) => {
  const resources = new ResourceManager({
    retryBudget: {
      budgetPercent: { value: vector.budget_percent },
      minRetryConcurrency: vector.min_retry_concurrency,
    },
  });
  resources.requests.current = vector.active_requests;
  resources.pendingRequests.current = vector.pending_requests;
  resources.retries.current = vector.retries_in_flight;
  return { expect: { limit: resources.maxRetries, allowed: resources.canRetry } };
};
