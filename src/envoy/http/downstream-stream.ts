/**
 * One request from downstream and its answer.
 *
 *     start ─▶ route ─▶ filters ─▶ router ─▶ headers sent ─▶ over
 *                          │          │            │
 *                          └──────────┴─▶ local reply, reset, the client leaves
 *
 * The stream is over when the last part of its answer goes out, or when the client has left. It is
 * counted, logged and given back to its pool before that last part is sent: whoever hears it may send
 * the next request, which may take this very object.
 *
 * @source envoy: source/common/http/conn_manager_impl.cc, ActiveStream; filter_manager.cc
 */

import type { EventTarget, Timer } from '#kernel/dispatcher.ts';
import type { Uint64 } from '#kernel/uint64.ts';
import type { ResponseFlag } from '#telemetry/response-flags.ts';
import type { AccessLog } from '#xds/listener.ts';
import { redirectKey } from '../attempt-key.ts';
import type {
  ConnectOptions,
  Exchange,
  HttpRequest,
  HttpResponse,
  RequestKey,
  ServerConnection,
  WireProtocol,
} from '../network.ts';
import type { EndedStream } from '../proxy-environment.ts';
import type { AttemptPool } from '../router/attempt-pool.ts';
import type { RouteEntry } from '../router/compiled-route.ts';
import { finalizeRequest } from '../router/finalize-request.ts';
import type { HashedConnection } from '../router/hash-policy.ts';
import { type CompiledInternalRedirect, InternalRedirects } from '../router/internal-redirect.ts';
import type { RequestPlan } from '../router/request-plan.ts';
import {
  DOWNSTREAM_DISCONNECT,
  INTERNAL_REDIRECT,
  type Outcome,
  timedOut,
} from '../router/response-outcome.ts';
import { clusterNameOf } from '../router/route-configuration.ts';
import { RouterFilter } from '../router/router-filter.ts';
import type { RouterStream } from '../router/router-stream.ts';
import { withoutRouterHeaders } from '../router/upstream-head.ts';
import { ActiveStreamInfo } from './active-stream-info.ts';
import type { ConnectionManager } from './connection-manager.ts';
import { type FilteredStream, FilterRun } from './filter-run.ts';
import { localReplyResponse } from './local-reply.ts';
import type { RequestProfile } from './request-profile.ts';
import type { ResponseEncoder } from './response-encoder.ts';
import { StreamRandom } from './stream-random.ts';

/** The connection that a stream belongs to. */
export interface StreamConnection extends HashedConnection {
  readonly manager: ConnectionManager;
  readonly server: ServerConnection;
  readonly options: ConnectOptions;
  readonly worker: number;
  readonly responseEncoder: ResponseEncoder;
  /** What follows from a request object alone. */
  profile(request: HttpRequest): RequestProfile;
  /** Of a request that the proxy made of another. */
  renamed(request: HttpRequest, isInternal: boolean): RequestProfile;
  /** It had its last request, and closes behind the answer. */
  isSpent: boolean;
  close(): void;
  /** Whether the answer that goes out now tells the client to go elsewhere. */
  announcesClose(): boolean;
  /** The stream is over. Called before the end of its answer is sent. */
  forget(stream: DownstreamStream, nowNs: number): void;
  /** The answer ends without its rest: HTTP/1.1 has to close, after a while. */
  closeDelayed(): void;
}

const IDLE_TIMEOUT = 0;
const MAX_DURATION = 1;
const BODY_SENT = 2;

