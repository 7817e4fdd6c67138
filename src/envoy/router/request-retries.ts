/**
 * A request's retries as the router drives them: the state that decides, its draws, the back-off.
 * Most requests never need them: the router makes this when an attempt first went wrong.
 *
 * @source envoy: source/common/router/router.cc, Filter::maybeRetryReset, Filter::doRetry
 */
import type { Dispatcher, EventTarget, Timer } from '#kernel/dispatcher.ts';
import { KeyedDraws } from '../keyed-draws.ts';
import type { HttpResponse } from '../network.ts';
import type { UpstreamCluster } from '../upstream/upstream-cluster.ts';
import type { ForwardAction } from './compiled-route.ts';
import type { RetryConditions } from './retry-decision.ts';
import { type RetryDecision, RetryState } from './retry-state.ts';
import type { RouterContext } from './router-context.ts';
import type { RouterStream } from './router-stream.ts';
import type { RouterTrace } from './router-trace.ts';
import type { AttemptFailure } from './upstream-request.ts';

export class RequestRetries {
  /** A back-off runs; an attempt follows. */
  isPending = false;
  readonly #state = new RetryState();
  readonly #dispatcher: Dispatcher;
  readonly #target: EventTarget;
  readonly #event: number;
  #isStarted = false;
  #draws: KeyedDraws | undefined;
  #backOffTimer: Timer | undefined;
  #trace: RouterTrace | undefined;
  #tracedStream: RouterStream | undefined;
  /** What the last attempt ended in, and since when its retry is awaited. */
  #after = '';
  #sinceNs = 0;

  /** `event` is fired at `target` when a back-off is over. */
  constructor(dispatcher: Dispatcher, target: EventTarget, event: number) {
    this.#dispatcher = dispatcher;
    this.#target = target;
    this.#event = event;
  }

  /** Reads the conditions, unless that was done. False: there are none, whatever happens. */
  start(forward: ForwardAction, stream: RouterStream, cluster: UpstreamCluster): boolean {
    if (this.#isStarted) return true;
    const { request, isInternal } = stream;
    const { retryPolicy, priority } = forward;
    const resources = cluster.resources(priority);
    const { stats } = cluster;
    this.#isStarted = this.#state.start(retryPolicy, request, resources, stats, isInternal);
    return this.#isStarted;
  }

  /** Of the request, if they were read; else those of its route hold. */
  get conditions(): RetryConditions | undefined {
    return this.#isStarted ? this.#state : undefined;
  }

  /** The decisions about one request draw from where those before have stopped. */
  prepareDraws(stream: RouterStream, attemptCount: number, context: RouterContext): void {
    if (this.#draws === undefined) this.#draws = new KeyedDraws(context.retryPurpose);
    if (attemptCount === 1 && !this.isPending) this.#draws.begin(stream.key);
    this.#trace = context.trace;
    if (context.trace !== undefined) this.#tracedStream = stream;
  }

  shouldRetryHeaders(response: HttpResponse, nowNs: number, context: RouterContext): RetryDecision {
    const { status, headers } = response;
    if (this.#trace !== undefined) this.#after = String(status);
    return this.#state.shouldRetryHeaders(status, headers, this.#draws!, nowNs, context.epochMs);
  }

  shouldRetryReset(failure: AttemptFailure, upstreamSawRequest: boolean): RetryDecision {
    if (this.#trace !== undefined) this.#after = failure;
    return this.#state.shouldRetryReset(failure, upstreamSawRequest, this.#draws!);
  }

  shouldHedgeRetry(): RetryDecision {
    if (this.#trace !== undefined) this.#after = 'perTryTimeout';
    return this.#state.shouldHedgeRetry(this.#draws!);
  }

  flagRefusal(
    decision: RetryDecision,
    stream: RouterStream,
    cluster: UpstreamCluster,
    context: RouterContext,
  ): void {
    if (decision === 'limit') stream.info.setFlag('URX');
    if (decision !== 'overflow') return;
    stream.info.setFlag('UO');
    context.retryOverflowed(cluster);
  }

  awaitBackOff(): void {
    this.isPending = true;
    this.#backOffTimer ??= this.#dispatcher.createTimer(this.#target, this.#event);
    this.#backOffTimer.enable(this.#state.waitMs * 1e6);
    if (this.#trace !== undefined) this.#sinceNs = this.#dispatcher.nowNs;
  }

  onBackOffOver(): void {
    this.isPending = false;
    if (this.#trace !== undefined) this.#traceBackOff(this.#trace);
    this.#state.onRetryPerformed();
  }

  /** Nothing is retried any more: an answer goes downstream, or the stream is over. */
  forget(): void {
    if (!this.#isStarted) return;
    this.#backOffTimer?.disable();
    if (this.isPending && this.#trace !== undefined) this.#traceBackOff(this.#trace);
    this.isPending = false;
    this.#state.release();
    this.#isStarted = false;
  }

  #traceBackOff(trace: RouterTrace): void {
    const { waitMs, remaining } = this.#state;
    trace.backOff(this.#tracedStream!, {
      startNs: this.#sinceNs,
      endNs: this.#dispatcher.nowNs,
      waitMs,
      remaining,
      after: this.#after,
    });
  }
}
