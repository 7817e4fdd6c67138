import type { LoadBalancerContext } from '#envoy/load-balancing/load-balancer.ts';
import {
  compileRetryHostPolicy,
  RetryHostSelection,
} from '#envoy/load-balancing/retry-host-selection.ts';
import { hostSetOf, hostsOf } from '#envoy/upstream/host-builder.ts';
import { PrioritySet } from '#envoy/upstream/priority-set.ts';
import type { VectorAdapter } from './adapter.ts';
import { balancerOf } from './support/balancers.ts';

interface Vector {
  readonly hosts: number;
  readonly start: number;
  readonly attempts: number;
  readonly host_selection_retry_max_attempts: number;
  readonly previous_hosts: boolean;
}

const PREVIOUS_HOSTS = { name: 'envoy.retry_host_predicates.previous_hosts' };

export const run: VectorAdapter = (vector: Vector) => {
  const hosts = hostsOf(Array.from({ length: vector.hosts }, () => ({})));
  const prioritySet = new PrioritySet();
  prioritySet.update(hostSetOf({ hosts }));
  const balancer = balancerOf({ lbPolicy: 'ROUND_ROBIN' }, prioritySet, [String(vector.start)]);
  const selection = new RetryHostSelection();
  const maxAttempts = vector.host_selection_retry_max_attempts;
  selection.reset(
    compileRetryHostPolicy({
      retryHostPredicate: vector.previous_hosts ? [PREVIOUS_HOSTS] : [],
      hostSelectionRetryMaxAttempts: maxAttempts,
    }),
  );
  const sequence = Array.from({ length: vector.attempts }, (_, attempt) => {
    const host = balancer.chooseHost(contextOf(selection, attempt > 0))!;
    selection.onHostAttempted(host);
    return hosts.indexOf(host);
  });
  const next = hosts.indexOf(balancer.chooseHost(undefined)!);
  return { expect: { sequence, index_after: next } };
};

function contextOf(selection: RetryHostSelection, isRetry: boolean): LoadBalancerContext {
  return {
    hash: undefined,
    metadataMatchCriteria: undefined,
    hostSelectionRetryCount: isRetry ? selection.maxAttempts : 0,
    originalDestination: undefined,
    overrideHost: undefined,
    retryPriority: isRetry ? selection.retryPriority : undefined,
    shouldSelectAnotherHost: (host) => selection.shouldSelectAnotherHost(host),
  };
}
