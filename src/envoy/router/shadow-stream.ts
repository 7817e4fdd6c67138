/**
 * The copy of a mirrored request: a stream without a client. It goes through a router of its own and
 * whatever comes back is dropped. Pooled like any stream.
 *
 * @source envoy: source/common/router/shadow_writer_impl.cc; source/common/http/async_client_impl.cc
 */
import type { Dispatcher } from '#kernel/dispatcher.ts';
import { ZERO_UINT64 } from '#kernel/uint64.ts';
import { mirrorKey } from '../attempt-key.ts';
import { ActiveStreamInfo } from '../http/active-stream-info.ts';
import type { HttpRequest, WireProtocol } from '../network.ts';
import type { AttemptPool } from './attempt-pool.ts';
import type { ForwardAction, RouteEntry } from './compiled-route.ts';
import { type CompiledMirrorPolicy, mirrorCluster, mirroredRequest } from './mirror-policy.ts';
import { RequestPlan } from './request-plan.ts';
import { compileRouteConfiguration } from './route-configuration.ts';
import type { RouterContext } from './router-context.ts';
import { RouterFilter } from './router-filter.ts';
import type { RouterStream } from './router-stream.ts';
import { expectedTimeoutMs } from './timeouts.ts';
import { withoutRouterHeaders } from './upstream-head.ts';

export class ShadowStream implements RouterStream {
  readonly info = new ActiveStreamInfo();
  readonly isInternal = true;
  readonly random = ZERO_UINT64;
  readonly connection = undefined;
  readonly originalDestination = undefined;
  readonly key = { rootNumber: 0, streamHash: 0, callPathHash: 0, attempt: 0 };
  isGrpc = false;
  entry: RouteEntry | undefined;
  downstreamProtocol: WireProtocol = 'http/1.1';
  worker = 0;
  receivedAttemptCount = 0;
  receivedTimeoutMs = 0;
  readonly #sender: ShadowSender;
  readonly #router: RouterFilter;
  #request: HttpRequest | undefined;

  constructor(sender: ShadowSender, context: RouterContext, attempts: AttemptPool) {
    this.#sender = sender;
    this.#router = new RouterFilter(this, context, attempts);
  }

  get request(): HttpRequest {
    return this.#request!;
  }

  start(
    request: HttpRequest,
    entry: RouteEntry,
    original: RouterStream,
    attempt: number,
    context: RouterContext,
    nowNs: number,
  ): void {
    this.#request = request;
    this.entry = entry;
    this.isGrpc = original.isGrpc;
    this.downstreamProtocol = original.downstreamProtocol;
    this.worker = original.worker;
    this.receivedAttemptCount = 1;
    this.receivedTimeoutMs = expectedTimeoutMs(
      original.plan(original.entry!, original.entry!.forward!),
      0,
    );
    this.key.rootNumber = original.key.rootNumber;
    this.key.streamHash = original.key.streamHash;
    this.key.callPathHash = original.key.callPathHash;
    this.key.attempt = attempt;
    this.info.startNs = nowNs;
    this.#router.decode(context, nowNs);
  }

  plan(entry: RouteEntry, forward: ForwardAction): RequestPlan {
    return new RequestPlan(entry, forward, this.request, this.isInternal);
  }

  upstreamRequest(): HttpRequest {
    return withoutRouterHeaders(this.#request!, true);
  }

  respond(_response: unknown, endStream: boolean): void {
    if (endStream) this.#finish();
  }

  endResponse(): void {
    this.#finish();
  }

  sendLocalReply(): void {
    this.#finish();
  }

  redirected(): undefined {}

  /** It never is. */
  redirect(): void {}

  resetResponse(): void {
    this.#finish();
  }

  #finish(): void {
    this.#router.reset();
    this.info.reset();
    this.#request = undefined;
    this.entry = undefined;
    this.#sender.give(this);
  }
}

/** Sends the copies of one proxy. */
export class ShadowSender {
  readonly #attempts: AttemptPool;
  readonly #dispatcher: Dispatcher;
  readonly #proxyAddress: string;
  readonly #free: ShadowStream[] = [];
  /** Routes that lead to nothing but one cluster, by cluster and timeout. */
  readonly #entries = new Map<string, RouteEntry>();

  constructor(attempts: AttemptPool, dispatcher: Dispatcher, proxyAddress: string) {
    this.#attempts = attempts;
    this.#dispatcher = dispatcher;
    this.#proxyAddress = proxyAddress;
  }

  /** `index`: the policy's place in its list. */
  send(
    policy: CompiledMirrorPolicy,
    index: number,
    request: HttpRequest,
    original: RouterStream,
    timeoutNs: number,
    context: RouterContext,
  ): void {
    const cluster = mirrorCluster(policy, original.request);
    const target = context.clusters.get(cluster);
    if (target === undefined) return;
    context.mirrored?.(target);
    const shadow = this.#free.pop() ?? new ShadowStream(this, context, this.#attempts);
    const attempt = mirrorKey(original.key.attempt, index);
    shadow.start(
      mirroredRequest(policy, request, this.#proxyAddress),
      this.#entryTo(cluster, timeoutNs),
      original,
      attempt,
      context,
      this.#dispatcher.nowNs,
    );
  }

  give(stream: ShadowStream): void {
    this.#free.push(stream);
  }

  /** Envoy's async client has a route of its own as well, without retries and rewrites. */
  #entryTo(cluster: string, timeoutNs: number): RouteEntry {
    const key = `${cluster} ${timeoutNs}`;
    let entry = this.#entries.get(key);
    if (entry === undefined) {
      const route = { cluster, timeout: `${timeoutNs / 1e9}s` };
      const routes = [{ match: { prefix: '/' }, route }];
      const virtualHosts = [{ name: 'mirror', domains: ['*'], routes }];
      const configuration = compileRouteConfiguration({ name: 'mirror', virtualHosts });
      entry = configuration.virtualHosts[0]!.routes[0]!.entries[0]!;
      this.#entries.set(key, entry);
    }
    return entry;
  }
}