export class DownstreamStream implements RouterStream, EndedStream, FilteredStream, EventTarget {
  readonly info = new ActiveStreamInfo();
  /** These four stay when the stream is over, until it is used again. */
  declare connection: StreamConnection;
  declare private exchange: Exchange;
  /** Its exchange, or that of the redirect that the proxy follows. */
  declare key: RequestKey;
  declare request: HttpRequest;
  /** Its neighbours in its connection's list; of one that nobody uses, `older` is the next of its pool. */
  older: DownstreamStream | undefined;
  newer: DownstreamStream | undefined;
  entry: RouteEntry | undefined;
  isGrpc = false;
  isInternal = false;
  response: HttpResponse | undefined;
  declare private readonly pool: StreamPool;
  readonly #router: RouterFilter;
  readonly #random = new StreamRandom();
  /** Undefined unless its route forwards. */
  #plan: RequestPlan | undefined;
  #filters: FilterRun | undefined;
  #filtersOf: ConnectionManager | undefined;
  #isFiltered = false;
  #redirects: InternalRedirects | undefined;
  /**
   * A filter answers by itself, or for a route that forwards nothing: the route's header changes are
   * the router's to make (@source envoy: source/common/http/filter_manager.cc, sendLocalReply).
   */
  #hidesRoute = false;
  /** A timer of the connection manager ended the request. */
  #isTimedOut = false;
  /** Of a reply under way. */
  #lateFlag: ResponseFlag | undefined;
  #idleTimer: Timer | undefined;
  #idleTimeoutNs = 0;
  #durationTimer: Timer | undefined;
  #bodyTimer: Timer | undefined;

  constructor(pool: StreamPool, connection: StreamConnection, exchange: Exchange) {
    this.pool = pool;
    this.connection = connection;
    this.exchange = exchange;
    this.key = exchange;
    this.request = exchange.request;
    // Last: what the router keeps of the stream is one whole.
    this.#router = new RouterFilter(this, connection.manager, pool.attempts);
  }

  /** As the route has changed it: what logs and header additions print. */
  get finalRequest(): HttpRequest {
    return this.#router.sentRequest ?? this.request;
  }

  get attemptCount(): number {
    return this.#isTimedOut ? 0 : this.info.attemptCount;
  }

  get manager(): ConnectionManager {
    return this.connection.manager;
  }

  get statPrefix(): string {
    return this.manager.config.statPrefix;
  }

  get accessLog(): readonly AccessLog[] | undefined {
    return this.manager.config.accessLog;
  }

  get random(): Uint64 {
    return this.#random.of(this.key, this.manager.streamPurpose);
  }

  get downstreamProtocol(): WireProtocol {
    return this.connection.options.protocol;
  }

  get originalDestination(): string {
    return this.connection.localAddress;
  }

  get worker(): number {
    return this.connection.worker;
  }

  get receivedAttemptCount(): number {
    return this.exchange.attemptCount;
  }

  get receivedTimeoutMs(): number {
    return this.isInternal ? this.exchange.expectedTimeoutMs : 0;
  }

  start(connection: StreamConnection, exchange: Exchange, nowNs: number): void {
    const profile = connection.profile(exchange.request);
    this.info.downstreamRemoteAddress = profile.clientAddress || connection.remoteAddress;
    this.exchange = exchange;
    this.key = exchange;
    exchange.serverState = this;
    this.#begin(connection, profile, nowNs);
  }

