/**
 * The router: from a request with its route to an answer, by one or more attempts.
 *
 *     decode ─▶ cluster, timeouts ─▶ attempt ─▶ headers ─┬─▶ answer ─▶ over
 *        │                             ▲         │       └─▶ retry: back-off ─┐
 *        └─▶ NR, NC, UH, redirect …    └─────────┴── reset, timeout ◀─────────┘
 *
 * What is decided is decided elsewhere (`retry-state.ts`, `timeouts.ts`, `response-outcome.ts`, the
 * balancers); this is the order of events. A call on the stream that ends it comes last: the stream
 * and this object may be in use again when it returns.
 *
 * @source envoy: source/common/router/router.cc, Filter
 */
import type { EventTarget, Timer } from '#kernel/dispatcher.ts';
import { withFlag } from '#telemetry/response-flags.ts';
import { attemptKey } from '../attempt-key.ts';
import type { HttpRequest, HttpResponse } from '../network.ts';
import type { Host } from '../upstream/host.ts';
import { NO_OUTLIER_MONITOR } from '../upstream/outlier-result.ts';
import type { UpstreamCluster } from '../upstream/upstream-cluster.ts';
import type { UpstreamConnection } from '../upstream/upstream-connection.ts';
import type { AttemptPool } from './attempt-pool.ts';
import type { RouteEntry } from './compiled-route.ts';
import { directReply, requestOfReply } from './direct-reply.ts';
import { HostChoice, withAuthorityOf } from './host-choice.ts';
import type { CompiledInternalRedirect } from './internal-redirect.ts';
import type { RequestPlan } from './request-plan.ts';
import { RequestRetries } from './request-retries.ts';
import {
  alternative,
  clusterNotFound,
  NAME_NOT_FOUND,
  NO_HEALTHY_UPSTREAM,
  type Outcome,
  ROUTE_NOT_FOUND,
  resetAfterResponse,
  resetBeforeResponse,
  resetFlag,
  type TimeoutKind,
  timedOut,
  VIA_UPSTREAM,
} from './response-outcome.ts';
import { chargeResponse, chargeTimeout, reportResponse } from './response-report.ts';
import { wouldRetryFromHeaders } from './retry-decision.ts';
import type { RouterContext } from './router-context.ts';
import type { RouterStream } from './router-stream.ts';
import { sendCopies } from './send-copies.ts';
import { expectedTimeoutMs } from './timeouts.ts';
import { withTimeoutRetry } from './upstream-head.ts';
import type {
  AttemptFailure,
  AttemptOwner,
  AttemptTimeout,
  UpstreamRequest,
} from './upstream-request.ts';

const ROUTE_TIMEOUT = 0;
const BACK_OFF_OVER = 1;

const UPSTREAM_TIMEOUT = withFlag(0, 'UT');

export class RouterFilter implements AttemptOwner, EventTarget {
  /** Whose router it is. */
  declare private readonly stream: RouterStream;
  /** That of the last request, between two. */
  declare private context: RouterContext;
  declare private readonly attemptPool: AttemptPool;
  /** The last of those in flight; there is more than one only when hedging. */
  #newest: UpstreamRequest | undefined;
  /** Its first attempt, which it keeps: hardly any request needs another at the same time. */
  #own: UpstreamRequest | undefined;
  #isOwnTaken = false;
  /** Made for the first request that has something to tell a balancer: most never have. */
  #hostChoice: HostChoice | undefined;
  /** Made when an attempt first went wrong, or a request brings conditions of its own. */
  #retries: RequestRetries | undefined;
  /** The route, or the request itself, asks for retries, and no answer is on its way downstream. */
  #mayRetry = false;
  #cluster: UpstreamCluster | undefined;
  #plan: RequestPlan | undefined;
  #request: HttpRequest | undefined;
  #attemptCount = 0;
  /** The attempt whose answer goes downstream. */
  #final: UpstreamRequest | undefined;
  #upstreamSawRequest = false;
  /** When the router got the request, which filters may have kept a while. */
  #receivedNs = Number.NaN;
  /** When the last attempt began. */
  #attemptNs = Number.NaN;
  #routeTimer: Timer | undefined;
  /** Whether it was armed for this stream. */
  #isTimed = false;

  constructor(stream: RouterStream, context: RouterContext, attemptPool: AttemptPool) {
    this.stream = stream;
    this.context = context;
    this.attemptPool = attemptPool;
  }

