import type { NamedTypedConfig } from '#xds/core.ts';
import type { RetryPolicy } from '#xds/route.ts';
import type { Host } from '../upstream/host.ts';
import type { RetryPriority } from './load-balancer.ts';
import { valueKey } from './metadata-match-criteria.ts';
import { PreviousPriorities } from './previous-priorities.ts';

/** Whether a retry should rather go to another host than `host`. */
export type RetryHostPredicate = (host: Host, attempted: readonly Host[]) => boolean;

/** The part of a retry policy that is about hosts, compiled. */
export interface RetryHostPolicy {
  readonly predicates: readonly RetryHostPredicate[];
  /** How often a rejected host is replaced. */
  readonly maxAttempts: number;
  /** `previous_priorities.update_frequency`; 0 = the policy has no retry priority. */
  readonly previousPrioritiesUpdateFrequency: number;
}

type PredicateConfig = NamedTypedConfig['typedConfig'] & {
  readonly metadataMatch?: { readonly filterMetadata?: Record<string, object> };
};

/**
 * The predicates by name.
 *
 * @source envoy: source/extensions/retry/host/previous_hosts, omit_canary_hosts, omit_host_metadata
 */
const PREDICATES = new Map<string, (config: PredicateConfig | undefined) => RetryHostPredicate>([
  [
    'envoy.retry_host_predicates.previous_hosts',
    () => (host, attempted) => attempted.includes(host),
  ],
  ['envoy.retry_host_predicates.omit_canary_hosts', () => (host) => host.description.isCanary],
  ['envoy.retry_host_predicates.omit_host_metadata', omitHostMetadata],
]);

/** @source envoy: source/common/router/retry_policy_impl.cc, RetryPolicyImpl */
export function compileRetryHostPolicy(policy: RetryPolicy): RetryHostPolicy {
  const predicates = (policy.retryHostPredicate ?? []).flatMap(({ name, typedConfig }) => {
    const compile = PREDICATES.get(name);
    return compile === undefined ? [] : [compile(typedConfig as PredicateConfig | undefined)];
  });
  const maxAttempts = Number(policy.hostSelectionRetryMaxAttempts ?? 0);
  return {
    predicates,
    maxAttempts: maxAttempts === 0 ? 1 : maxAttempts,
    previousPrioritiesUpdateFrequency: policy.retryPriority?.typedConfig?.updateFrequency ?? 0,
  };
}

/** Rejects hosts that have all of the given metadata; without any, nobody. */
function omitHostMetadata(config: PredicateConfig | undefined): RetryHostPredicate {
  const wanted = Object.entries(config?.metadataMatch?.filterMetadata?.['envoy.lb'] ?? {});
  return (host) => {
    const metadata = host.description.metadata.get('envoy.lb');
    if (metadata === undefined || wanted.length === 0) return false;
    return wanted.every(
      ([name, value]) =>
        Object.hasOwn(metadata, name) && valueKey(metadata[name]!) === valueKey(value),
    );
  };
}

/**
 * What one request remembers of its attempts when a retry chooses a host. Belongs to the request and
 * is reset with it.
 *
 * @source envoy: source/common/router/retry_state_impl.h, onHostAttempted, shouldSelectAnotherHost
 */
export class RetryHostSelection {
  readonly attempted: Host[] = [];
  #policy: RetryHostPolicy = NO_RETRY_HOST_POLICY;
  readonly #previousPriorities = new PreviousPriorities();

  /** For the next request that uses this object. */
  reset(policy: RetryHostPolicy | undefined): void {
    this.#policy = policy ?? NO_RETRY_HOST_POLICY;
    this.attempted.length = 0;
    this.#previousPriorities.reset(this.#policy.previousPrioritiesUpdateFrequency);
  }

  /** An attempt has its host: its pool was ready, or failed. */
  onHostAttempted(host: Host): void {
    this.attempted.push(host);
    this.#previousPriorities.onHostAttempted(host);
  }

  /** How often a retry may replace a rejected host. */
  get maxAttempts(): number {
    return this.#policy.predicates.length === 0 ? 0 : this.#policy.maxAttempts;
  }

  shouldSelectAnotherHost(host: Host): boolean {
    return this.#policy.predicates.some((rejects) => rejects(host, this.attempted));
  }

  /** Undefined unless the policy avoids priorities that were tried. */
  get retryPriority(): RetryPriority | undefined {
    const isUsed = this.#policy.previousPrioritiesUpdateFrequency > 0;
    return isUsed ? this.#previousPriorities : undefined;
  }
}

const NO_RETRY_HOST_POLICY: RetryHostPolicy = {
  predicates: [],
  maxAttempts: 0,
  previousPrioritiesUpdateFrequency: 0,
};