  #begin(connection: StreamConnection, profile: RequestProfile, nowNs: number): void {
    const { manager } = connection;
    const { info } = this;
    const { request } = profile;
    // What is there already is not stored again: for a store V8 looks at the heap pages of both objects.
    if (this.connection !== connection) this.connection = connection;
    info.startNs = nowNs;
    info.bytesReceived = request.bodyBytes;
    info.downstreamLocalAddress = connection.localAddress;
    manager.countRequest(connection.options.protocol);
    if (this.request !== request) this.request = request;
    this.isGrpc = profile.isGrpc;
    this.isInternal = profile.isInternal;
    if (profile.refusal !== undefined) {
      if (profile.refusal.status < 400) manager.stats.downstreamRqRedirectedWithNormalizedPath++;
      else manager.stats.downstreamRqFailedPathNormalization++;
      this.sendLocalReply(profile.refusal);
      return;
    }
    const entry = profile.entry(manager.routes.current, this);
    this.entry = entry;
    if (entry !== undefined) {
      const { route, forward } = entry;
      route.isTaken = true;
      info.routeName = route.name;
      if (forward !== undefined) this.#plan = profile.plan(entry, forward);
    }
    this.#armTimers(manager, entry);
    if (this.#plan?.passes(manager.filters) ?? manager.filters.passes(entry)) {
      this.#router.decode(manager, nowNs);
    } else this.#runFilters(manager, nowNs);
  }

  onFiltersPassed(nowNs: number): void {
    this.#router.decode(this.manager, nowNs);
  }

  onFilterReply(outcome: Outcome, grpcStatus: number | undefined): void {
    this.#nameCluster();
    this.#hidesRoute = this.entry?.forward === undefined;
    this.sendLocalReply(outcome, grpcStatus);
  }

  /** @source envoy: source/extensions/filters/http/cors/cors_filter.cc, decodeHeaders */
  onFilterAnswer(outcome: Outcome): void {
    this.#nameCluster();
    this.#hidesRoute = true;
    this.sendLocalReply(outcome);
  }

  plan(): RequestPlan {
    return this.#plan!;
  }

  upstreamRequest(): HttpRequest {
    const { entry } = this;
    const request = this.request;
    if (entry === undefined || !entry.changesRequest) return request;
    if (entry.requestHeaders?.isOfRequest === false) this.#describeConnection();
    const made = finalizeRequest(entry, request, {
      request,
      responseHeaders: undefined,
      responseTrailers: undefined,
      stream: this.info,
      key: this.key,
      epochMs: this.manager.epochMs,
    });
    return withoutRouterHeaders(made, this.isInternal);
  }

  respond(response: HttpResponse, endStream: boolean, serviceTimeMs: number): void {
    const connection = this.connection;
    const exchange = this.exchange;
    const { info } = this;
    info.upstreamServiceTimeMs = serviceTimeMs;
    if (this.entry?.responseHeaders?.isOfRequest === false) this.#describeConnection();
    const filtered = this.#isFiltered === true ? this.#filters!.encode(response) : response;
    const routed = this.#hidesRoute
      ? { entry: undefined, finalRequest: this.finalRequest, info, attemptCount: 0, key: exchange }
      : this;
    const encoded = connection.responseEncoder.encode(routed, filtered);
    this.response = encoded;
    if (this.#lateFlag !== undefined) info.setFlag(this.#lateFlag);
    info.responseCode = encoded.status;
    info.bytesSent = encoded.bodyBytes;
    if (this.isGrpc === true) info.grpcStatus = Number(encoded.headers.get('grpc-status') ?? -1);
    exchange.upstreamServiceTimeMs = serviceTimeMs;
    const { server } = connection;
    if (connection.announcesClose()) server.goAway();
    const heldBackNs =
      endStream && this.#isFiltered ? this.#filters!.bodyDelayNs(encoded.bodyBytes) : 0;
    if (heldBackNs > 0) {
      this.#holdBack(heldBackNs);
      server.respond(exchange, encoded, false);
      return;
    }
    // Whoever is answered at once may still be sending: it is left to close.
    const closes = connection.isSpent === true && info.startNs < this.manager.dispatcher.nowNs;
    if (endStream === true) this.#finish();
    else if (this.#idleTimeoutNs > 0) this.#idleTimer?.enable(this.#idleTimeoutNs);
    server.respond(exchange, encoded, endStream);
    if (closes && endStream === true) connection.close();
  }

  endResponse(): void {
    const connection = this.connection;
    const exchange = this.exchange;
    this.#finish();
    connection.server.endResponse(exchange);
    if (connection.isSpent) connection.close();
  }

  sendLocalReply(outcome: Outcome, grpcStatus?: number): void {
    const { info, isGrpc } = this;
    info.responseCodeDetails = outcome.details;
    if (outcome.isFlaggedLate) this.#lateFlag = outcome.flag;
    else if (outcome.flag !== undefined) info.setFlag(outcome.flag);
    if (outcome.flag === 'NR') info.clusterId = this.manager.unroutedId(this.request.authority);
    if (this.request.bodyBytes > 0 && this.#precedesBody(outcome)) this.#cutRequestShort();
    if (outcome.status === 400 && this.manager.settings.closesOnBadRequest) {
      this.#leaveConnection();
      this.connection.isSpent = this.downstreamProtocol !== 'h2';
    }
    const reply = localReplyResponse({ ...outcome, isGrpc, grpcStatus });
    const isHead = this.request.method === 'HEAD'; // Is answered with headers alone.
    this.respond(isHead ? { ...reply, bodyBytes: 0, bodyText: '' } : reply, true, -1);
  }

  /** Headers are answered in the turn in which they came: the body behind them is not read yet. */
  #precedesBody({ flag }: Outcome): boolean {
    const isOfClient = this.key === this.exchange; // Not the proxy's own, made of an answer.
    return flag !== 'UF' && isOfClient && this.info.startNs === this.manager.dispatcher.nowNs;
  }

  /**
   * A connection that can carry nothing else meanwhile does not wait for the rest of the request.
   *
   * @source envoy: source/common/http/conn_manager_impl.cc, ActiveStream::encodeHeaders, doEndStream
   */
  #cutRequestShort(): void {
    const { stats } = this.manager;
    this.info.bytesReceived = 0;
    stats.downstreamRqResponseBeforeRqComplete++;
    stats.downstreamRqRxReset++;
    this.#leaveConnection();
  }

  /** The answer says that an HTTP/1.1 connection carries no further request. */
  #leaveConnection(): void {
    if (this.downstreamProtocol !== 'h2') this.connection.server.goAway();
  }

  resetResponse(details: string): void {
    const connection = this.connection;
    const exchange = this.exchange;
    this.info.responseCodeDetails = details;
    this.manager.stats.downstreamRqTxReset++;
    this.manager.stats.downstreamRqRxReset++; // Envoy counts its own reset as well.
    this.#finish();
    if (connection.options.protocol === 'h2') {
      connection.server.resetExchange(exchange, 'remote-reset');
    } else if (connection.isSpent) connection.close();
    else connection.closeDelayed();
  }

  redirected(policy: CompiledInternalRedirect, response: HttpResponse): HttpRequest | undefined {
    const { routes, stats } = this.manager;
    const { info } = this;
    const from = info.routeName;
    const routeOf = (request: HttpRequest): string | undefined => {
      const next = this.connection.renamed(request, this.isInternal).entry(routes.current, this);
      // Logs name the route that was found last, taken or not.
      info.routeName = next?.route.name ?? '';
      info.upstreamCluster = next?.forward === undefined ? '' : clusterNameOf(next, request);
      return next?.route.name;
    };
    this.#redirects ??= new InternalRedirects();
    return this.#redirects.follow(policy, this.finalRequest, response, from, routeOf, stats);
  }

  /** @source envoy: source/common/http/conn_manager_impl.cc, ActiveStream::recreateStream */
  redirect(next: HttpRequest, response: HttpResponse, nowNs: number): void {
    const connection = this.connection;
    const exchange = this.exchange;
    const redirects = this.#redirects!;
    const { info, isInternal } = this;
    this.response = response;
    info.responseCode = response.status;
    info.responseCodeDetails = INTERNAL_REDIRECT;
    info.endNs = nowNs;
    connection.manager.streamEnded(this, connection.options);
    this.#router.reset();
    this.#reset();
    this.#redirects = redirects;
    this.exchange = exchange;
    const { rootNumber, streamHash, callPathHash } = exchange;
    const attempt = redirectKey(exchange.attempt, redirects.count);
    this.key = { rootNumber, streamHash, callPathHash, attempt };
    exchange.serverState = this;
    this.#begin(connection, connection.renamed(next, isInternal), nowNs);
  }

  /** The client reset the stream, or closed the connection under it. */
  onDownstreamReset(nowNs: number): void {
    const { info, manager } = this;
    const isMultiplexed = this.downstreamProtocol === 'h2';
    info.setFlag(isMultiplexed ? 'DR' : 'DC');
    info.responseCodeDetails = isMultiplexed ? 'http2.remote_reset' : DOWNSTREAM_DISCONNECT.details;
    manager.stats.downstreamRqRxReset++;
    if (!isMultiplexed) {
      manager.stats.downstreamCxDestroyActiveRq++;
      manager.stats.downstreamCxDestroyRemoteActiveRq++;
    }
    this.#router.onDestroy(nowNs);
    this.#finish();
  }

  /** The proxy itself goes away. */
  onShutDown(nowNs: number): void {
    this.#router.onDestroy(nowNs);
    this.#finish();
  }

  onEvent(event: number, nowNs: number): void {
    if (event === BODY_SENT) {
      this.endResponse();
      return;
    }
    const { stats } = this.manager;
    this.#router.onDestroy(nowNs);
    if (event === IDLE_TIMEOUT) {
      stats.downstreamRqIdleTimeout++;
      this.#timeOut(timedOut('stream-idle'));
    } else {
      stats.downstreamRqMaxDurationReached++;
      const body = 'downstream duration timeout';
      const details = 'max_duration_timeout';
      this.#timeOut({ status: 504, flag: undefined, details, body, headers: [] });
    }
  }

  #runFilters(manager: ConnectionManager, nowNs: number): void {
    if (this.#filters === undefined || this.#filtersOf !== manager) {
      const { filters, dispatcher, filterPurpose, trace } = manager;
      this.#filters = new FilterRun(filters, dispatcher, filterPurpose, trace);
      this.#filtersOf = manager;
    }
    this.#isFiltered = true;
    this.#filters.start(this, nowNs);
  }

  /** For a reply before the router: logs name the route's cluster all the same, if there is one. */
  #nameCluster(): void {
    if (this.entry?.forward === undefined) return;
    const name = clusterNameOf(this.entry, this.request);
    const cluster = this.manager.clusters.get(name);
    if (cluster === undefined) return;
    this.info.upstreamCluster = name;
    this.info.clusterId = cluster.id;
  }

  #describeConnection(): void {
    this.manager.describe(this.info, this.connection.options);
  }

  #holdBack(delayNs: number): void {
    this.#bodyTimer ??= this.manager.dispatcher.createTimer(this, BODY_SENT);
    this.#bodyTimer.enable(delayNs);
  }

  #timeOut(outcome: Outcome): void {
    this.#isTimedOut = true;
    if (this.response === undefined) {
      this.sendLocalReply(outcome);
      return;
    }
    if (outcome.flag !== undefined) this.info.setFlag(outcome.flag);
    this.resetResponse(outcome.details);
  }

  #armTimers(manager: ConnectionManager, entry: RouteEntry | undefined): void {
    const { settings, dispatcher } = manager;
    const idleNs = entry?.forward?.idleTimeoutNs ?? settings.streamIdleTimeoutNs;
    if (idleNs > 0) {
      this.#idleTimer ??= dispatcher.createTimer(this, IDLE_TIMEOUT);
      this.#idleTimer.enable(idleNs);
    }
    this.#idleTimeoutNs = idleNs;
    const durationNs = this.#plan?.durationNs ?? settings.maxStreamDurationNs;
    if (durationNs > 0) {
      this.#durationTimer ??= dispatcher.createTimer(this, MAX_DURATION);
      this.#durationTimer.enable(durationNs);
    }
  }

  /** Counts, logs and lets go. What is still to be sent was read from the stream before. */
  #finish(): void {
    const connection = this.connection;
    const { manager } = connection;
    const { info } = this;
    const nowNs = manager.dispatcher.nowNs;
    info.endNs = nowNs;
    if (info.responseCode > 0) manager.stats.chargeResponse(info.responseCode);
    this.exchange.row = manager.streamEnded(this, connection.options);
    this.#router.reset();
    connection.forget(this, nowNs);
    this.#reset();
    this.pool.give(this);
  }

  #reset(): void {
    this.exchange.serverState = undefined;
    if (this.#idleTimeoutNs > 0) this.#idleTimer?.disable();
    this.#durationTimer?.disable();
    if (this.#isFiltered === true) {
      this.#filters!.reset();
      this.#bodyTimer?.disable();
      this.#isFiltered = false;
    }
    this.#hidesRoute = false;
    this.#isTimedOut = false;
    this.#lateFlag = undefined;
    this.#redirects = undefined;
    this.#plan = undefined;
    this.response = undefined;
    this.entry = undefined;
    this.info.reset();
  }
}

/** Streams of one proxy that nobody uses now, and what new ones are made from. */
export class StreamPool {
  declare readonly attempts: AttemptPool;
  /** The first of a chain by `older`. */
  #free: DownstreamStream | undefined;

  constructor(attempts: AttemptPool) {
    this.attempts = attempts;
  }

  take(connection: StreamConnection, exchange: Exchange): DownstreamStream {
    const stream = this.#free;
    if (stream === undefined) return new DownstreamStream(this, connection, exchange);
    this.#free = stream.older;
    stream.older = undefined;
    return stream;
  }

  give(stream: DownstreamStream): void {
    stream.older = this.#free;
    this.#free = stream;
  }
}
