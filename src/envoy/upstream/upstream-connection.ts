import type { Dispatcher, EventTarget, Timer } from '#kernel/dispatcher.ts';
import type {
  ConnectFailure,
  Connection,
  ConnectionOwner,
  ConnectOptions,
  Network,
} from '../network.ts';
import type { ClusterSettings } from './cluster-settings.ts';
import type { ClusterStats } from './cluster-stats.ts';
import type { Host } from './host.ts';

/**
 * What a connection of a pool is doing, in the order of its life. Small integers, because each request asks for it
 * several times.
 */
export const ConnectionState = {
  connecting: 0,
  ready: 1,
  busy: 2,
  draining: 3,
  closed: 4,
} as const;

type ConnectionState = (typeof ConnectionState)[keyof typeof ConnectionState];

/** Whoever has joined a connection of its own to one upstream: what ends here ends there. */
export interface CloseListener {
  onUpstreamGoAway(): void;
  onUpstreamClosed(nowNs: number): void;
}

/** The pool that a connection belongs to, as the connection and its streams know it. */
export interface ConnectionParent {
  readonly dispatcher: Dispatcher;
  readonly network: Network;
  readonly host: Host;
  readonly settings: ClusterSettings;
  readonly stats: ClusterStats;
  readonly isMultiplexed: boolean;
  readonly concurrentStreams: number;
  nextConnectOptions(): ConnectOptions;
  onConnected(connection: UpstreamConnection, nowNs: number): void;
  /** `by`: which end closed it. */
  onConnectionClosed(connection: UpstreamConnection, by: 'local' | 'remote', nowNs: number): void;
  drainConnection(connection: UpstreamConnection, nowNs: number): void;
  /** A stream has ended. `mayReuse` is false when the connection has to go. */
  onStreamClosed(connection: UpstreamConnection, mayReuse: boolean, nowNs: number): void;
  /** A stream went with its connection. */
  onStreamLost(connection: UpstreamConnection, nowNs: number): void;
}

const CONNECT_TIMEOUT = 0;
const IDLE_TIMEOUT = 1;
const MAX_DURATION = 2;

/**
 * One connection of a pool (Envoy's ActiveClient). The pool decides; this object owns the wire, its
 * timers and its share of the capacity.
 *
 *     connecting ──▶ ready ◀──▶ busy          ready: may take another stream now
 *         │            │          │           busy: at its concurrent limit
 *         │            └──▶ draining ◀┘       draining: takes no more, closes after the last stream
 *         └──────────────▶ closed
 *
 * @source envoy: source/common/conn_pool/conn_pool_base.cc, ActiveClient; source/common/http/codec_client.cc
 */
export class UpstreamConnection implements ConnectionOwner, EventTarget {
  declare readonly pool: ConnectionParent;
  state: ConnectionState = ConnectionState.connecting;
  /** Position in the pool's list of all connections. */
  index = -1;
  wire: Connection | undefined;
  /** `ip:port` of this end. */
  localAddress = '';
  /** Streams it may still take in its life. */
  declare remainingStreams: number;
  activeStreams = 0;
  isConnected = false;
  startedNs = Number.NaN;
  connectedNs = Number.NaN;
  /** The response said that this connection ends with it. */
  closesAfterResponse = false;
  /** It ends, or has ended, with streams that were not complete. */
  lostStreams = false;
  /** Who has to know at once when it is gone; nobody as a rule. */
  closeListener: CloseListener | undefined = undefined;
  connectFailure: ConnectFailure | 'timeout' | 'local-close' = 'local-close';
  #idleSinceNs = Number.NaN;
  /** Of the idle timer, so that a request need not touch it: 3 % of W1 for three such timers. */
  #isIdleTimed = false;
  declare private readonly connectTimer: Timer;
  #idleTimer: Timer | undefined;
  #durationTimer: Timer | undefined;

  constructor(pool: ConnectionParent) {
    this.pool = pool;
    this.remainingStreams = pool.settings.maxRequestsPerConnection;
    this.connectTimer = pool.dispatcher.createTimer(this, CONNECT_TIMEOUT);
  }