  decode(context: RouterContext, nowNs: number): void {
    const { stream } = this;
    const { entry } = stream;
    if (stream.connection !== undefined) context.stats.rqTotal++; // Copies are counted elsewhere.
    if (entry === undefined) {
      context.stats.noRoute++;
      stream.sendLocalReply(ROUTE_NOT_FOUND);
      return;
    }
    if (this.context !== context) this.context = context;
    if (entry.forward === undefined) this.#replyDirectly(entry, stream, context);
    else this.#forwardTo(stream.plan(entry, entry.forward), nowNs);
  }

  /** The stream ends without the router: its client left, a timer of the connection manager fired. */
  onDestroy(nowNs: number): void {
    while (this.#newest !== undefined) {
      const attempt: UpstreamRequest = this.#newest;
      attempt.resetStream(nowNs);
      this.#remove(attempt);
    }
  }

  /** For the next stream. Attempts in flight must be over. */
  reset(): void {
    if (this.#isTimed === true) this.#routeTimer!.disable();
    this.#isTimed = false;
    this.#mayRetry = false;
    this.#retries?.forget();
    this.#request = undefined;
    this.#final = undefined;
    this.#upstreamSawRequest = false;
    this.#hostChoice?.reset();
  }

  /** The request as it goes upstream; undefined when it is not meant to. */
  get sentRequest(): HttpRequest | undefined {
    return this.#request;
  }

  onEvent(event: number, nowNs: number): void {
    if (event === ROUTE_TIMEOUT) this.#onRouteTimeout(nowNs);
    else this.#retry(nowNs);
  }

  onHostAttempted(_attempt: UpstreamRequest, host: Host): void {
    const { info } = this.stream;
    info.upstreamHost = host.address;
    info.hostId = host.recordId;
  }

  onAttemptReady(attempt: UpstreamRequest, connection: UpstreamConnection): void {
    const stream = this.stream;
    const { host } = connection.pool;
    stream.info.upstreamLocalAddress = connection.localAddress;
    const { outlierMonitor } = host;
    if (outlierMonitor !== NO_OUTLIER_MONITOR) {
      outlierMonitor.putResult('local-origin-connect-success', 0);
    }
    const plan = this.#plan!;
    const maxNs = plan.attemptNs ?? this.#cluster!.settings.maxStreamDurationNs;
    if (plan.timesAttempts || maxNs > 0) attempt.armTimers(plan.perTryNs, plan.perTryIdleNs, maxNs);
    const wire = connection.wire!;
    const request = this.#request!;
    const { key } = stream;
    const exchange = wire.newExchange(
      plan.takesHostName === true ? withAuthorityOf(host, request, plan.forward) : request,
      attempt,
      key,
      attemptKey(key.attempt, attempt.number),
    );
    exchange.attemptCount =
      plan.countsAttempts === true ? attempt.number : stream.receivedAttemptCount;
    exchange.expectedTimeoutMs = plan.tellsTimeout
      ? expectedTimeoutMs(plan, this.#attemptNs - this.#receivedNs)
      : stream.receivedTimeoutMs;
    attempt.exchange = exchange;
    this.#upstreamSawRequest = true;
    wire.send(exchange);
  }

  /** @source envoy: router.cc, Filter::onUpstreamHeaders */
  onAttemptHeaders(
    attempt: UpstreamRequest,
    response: HttpResponse,
    endStream: boolean,
    nowNs: number,
  ): void {
    const host = attempt.host!;
    const { status } = response;
    reportResponse(host, response, this.stream.isGrpc);
    if (this.#mayRetry === true && this.#retriesHeaders(attempt, response, endStream, nowNs))
      return;
    const { internalRedirect } = this.#plan!.forward;
    if (
      internalRedirect !== undefined &&
      this.#redirects(internalRedirect, attempt, response, endStream, nowNs)
    )
      return;
    const cluster = this.#cluster!;
    const stream = this.stream;
    const { info } = stream;
    this.#mayRetry = false;
    this.#retries?.forget();
    this.#charge(cluster, status, host);
    if (status < 500) host.rqSuccess++;
    this.#final = attempt;
    if (this.#newest!.older !== undefined) this.#resetOthers(attempt, nowNs);
    info.responseCode = status; // Headers that the route adds may tell it.
    info.responseCodeDetails = VIA_UPSTREAM;
    info.firstUpstreamResponseNs = nowNs;
    const serviceTimeMs = Math.trunc((nowNs - this.#receivedNs) / 1e6);
    const cookies = this.#hostChoice?.cookies;
    if (endStream === true) {
      cluster.stats.histograms?.responseComplete(this.#receivedNs, stream.isInternal, nowNs);
      attempt.releaseStream(true, nowNs);
      this.#remove(attempt);
    }
    stream.respond(cookies === undefined ? response : cookies(response), endStream, serviceTimeMs);
  }

  onAttemptEnd(attempt: UpstreamRequest, nowNs: number): void {
    const { isInternal } = this.stream;
    this.#cluster!.stats.histograms?.responseComplete(this.#receivedNs, isInternal, nowNs);
    attempt.releaseStream(true, nowNs);
    this.#remove(attempt);
    this.stream.endResponse();
  }

  /** @source envoy: router.cc, Filter::onUpstreamReset */
  onAttemptFailure(
    attempt: UpstreamRequest,
    failure: AttemptFailure,
    transportFailure: string,
    nowNs: number,
  ): void {
    const { host } = attempt;
    attempt.flags = resetFlag(failure);
    // A limit of the cluster says nothing of the host; that of waiting requests names none.
    if (failure !== 'overflow') host?.outlierMonitor.putResult('local-origin-connect-failed', 0);
    else if (host === undefined) this.stream.info.forgetUpstream();
    if (this.#final === attempt) {
      attempt.releaseStream(false, nowNs);
      this.#remove(attempt);
      this.#abortResponse(failure, transportFailure);
      return;
    }
    if (attempt.number === this.#attemptCount) {
      this.stream.info.upstreamTransportFailureReason = transportFailure;
    }
    if (this.#retriesReset(attempt, failure, false, nowNs)) return;
    const outcome = resetBeforeResponse(failure, transportFailure, this.#attemptCount > 1);
    this.#charge(this.#cluster!, outcome.status, host);
    attempt.releaseStream(false, nowNs);
    this.#remove(attempt);
    if (this.#newest !== undefined || this.#retries?.isPending) return;
    this.stream.sendLocalReply(outcome);
  }

  /** @source envoy: router.cc, Filter::onPerTryTimeoutCommon, onStreamMaxDurationReached */
  onAttemptTimeout(attempt: UpstreamRequest, timeout: AttemptTimeout, nowNs: number): void {
    if (timeout === 'per-try' && !attempt.awaitsHeaders) return;
    const { host } = attempt;
    const { stats } = this.#cluster!;
    attempt.flags = UPSTREAM_TIMEOUT;
    if (timeout !== 'max-duration' && this.#plan!.hedgesOnPerTry) {
      this.#hedge(attempt);
      return;
    }
    chargeTimeout(stats, timeout, host);
    attempt.breakOff(nowNs);
    const outcome = this.#timedOut(timeout);
    const isTimeout = timeout !== 'max-duration';
    if (isTimeout) host?.outlierMonitor.putResult('local-origin-timeout', outcome.status);
    if (this.#final === attempt) {
      if (isTimeout) this.#chargeLateReset();
      attempt.releaseStream(false, nowNs);
      this.#remove(attempt);
      if (outcome.flag !== undefined) this.stream.info.setFlag(outcome.flag);
      this.stream.resetResponse(outcome.details);
      return;
    }
    if (this.#retriesReset(attempt, 'local-reset', isTimeout, nowNs)) return;
    attempt.releaseStream(false, nowNs);
    this.#remove(attempt);
    if (isTimeout) this.#charge(this.#cluster!, outcome.status, host);
    else this.onDestroy(nowNs); // Is not charged, and ends them all.
    if (this.#newest !== undefined || this.#retries?.isPending) return;
    this.stream.sendLocalReply(outcome);
  }

  /** True when the answer is a redirect that the proxy follows itself. */
  #redirects(
    policy: CompiledInternalRedirect,
    attempt: UpstreamRequest,
    response: HttpResponse,
    endStream: boolean,
    nowNs: number,
  ): boolean {
    if (!policy.statuses.has(response.status)) return false;
    const stream = this.stream;
    const { stats } = this.#cluster!;
    const next = this.#plan!.abandonsBuffer ? undefined : stream.redirected(policy, response);
    if (next === undefined) {
      stats.upstreamInternalRedirectFailedTotal++;
      return false;
    }
    stats.upstreamInternalRedirectSucceededTotal++;
    const isWhole = endStream && response.bodyBytes === 0;
    if (!isWhole) attempt.resetStream(nowNs);
    this.#unlink(attempt);
    this.onDestroy(nowNs);
    stream.redirect(next, response, nowNs);
    // The answer is still being read when the new request looks for a connection.
    if (isWhole) attempt.releaseStream(true, nowNs);
    this.#giveAttempt(attempt);
    return true;
  }

  #replyDirectly(entry: RouteEntry, stream: RouterStream, context: RouterContext): void {
    const outcome = directReply(entry, stream.request);
    this.#request = requestOfReply(entry, stream.request);
    if (outcome === ROUTE_NOT_FOUND) context.stats.noRoute++;
    else context.stats.rqDirectResponse++; // Envoy counts redirects here as well.
    stream.sendLocalReply(outcome);
  }

  #forwardTo(plan: RequestPlan, nowNs: number): void {
    const stream = this.stream;
    const context = this.context;
    const cluster = context.clusters.get(plan.clusterName);
    if (cluster === undefined) {
      this.#replyNoCluster(plan);
      return;
    }
    const { info } = stream;
    info.upstreamCluster = plan.clusterName;
    info.clusterId = cluster.id;
    this.#receivedNs = nowNs;
    // Most often they are there, and what is there is not stored again: docs/performance.md.
    if (this.#cluster !== cluster) this.#cluster = cluster;
    if (this.#plan !== plan) this.#plan = plan;
    if (plan.abandonsBuffer === true) cluster.stats.retryOrShadowAbandoned++;
    this.#attemptCount = 1;
    info.attemptCount = 1;
    this.#mayRetry = plan.readsRetries
      ? this.#makeRetries().start(plan.forward, stream, cluster)
      : plan.mayRetry;
    this.#request = plan.head ?? stream.upstreamRequest();
    const host = this.#chooseHost(cluster);
    if (host === undefined) {
      this.#replyNoHost(cluster);
      return;
    }
    if (plan.globalNs > 0) {
      this.#isTimed = true;
      this.#routeTimer ??= this.attemptPool.dispatcher.createTimer(this, ROUTE_TIMEOUT);
      this.#routeTimer.enable(plan.globalNs);
    }
    const request = this.#request;
    this.#startAttempt(cluster, host, nowNs);
    // What was refused at once is over by now, and not mirrored.
    if (plan.mirrors === true && this.#request === request) {
      sendCopies(plan.forward.mirrorPolicies, request, stream, context, plan.globalNs);
    }
  }

  #replyNoCluster({ clusterName, forward }: RequestPlan): void {
    const stream = this.stream;
    const { stats, clusters } = this.context;
    stats.noCluster++;
    stream.info.clusterId = clusters.missingId(clusterName);
    stream.sendLocalReply(clusterNotFound(forward.clusterNotFoundStatus));
  }

  #timedOut(timeout: TimeoutKind): Outcome {
    const outcome = timedOut(timeout);
    return this.#plan!.hasAltResponse ? alternative(outcome) : outcome;
  }

  #chooseHost(cluster: UpstreamCluster): Host | undefined {
    const host = cluster.chooseHost(this.stream.worker, this.#balancerContext(cluster));
    if (host === undefined) cluster.stats.upstreamCxNoneHealthy++;
    return host;
  }

  /** Undefined when the balancer has nothing to ask of the request. */
  #balancerContext(cluster: UpstreamCluster): HostChoice | undefined {
    const plan = this.#plan!;
    const isAsked = plan.tellsBalancer === true || cluster.settings.asksForRequest === true;
    if (isAsked) this.#hostChoice ??= new HostChoice();
    return this.#hostChoice?.asked(isAsked, this.stream, plan.forward);
  }

  #startAttempt(cluster: UpstreamCluster, host: Host, nowNs: number): void {
    const stream = this.stream;
    const { pools } = cluster.worker(stream.worker);
    const protocol = cluster.protocolFor(stream.downstreamProtocol);
    const pool = pools.pool(host, this.#plan!.forward.priority, protocol);
    if (pool === undefined) {
      this.#replyNoHost(cluster);
      return;
    }
    if (this.#attemptCount > 1) stream.info.forgetUpstream();
    const attempt = this.#takeAttempt();
    const { trace } = this.context;
    if (trace !== undefined)
      attempt.trace(trace.choice(cluster, host, this.#hostChoice?.attempted ?? []));
    if (this.#newest !== undefined) attempt.older = this.#newest;
    this.#newest = attempt;
    if (this.#plan!.tellsTimeout === true) this.#attemptNs = nowNs;
    attempt.host = host;
    this.onHostAttempted(attempt, host);
    attempt.start(this, this.#attemptCount, pool, nowNs);
  }

  #replyNoHost(cluster: UpstreamCluster): void {
    const outcome = cluster.isForwardProxy ? NAME_NOT_FOUND : NO_HEALTHY_UPSTREAM;
    this.#charge(cluster, outcome.status, undefined);
    this.stream.sendLocalReply(outcome);
  }

  /** True when the response is dropped: for a retry, or because others may still do better. */
  #retriesHeaders(
    attempt: UpstreamRequest,
    response: HttpResponse,
    endStream: boolean,
    nowNs: number,
  ): boolean {
    if (attempt.wasRetried === true) return this.#dropsBadResponse(attempt, response, nowNs);
    // The usual case, told first: a first attempt with a good answer moves nothing.
    if (this.#attemptCount === 1 && !this.#isBad(response)) return false;
    const decision = this.#startedRetries().shouldRetryHeaders(response, nowNs, this.context);
    if (decision === 'yes') {
      const host = attempt.host!;
      host.rqError++;
      this.#cluster!.stats.retryResponses.add(response.status);
      // A body that is not read to its end costs an HTTP/1.1 connection.
      if (endStream && response.bodyBytes === 0) attempt.releaseStream(true, nowNs);
      else attempt.resetStream(nowNs);
      this.#remove(attempt);
      this.#awaitRetry(host, false);
      return true;
    }
    this.#retries?.flagRefusal(decision, this.stream, this.#cluster!, this.context);
    return decision !== 'no' && this.#dropsBadResponse(attempt, response, nowNs); // Could not.
  }

  /** A bad answer is dropped while other attempts are in flight or to come. */
  #dropsBadResponse(attempt: UpstreamRequest, response: HttpResponse, nowNs: number): boolean {
    const hasOthers = this.#newest!.older !== undefined || this.#retries?.isPending;
    if (!hasOthers || (attempt.wasRetried && !this.#isBad(response))) return false;
    attempt.host!.rqError++;
    attempt.resetStream(nowNs);
    this.#remove(attempt);
    return true;
  }

  /** @source envoy: router.cc, Filter::maybeRetryReset. The attempt is gone when it says yes. */
  #retriesReset(
    attempt: UpstreamRequest,
    failure: AttemptFailure,
    isTimeout: boolean,
    nowNs: number,
  ): boolean {
    if (!this.#mayRetry || this.#final !== undefined || attempt.wasRetried) return false;
    const decision = this.#startedRetries().shouldRetryReset(failure, this.#upstreamSawRequest);
    if (decision !== 'yes') {
      this.#retries?.flagRefusal(decision, this.stream, this.#cluster!, this.context);
      return false;
    }
    const { host } = attempt;
    if (host !== undefined) host.rqError++;
    attempt.releaseStream(false, nowNs);
    this.#remove(attempt);
    this.#awaitRetry(host, isTimeout);
    return true;
  }

  /** An answer that the conditions would retry, were there retries left. */
  #isBad({ status, headers }: HttpResponse): boolean {
    const conditions = this.#retries?.conditions ?? this.#plan!.forward.retryPolicy!;
    return wouldRetryFromHeaders(conditions, status, headers);
  }

  #makeRetries(): RequestRetries {
    this.#retries ??= new RequestRetries(this.attemptPool.dispatcher, this, BACK_OFF_OVER);
    return this.#retries;
  }

  #startedRetries(): RequestRetries {
    const retries = this.#makeRetries();
    retries.start(this.#plan!.forward, this.stream, this.#cluster!);
    retries.prepareDraws(this.stream, this.#attemptCount, this.context);
    return retries;
  }

  #awaitRetry(retried: Host | undefined, isTimeout: boolean): void {
    const { entry, forward } = this.#plan!;
    if (entry.route.virtualHost.includeIsTimeoutRetryHeader) {
      this.#request = withTimeoutRetry(this.#request!, isTimeout);
    }
    this.#hostChoice ??= new HostChoice();
    this.#hostChoice.onRetried(retried, this.stream, forward);
    this.#retries!.awaitBackOff();
  }

  /** The back-off is over. @source envoy: router.cc, Filter::doRetry, continueDoRetry */
  #retry(nowNs: number): void {
    this.#retries!.onBackOffOver();
    this.#attemptCount++;
    this.stream.info.attemptCount = this.#attemptCount;
    // The cluster may have been removed, or replaced, during the back-off.
    const cluster = this.context.clusters.get(this.#cluster!.name);
    if (cluster === undefined) {
      this.#replyNoHost(this.#cluster!);
      return;
    }
    this.#cluster = cluster;
    this.#hostChoice!.isRetry = true;
    const host = this.#chooseHost(cluster);
    if (host === undefined) this.#replyNoHost(cluster);
    else this.#startAttempt(cluster, host, nowNs);
  }

  /** @source envoy: router.cc, Filter::onSoftPerTryTimeout */
  #hedge(attempt: UpstreamRequest): void {
    attempt.host?.outlierMonitor.putResult('local-origin-timeout', 0);
    attempt.hasReportedTimeout = true;
    if (!this.#mayRetry || this.#final !== undefined) return;
    const decision = this.#startedRetries().shouldHedgeRetry();
    if (decision === 'yes') {
      attempt.wasRetried = true;
      this.#awaitRetry(attempt.host, true);
    } else this.#retries?.flagRefusal(decision, this.stream, this.#cluster!, this.context);
  }

  /** @source envoy: router.cc, Filter::onResponseTimeout */
  #onRouteTimeout(nowNs: number): void {
    const { stats } = this.#cluster!;
    const outcome = this.#timedOut('route');
    while (this.#newest !== undefined) {
      const attempt: UpstreamRequest = this.#newest;
      const { host } = attempt;
      attempt.flags = UPSTREAM_TIMEOUT;
      stats.upstreamRqTimeout++;
      if (host !== undefined) host.rqTimeout++;
      if (attempt.awaitsHeaders) {
        if (!attempt.hasReportedTimeout) {
          host?.outlierMonitor.putResult('local-origin-timeout', outcome.status);
        }
        if (this.#final === undefined) this.#charge(this.#cluster!, outcome.status, host);
      }
      attempt.resetStream(nowNs);
      this.#remove(attempt);
    }
    this.#abort(outcome);
  }

  #abort(outcome: Outcome): void {
    const stream = this.stream;
    if (this.#final === undefined) {
      stream.sendLocalReply(outcome);
      return;
    }
    if (outcome.flag !== undefined) stream.info.setFlag(outcome.flag);
    stream.resetResponse(outcome.details);
  }

  #abortResponse(failure: AttemptFailure, transportFailure: string): void {
    const { flag, details } = resetAfterResponse(failure, transportFailure);
    const stream = this.stream;
    this.#chargeLateReset();
    stream.info.setFlag(flag);
    stream.resetResponse(details);
  }

  /** Copies have counters of their own. @source envoy: router.cc, Filter::chargeUpstreamAbort */
  #chargeLateReset(): void {
    const { isGrpc, connection } = this.stream;
    const isCopy = connection === undefined;
    if (isGrpc && !isCopy) this.context.stats.rqResetAfterDownstreamResponseStarted++;
  }

  #resetOthers(final: UpstreamRequest, nowNs: number): void {
    const others: UpstreamRequest[] = [];
    for (let it = this.#newest; it !== undefined; it = it.older) if (it !== final) others.push(it);
    for (const attempt of others.reverse()) {
      attempt.resetStream(nowNs);
      this.#remove(attempt);
    }
  }

  #charge(cluster: UpstreamCluster, code: number, host: Host | undefined): void {
    chargeResponse(cluster.stats, code, this.stream.isInternal, host);
  }

  #remove(attempt: UpstreamRequest): void {
    this.#unlink(attempt);
    this.#giveAttempt(attempt);
  }

  #takeAttempt(): UpstreamRequest {
    if (this.#isOwnTaken === true) return this.attemptPool.take(this);
    this.#isOwnTaken = true;
    this.#own ??= this.attemptPool.take(this);
    return this.#own;
  }

  #giveAttempt(attempt: UpstreamRequest): void {
    if (attempt === this.#own) {
      attempt.reset();
      this.#isOwnTaken = false;
    } else this.attemptPool.give(attempt);
  }

  #unlink(attempt: UpstreamRequest): void {
    const { older } = attempt;
    if (this.#newest !== attempt) attempt.unlinkBehind(this.#newest!);
    // As a constant: what may be a pointer is dearer to store (docs/performance.md).
    else if (older === undefined) this.#newest = undefined;
    else this.#newest = older;
    attempt.older = undefined;
    this.context.attemptEnded(this.stream, attempt, this.#cluster!);
  }
}
