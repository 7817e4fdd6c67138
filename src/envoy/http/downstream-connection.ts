import type { EventTarget, Timer } from '#kernel/dispatcher.ts';
import type {
  ConnectOptions,
  Exchange,
  HttpRequest,
  ServerConnection,
  ServerHandler,
} from '../network.ts';
import { withoutPort } from './authority.ts';
import type { ClosableConnection, ConnectionManager } from './connection-manager.ts';
import { DownstreamStream, type StreamConnection, type StreamPool } from './downstream-stream.ts';
import { RequestProfile, RequestProfiles } from './request-profile.ts';
import type { RequestSanitizer } from './request-sanitizer.ts';
import type { ResponseEncoder } from './response-encoder.ts';

const IDLE_TIMEOUT = 0;
const MAX_DURATION = 1;
const DRAIN_TIMEOUT = 2;
const DELAYED_CLOSE = 3;

/** A small integer, and more requests than a connection ever has. */
const UNLIMITED = 2 ** 30;

/** What the connections of one connection manager share. */
export interface ConnectionParts {
  readonly streams: StreamPool;
  readonly sanitizer: RequestSanitizer;
  readonly profiles: RequestProfiles;
  readonly responseEncoder: ResponseEncoder;
}

/**
 * One connection from downstream, in the hands of a connection manager.
 *
 *     open ─▶ draining (no new requests: `connection: close` or GOAWAY was sent) ─▶ closed
 *
 * @source envoy: source/common/http/conn_manager_impl.cc, ConnectionManagerImpl
 */
