import { balancerOf, contextOf, drawsOf } from '#envoy/load-balancing/balancer-builder.ts';
import {
  compileRetryHostPolicy,
  RetryHostSelection,
} from '#envoy/load-balancing/retry-host-selection.ts';
import { hostsOf } from '#envoy/upstream/host-builder.ts';
import type { VectorAdapter } from './adapter.ts';

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
  const random = drawsOf(String(vector.start));
  const { balancer } = balancerOf({ lbPolicy: 'ROUND_ROBIN' }, [{ hosts }], { random });
  const selection = new RetryHostSelection();
  const maxAttempts = vector.host_selection_retry_max_attempts;
  selection.reset(
    compileRetryHostPolicy({
      retryHostPredicate: vector.previous_hosts ? [PREVIOUS_HOSTS] : [],
      hostSelectionRetryMaxAttempts: maxAttempts,
    }),
  );
  const retry = contextOf({
    hostSelectionRetryCount: selection.maxAttempts,
    shouldSelectAnotherHost: (host) => selection.shouldSelectAnotherHost(host),
  });
  const sequence = Array.from({ length: vector.attempts }, (_, attempt) => {
    const host = balancer.chooseHost(attempt > 0 ? retry : undefined)!;
    selection.onHostAttempted(host);
    return hosts.indexOf(host);
  });
  const next = hosts.indexOf(balancer.chooseHost(undefined)!);
  return { expect: { sequence, index_after: next } };
};
