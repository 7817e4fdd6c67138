import { memoOf } from '#kernel/memo.ts';
import type { Uint64 } from '#kernel/uint64.ts';
import { RequestHead } from '../http/request-head.ts';
import type { LoadBalancerContext, RetryPriority } from '../load-balancing/load-balancer.ts';
import {
  type MetadataMatchCriteria,
  metadataMatchCriteria,
} from '../load-balancing/metadata-match-criteria.ts';
import {
  compileRetryHostPolicy,
  RetryHostSelection,
} from '../load-balancing/retry-host-selection.ts';
import type { HttpRequest, HttpResponse } from '../network.ts';
import type { Host } from '../upstream/host.ts';
import type { ForwardAction, RouteEntry } from './compiled-route.ts';
import type { HashResult } from './hash-policy.ts';
import { updateAuthority } from './host-rewrite.ts';
import type { CompiledRetryPolicy } from './retry-policy.ts';
import type { RouterStream } from './router-stream.ts';

const criteriaOf = memoOf(({ metadataMatch }: RouteEntry) => metadataMatchCriteria(metadataMatch));
const NO_HOSTS: readonly Host[] = [];
const hostPolicy = memoOf(({ xds }: CompiledRetryPolicy) => compileRetryHostPolicy(xds));

/**
 * What one request tells the balancer when a host is chosen for it. Belongs to its router, and is
 * worked out only as far as the route has something to say.
 *
 * @source envoy: source/common/router/router.h, Filter as Upstream::LoadBalancerContext
 */
export class HostChoice implements LoadBalancerContext {
  readonly overrideHost = undefined;
  isRetry = false;
  readonly #retryHosts = new RetryHostSelection();
  #hasRetryHosts = false;
  #stream: RouterStream | undefined;
  #forward: ForwardAction | undefined;
  #entry: RouteEntry | undefined;
  #hashResult: HashResult | undefined;

  /** This, or undefined: the balancer has nothing to ask (`isAsked`), and no attempt went wrong. */
  asked(isAsked: boolean, stream: RouterStream, forward: ForwardAction): HostChoice | undefined {
    if (this.#stream !== undefined) return this;
    if (!isAsked) return undefined;
    this.#start(stream, forward);
    return this;
  }

  reset(): void {
    if (this.#stream === undefined) return;
    this.#stream = undefined;
    this.isRetry = false;
    this.#hasRetryHosts = false;
    this.#hashResult = undefined;
  }

  get hash(): Uint64 | undefined {
    const policies = this.#forward!.hashPolicies;
    if (policies === undefined) return undefined;
    this.#hashResult ??= policies.hash(this.#stream!.request, this.#stream!.connection);
    return this.#hashResult.hash;
  }

  /** Puts the cookies that were made up on an answer; undefined when there are none. */
  get cookies(): ((response: HttpResponse) => HttpResponse) | undefined {
    const made = this.#hashResult?.cookies;
    if (made === undefined || made.length === 0) return undefined;
    return (response) => {
      const headers = response.headers.clone();
      for (const { setCookie } of made) headers.append('set-cookie', setCookie);
      return { ...response, headers };
    };
  }

  get metadataMatchCriteria(): MetadataMatchCriteria | undefined {
    const entry = this.#entry!;
    if (entry.metadataMatch === undefined) return undefined;
    return criteriaOf(entry);
  }

  get hostSelectionRetryCount(): number {
    return this.isRetry && this.#hasRetryHosts ? this.#retryHosts.maxAttempts : 0;
  }

  get authority(): string {
    return this.#stream!.request.authority;
  }

  get originalDestination(): string | undefined {
    return this.#stream!.originalDestination;
  }

  get retryPriority(): RetryPriority | undefined {
    return this.isRetry && this.#hasRetryHosts ? this.#retryHosts.retryPriority : undefined;
  }

  /** Where attempts of this request went before, as far as retries heed it. */
  get attempted(): readonly Host[] {
    return this.hostSelectionRetryCount > 0 ? this.#retryHosts.attempted : NO_HOSTS;
  }

  shouldSelectAnotherHost(host: Host): boolean {
    return this.#retryHosts.shouldSelectAnotherHost(host);
  }

  /** An attempt is to be retried; only retries ask where attempts before them went. */
  onRetried(host: Host | undefined, stream: RouterStream, forward: ForwardAction): void {
    if (this.#stream === undefined) this.#start(stream, forward);
    const policy = forward.retryPolicy;
    if (policy === undefined) return;
    if (!this.#hasRetryHosts) {
      this.#hasRetryHosts = true;
      this.#retryHosts.reset(hostPolicy(policy));
    }
    if (host !== undefined) this.#retryHosts.onHostAttempted(host);
  }

  #start(stream: RouterStream, forward: ForwardAction): void {
    this.#stream = stream;
    this.#forward = forward;
    this.#entry = stream.entry;
  }
}

/** The request as it goes to a host: under the host's name with `auto_host_rewrite`. */
export function withAuthorityOf(
  host: Host,
  request: HttpRequest,
  forward: ForwardAction,
): HttpRequest {
  if (forward.hostRewrite?.kind !== 'auto') return request;
  const { hostname } = host.description;
  if (hostname === '') return request;
  const head = new RequestHead(request);
  updateAuthority(head, hostname, forward.appendXForwardedHost);
  return head;
}