export class DownstreamConnection
  implements ServerHandler, StreamConnection, ClosableConnection, EventTarget
{
  declare readonly manager: ConnectionManager;
  declare readonly server: ServerConnection;
  declare readonly options: ConnectOptions;
  declare readonly worker: number;
  declare readonly remoteAddress: string;
  declare readonly localAddress: string;
  declare readonly responseEncoder: ResponseEncoder;
  declare private readonly streamPool: StreamPool;
  declare private readonly sanitizer: RequestSanitizer;
  declare private readonly profiles: RequestProfiles;
  /** The streams are a list of links; on HTTP/1.1 there is one at most. */
  #newest: DownstreamStream | undefined;
  #isClosed = false;
  #shallDrain = false;
  /** The client was told to go elsewhere. */
  #isDraining = false;
  #requestCount = 0;
  declare private maxRequests: number;
  #startNs = Number.NaN;
  isSpent = false;
  #idleSinceNs = Number.NaN;
  #isIdleTimed = false;
  #idleTimer: Timer | undefined;
  #durationTimer: Timer | undefined;
  #drainTimer: Timer | undefined;
  #closeTimer: Timer | undefined;

  constructor(
    manager: ConnectionManager,
    server: ServerConnection,
    shared: ConnectionParts,
    nowNs: number,
  ) {
    const { options } = server;
    this.manager = manager;
    this.#startNs = nowNs;
    this.server = server;
    this.options = options;
    this.worker = options.workerKey % manager.identity.workerCount;
    this.remoteAddress = options.sourceAddress;
    this.localAddress = options.originalDestination;
    this.responseEncoder = shared.responseEncoder;
    this.streamPool = shared.streams;
    this.sanitizer = shared.sanitizer;
    this.profiles = shared.sanitizer.dependsOnAddress ? new RequestProfiles() : shared.profiles;
    manager.connections.add(this);
    manager.countConnection(options.protocol);
    const { maxConnectionDurationNs, maxRequestsPerConnection } = manager.settings;
    this.maxRequests = maxRequestsPerConnection || UNLIMITED;
    if (maxConnectionDurationNs > 0) {
      this.#durationTimer = manager.dispatcher.createTimer(this, MAX_DURATION);
      this.#durationTimer.enable(maxConnectionDurationNs);
    }
    this.#becameIdle(nowNs);
  }

  onRequest(exchange: Exchange, nowNs: number): void {
    const stream = this.streamPool.take(this, exchange);
    if (this.#newest !== undefined) {
      stream.older = this.#newest;
      this.#newest.newer = stream;
    }
    this.#newest = stream;
    this.#requestCount++;
    stream.start(this, exchange, nowNs);
  }

  onRequestReset(exchange: Exchange, nowNs: number): void {
    const stream = exchange.serverState;
    if (stream instanceof DownstreamStream) stream.onDownstreamReset(nowNs);
  }

  onClientClose(): void {
    this.#onClosed('remote');
  }

  profile(request: HttpRequest): RequestProfile {
    const known = this.profiles.find(request);
    if (known !== undefined) return known;
    const sanitized = this.sanitizer.sanitize(
      request,
      withoutPort(this.remoteAddress),
      this.localAddress,
    );
    return this.profiles.add(request, new RequestProfile(sanitized));
  }

  renamed(request: HttpRequest, isInternal: boolean): RequestProfile {
    return new RequestProfile(this.sanitizer.renamed(request, isInternal));
  }

  announcesClose(): boolean {
    if (this.#requestCount >= this.maxRequests) {
      this.manager.stats.downstreamCxMaxRequestsReached++;
      this.isSpent = this.#isHttp1;
      this.maxRequests = UNLIMITED; // Is counted once.
    } else {
      if (this.#isDraining === true) return this.#isHttp1;
      if (this.#shallDrain === false) return false;
      this.manager.stats.downstreamCxDrainClose++;
    }
    this.#isDraining = true;
    return true;
  }

  forget(stream: DownstreamStream, nowNs: number): void {
    const { older, newer } = stream;
    if (newer !== undefined) newer.older = older;
    // As a constant: what may be a pointer is dearer to store (docs/performance.md).
    else if (older === undefined) this.#newest = undefined;
    else this.#newest = older;
    if (older !== undefined) older.newer = newer;
    stream.older = undefined;
    stream.newer = undefined;
    if (this.#newest === undefined) this.#becameIdle(nowNs);
  }

  closeDelayed(): void {
    this.#idleTimer?.disable();
    this.#isIdleTimed = true; // It is not armed again.
    const { delayedCloseTimeoutNs } = this.manager.settings;
    if (delayedCloseTimeoutNs === 0) {
      this.close();
      return;
    }
    this.#closeTimer ??= this.manager.dispatcher.createTimer(this, DELAYED_CLOSE);
    this.#closeTimer.enable(delayedCloseTimeoutNs);
  }

  startDraining(): void {
    this.#shallDrain = true;
  }

  shutDown(nowNs: number): void {
    if (this.#isClosed) return;
    this.server.hangUp();
    while (this.#newest !== undefined) this.#newest.onShutDown(nowNs);
    this.#onClosed('local');
  }

  onEvent(event: number, nowNs: number): void {
    if (event === IDLE_TIMEOUT) this.#onIdleTimeout(nowNs);
    else if (event === MAX_DURATION) this.#onMaxDuration();
    else if (event === DELAYED_CLOSE) {
      if (!this.#isClosed) this.manager.stats.downstreamCxDelayedCloseTimeout++;
      this.close();
    } else if (this.#newest === undefined) this.close();
  }

  close(): void {
    if (this.#isClosed) return;
    this.server.hangUp();
    this.#onClosed('local');
  }

  get #isHttp1(): boolean {
    return this.options.protocol !== 'h2';
  }

  #becameIdle(nowNs: number): void {
    this.#idleSinceNs = nowNs;
    // Like the pools' idle timers: armed once, it looks for itself when it fires.
    if (this.#isIdleTimed === true) return;
    const timeoutNs = this.manager.settings.connectionIdleTimeoutNs;
    if (timeoutNs === 0) return;
    this.#isIdleTimed = true;
    this.#idleTimer ??= this.manager.dispatcher.createTimer(this, IDLE_TIMEOUT);
    this.#idleTimer.enable(timeoutNs);
  }

  #onIdleTimeout(nowNs: number): void {
    this.#isIdleTimed = false;
    if (this.#newest !== undefined) return;
    const leftNs = this.#idleSinceNs + this.manager.settings.connectionIdleTimeoutNs - nowNs;
    if (leftNs > 0) {
      this.#isIdleTimed = true;
      this.#idleTimer?.enable(leftNs);
      return;
    }
    this.manager.stats.downstreamCxIdleTimeout++;
    this.#startDrain();
  }

  #onMaxDuration(): void {
    this.manager.stats.downstreamCxMaxDurationReached++;
    this.#startDrain();
  }

  /**
   * HTTP/2 is told at once, HTTP/1.1 with the next answer; whoever does not leave is closed in the end.
   *
   * @source envoy: source/common/http/conn_manager_impl.cc, ConnectionManagerImpl::startDrainSequence
   */
  #startDrain(): void {
    if (this.#isDraining) return;
    this.#isDraining = true;
    if (this.options.protocol === 'h2') this.server.goAway();
    this.#drainTimer ??= this.manager.dispatcher.createTimer(this, DRAIN_TIMEOUT);
    this.#drainTimer.enable(this.manager.settings.drainTimeoutNs);
  }

  #onClosed(by: 'local' | 'remote'): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#idleTimer?.disable();
    this.#durationTimer?.disable();
    this.#drainTimer?.disable();
    this.#closeTimer?.disable();
    this.manager.connections.delete(this);
    this.manager.countConnectionClosed(this.options.protocol, by, this.#startNs);
  }
}
