import type { CircuitBreakerThresholds } from '#xds/cluster.ts';
import { durationNs } from '#xds/duration.ts';
import { type Clock, RequestWindow } from './request-window.ts';

/** Something that may be used by at most `max` at once. Shared by all workers of a proxy. */
export class Resource {
  current = 0;
  /** Some of it has been in use, ever: a limit of 0 can be passed where another one decides. */
  wasTaken = false;
  declare max: number;

  constructor(max: number) {
    this.max = max;
  }

  get canCreate(): boolean {
    return this.current < this.max;
  }

  take(): void {
    this.current++;
    this.wasTaken = true;
  }
}

/**
 * The circuit breakers of one cluster and priority.
 *
 * @source envoy: source/common/upstream/resource_manager_impl.h
 */
export class ResourceManager {
  declare readonly connections: Resource;
  declare readonly pendingRequests: Resource;
  declare readonly requests: Resource;
  declare readonly retries: Resource;
  declare readonly connectionPools: Resource;
  /** Undefined unless a retry budget is a share of the requests of an interval. */
  declare readonly starts: RequestWindow | undefined;
  declare private readonly retryBudget: RetryBudget | undefined;

  constructor(thresholds: CircuitBreakerThresholds | undefined, clock?: Clock) {
    this.connections = new Resource(thresholds?.maxConnections ?? 1024);
    this.pendingRequests = new Resource(thresholds?.maxPendingRequests ?? 1024);
    this.requests = new Resource(thresholds?.maxRequests ?? 1024);
    this.retries = new Resource(thresholds?.maxRetries ?? 3);
    this.connectionPools = new Resource(thresholds?.maxConnectionPools ?? Number.MAX_SAFE_INTEGER);
    const budget = thresholds?.retryBudget;
    this.retryBudget = budget && {
      percent: budget.budgetPercent === undefined ? 20 : (budget.budgetPercent.value ?? 0),
      minConcurrency: budget.minRetryConcurrency ?? 3,
    };
    const intervalNs = durationNs(budget?.budgetInterval) ?? 0;
    this.starts = intervalNs > 0 && clock ? new RequestWindow(intervalNs, clock) : undefined;
  }

  /** Retries in flight or waiting that are allowed now: `max_retries`, or the budget if there is one. */
  get maxRetries(): number {
    if (this.retryBudget === undefined) return this.retries.max;
    const requests = this.starts?.count ?? this.requests.current + this.pendingRequests.current;
    return retryBudgetLimit(requests, this.retryBudget);
  }

  get canRetry(): boolean {
    return this.retries.current < this.maxRetries;
  }

  /**
   * The gauges `circuit_breakers.<priority>.…` that are 1 now. They follow what is taken and given back:
   * a limit of 0 leaves its gauge at 0 until somebody gets past it, as retries within a budget do.
   *
   * @source envoy: source/common/upstream/resource_manager_impl.h, ManagedResourceImpl::inc, decBy
   */
  collect(prefix: string, into: Map<string, number>): void {
    const gauges: readonly (readonly [string, Resource])[] = [
      ['cx_open', this.connections],
      ['cx_pool_open', this.connectionPools],
      ['rq_open', this.requests],
      ['rq_pending_open', this.pendingRequests],
      ['rq_retry_open', this.retries],
    ];
    for (const [name, resource] of gauges) {
      if ((resource.current > 0 || resource.wasTaken) && !resource.canCreate)
        into.set(prefix + name, 1);
    }
  }
}

export interface RetryBudget {
  readonly percent: number;
  readonly minConcurrency: number;
}

/**
 * How many retries a budget allows beside `requests` active and pending requests; truncated.
 *
 * @source envoy: source/common/upstream/resource_manager_impl.h, RetryBudgetImpl::max
 */
export function retryBudgetLimit(requests: number, budget: RetryBudget): number {
  return Math.max(Math.floor((budget.percent / 100) * requests), budget.minConcurrency);
}