  /** How many streams it could take beside those it has. */
  get unusedCapacity(): number {
    const concurrent = this.pool.concurrentStreams - this.activeStreams;
    return Math.min(this.remainingStreams, concurrent);
  }

  connect(): void {
    const pool = this.pool;
    this.startedNs = pool.dispatcher.nowNs;
    this.connectTimer.enable(pool.settings.connectTimeoutNs);
    const options = pool.nextConnectOptions();
    this.localAddress = options.sourceAddress;
    this.wire = pool.network.connect(pool.host.address, options, this);
  }

  /** Closes from this end; streams on it must have been given back before. */
  close(nowNs: number): void {
    if (this.state === ConnectionState.closed) return;
    this.wire?.close();
    this.pool.onConnectionClosed(this, 'local', nowNs);
  }

  /** Ends what is sent from this end; the other end closes. */
  closeInTurn(nowNs: number): void {
    if (this.state === ConnectionState.closed) return;
    this.wire?.close();
    this.pool.onConnectionClosed(this, 'remote', nowNs);
  }

  /** No stream is left: the idle time runs from now. */
  onIdle(nowNs: number): void {
    this.#idleSinceNs = nowNs;
    // One timer per idle spell would be armed and cancelled with each request. This one stays armed
    // and looks, when it fires, how long the connection has really been idle.
    if (this.#isIdleTimed === true) return;
    const idleTimeoutNs = this.pool.settings.idleTimeoutNs;
    if (idleTimeoutNs === 0) return;
    this.#isIdleTimed = true;
    this.#idleTimer ??= this.pool.dispatcher.createTimer(this, IDLE_TIMEOUT);
    this.#idleTimer.enable(idleTimeoutNs);
  }

  disableTimers(): void {
    this.connectTimer.disable();
    this.#idleTimer?.disable();
    this.#durationTimer?.disable();
  }

  onConnected(_connection: Connection, nowNs: number): void {
    this.connectTimer.disable();
    this.isConnected = true;
    this.connectedNs = nowNs;
    const maxDurationNs = this.pool.settings.maxConnectionDurationNs;
    if (maxDurationNs > 0) {
      this.#durationTimer = this.pool.dispatcher.createTimer(this, MAX_DURATION);
      this.#durationTimer.enable(maxDurationNs);
    }
    if (this.activeStreams === 0) this.onIdle(nowNs);
    this.pool.onConnected(this, nowNs);
  }

  onConnectFailure(_connection: Connection, failure: ConnectFailure, nowNs: number): void {
    this.connectFailure = failure;
    this.pool.onConnectionClosed(this, 'remote', nowNs);
  }

  onRemoteClose(_connection: Connection, nowNs: number): void {
    this.pool.onConnectionClosed(this, 'remote', nowNs);
  }

  onGoAway(_connection: Connection, nowNs: number): void {
    if (this.closeListener !== undefined) {
      this.closeListener.onUpstreamGoAway();
      return;
    }
    this.pool.stats.upstreamCxCloseNotify++;
    if (this.pool.isMultiplexed) this.pool.drainConnection(this, nowNs);
    else this.closesAfterResponse = true;
  }

  onEvent(event: number, nowNs: number): void {
    if (event === CONNECT_TIMEOUT) this.#onConnectTimeout(nowNs);
    else if (event === IDLE_TIMEOUT) this.#onIdleTimeout(nowNs);
    else this.#onMaxDuration(nowNs);
  }

  #onConnectTimeout(nowNs: number): void {
    this.pool.stats.upstreamCxConnectTimeout++;
    this.connectFailure = 'timeout';
    this.close(nowNs);
  }

  #onIdleTimeout(nowNs: number): void {
    this.#isIdleTimed = false;
    if (this.activeStreams > 0) return; // Armed anew when the last stream ends.
    const leftNs = this.#idleSinceNs + this.pool.settings.idleTimeoutNs - nowNs;
    if (leftNs > 0) {
      this.#isIdleTimed = true;
      this.#idleTimer?.enable(leftNs);
      return;
    }
    this.pool.stats.upstreamCxIdleTimeout++;
    this.close(nowNs);
  }

  #onMaxDuration(nowNs: number): void {
    this.pool.stats.upstreamCxMaxDurationReached++;
    this.pool.drainConnection(this, nowNs);
  }
}
