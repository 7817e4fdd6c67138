/**
 * The pool of connections to one host for one protocol, priority and worker.
 *
 * A stream that finds a ready connection is attached at once. Otherwise it waits (first come, first
 * served) while the pool opens connections: as many as the waiting streams need beyond the capacity
 * that is being established, within the connection limit; a pool without any connection opens one
 * whatever the limit says. A failed connect fails everything that waits.
 *
 * Lists: `#ready` is a stack, the connection that became ready last is used first. Every connection
 * that is not closed is in `#connections`.
 *
 * @source envoy: source/common/conn_pool/conn_pool_base.cc, source/common/http/http1/conn_pool.cc,
 *   source/common/http/http2/conn_pool.cc
 */
import { assert } from '#kernel/assert.ts';
import type { Dispatcher, EventTarget } from '#kernel/dispatcher.ts';
import type { ConnectOptions, Network, WireProtocol } from '../network.ts';
import type { ClusterReport } from './cluster-report.ts';
import type { ClusterSettings } from './cluster-settings.ts';
import type { ClusterStats } from './cluster-stats.ts';
import type { Host } from './host.ts';
import { localPort } from './local-port.ts';
import type { PoolClient, PoolFailure } from './pool-client.ts';
import type { RequestWindow } from './request-window.ts';
import type { Resource, ResourceManager } from './resource-manager.ts';
import {
  type ConnectionParent,
  ConnectionState,
  UpstreamConnection,
} from './upstream-connection.ts';

/** What a pool needs of its cluster and proxy. */
export interface PoolEnvironment {
  readonly dispatcher: Dispatcher;
  readonly network: Network;
  readonly settings: ClusterSettings;
  readonly stats: ClusterStats;
  /** Who is told of gauges and overflows; absent = nobody. */
  readonly report?: ClusterReport | undefined;
  /** For the next connection: which worker of the peer takes it. */
  nextWorkerKey(): number;
  /** Called when the last connection and the last waiting stream are gone. */
  onPoolIdle(pool: ConnectionPool): void;
}

const MAX_CONNECTIONS_PER_TRIGGER = 3;

export class ConnectionPool implements ConnectionParent, EventTarget {
  declare readonly host: Host;
  declare readonly protocol: WireProtocol;
  declare readonly resources: ResourceManager;
  declare readonly dispatcher: Dispatcher;
  declare readonly network: Network;
  declare readonly settings: ClusterSettings;
  declare readonly stats: ClusterStats;
  declare readonly isMultiplexed: boolean;
  declare readonly concurrentStreams: number;
  declare private readonly environment: PoolEnvironment;
  declare private readonly report: ClusterReport | undefined;
  declare private readonly requests: Resource;
  declare private readonly starts: RequestWindow | undefined;
  declare private readonly connectOptions: ConnectOptions;
  readonly #ready: UpstreamConnection[] = [];
  readonly #connections: UpstreamConnection[] = [];
  #connectingStreamCapacity = 0;
  #connectedStreamCapacity = 0;
  #activeStreams = 0;
  #oldestPending: PoolClient | undefined;
  #newestPending: PoolClient | undefined;
  #pendingCount = 0;
  /** The newest of the streams that a failed connect is failing right now. */
  #purging: PoolClient | undefined;
  #isReadyEventScheduled = false;
  #isDrainingForDeletion = false;

  constructor(
    environment: PoolEnvironment,
    host: Host,
    resources: ResourceManager,
    connectOptions: ConnectOptions,
  ) {
    this.environment = environment;
    this.report = environment.report;
    this.host = host;
    this.resources = resources;
    this.requests = resources.requests;
    this.starts = resources.starts;
    this.connectOptions = connectOptions;
    this.protocol = connectOptions.protocol;
    this.dispatcher = environment.dispatcher;
    this.network = environment.network;
    this.settings = environment.settings;
    this.stats = environment.stats;
    this.isMultiplexed = connectOptions.protocol === 'h2';
    this.concurrentStreams = this.isMultiplexed ? environment.settings.maxConcurrentStreams : 1;
  }

  get connectionCount(): number {
    return this.#connections.length;
  }

  get isIdle(): boolean {
    return this.#connections.length === 0 && this.#pendingCount === 0;
  }

  /** Of one more connection. */
  nextConnectOptions(): ConnectOptions {
    const workerKey = this.environment.nextWorkerKey();
    const sourceAddress = `${this.connectOptions.sourceAddress}:${localPort(workerKey)}`;
    return { ...this.connectOptions, sourceAddress, workerKey };
  }

  /** Attaches, queues or refuses `client`; it hears which through its callbacks. */
  newStream(client: PoolClient, nowNs: number): void {
    const ready = this.#ready;
    if (ready.length > 0) {
      this.#attach(client, ready[ready.length - 1]!, nowNs);
      if (this.settings.preconnectRatio > 1) this.#createConnections();
      return;
    }
    if (!this.resources.pendingRequests.canCreate) {
      this.stats.upstreamRqPendingOverflow++;
      this.report?.overflowed('pending');
      client.onPoolFailure('overflow', undefined, '', nowNs);
      return;
    }
    this.#enqueue(client);
    this.#createConnections();
  }

  /**
   * `client` waits no longer. A TCP session takes the connection under way with it, unless others need it.
   *
   * @source envoy: conn_pool_base.cc, onPendingStreamCancel; tcp_proxy/upstream.cc, ~TcpConnPool (CloseExcess)
   */
  cancelPending(client: PoolClient, nowNs: number): void {
    this.#dequeue(client);
    if (this.protocol === 'tcp') this.#closeExcess(nowNs);
    this.stats.upstreamRqCancelled++;
    this.#checkIdle();
  }

  /** A stream of `connection` has ended. `mayReuse` is false when its connection has to go. */
  onStreamClosed(connection: UpstreamConnection, mayReuse: boolean, nowNs: number): void {
    this.#releaseStream(connection, nowNs);
    if (connection.state === ConnectionState.closed) return;
    if (mayReuse === false) {
      connection.close(nowNs);
      return;
    }
    if (connection.state === ConnectionState.draining) {
      if (connection.activeStreams === 0) connection.close(nowNs);
      return;
    }
    if (connection.state === ConnectionState.busy && connection.unusedCapacity > 0) {
      connection.state = ConnectionState.ready;
      this.#ready.push(connection);
    }
    if (this.#pendingCount > 0) this.#scheduleReady();
  }

  /** Takes a stream of a connection that was lost or closed out of the books. */
  onStreamLost(connection: UpstreamConnection, nowNs: number): void {
    this.#releaseStream(connection, nowNs);
  }

  onConnected(connection: UpstreamConnection, nowNs: number): void {
    this.stats.histograms?.connected(connection.startedNs, nowNs);
    if (connection.state === ConnectionState.connecting) {
      const capacity = connection.unusedCapacity;
      this.#connectingStreamCapacity -= capacity;
      this.#connectedStreamCapacity += capacity;
      connection.state = ConnectionState.ready;
      this.#ready.push(connection);
    }
    this.#serve(nowNs);
    this.#checkIdle();
  }

  /** The connection is gone. `by`: which end closed it. */
  onConnectionClosed(connection: UpstreamConnection, by: 'local' | 'remote', nowNs: number): void {
    if (connection.state === ConnectionState.closed) return;
    this.#removeCapacity(connection);
    connection.remainingStreams = 0;
    this.#countDestroyed(by, connection.lostStreams);
    const wasConnecting = connection.state === ConnectionState.connecting;
    this.#remove(connection);
    this.stats.histograms?.connectionEnded(connection.startedNs, nowNs);
    if (wasConnecting) this.#onConnectFailed(connection, nowNs);
    if (this.#pendingCount > 0) this.#createConnections();
    this.#checkIdle();
    connection.closeListener?.onUpstreamClosed(nowNs);
  }

  /** No new streams on it; it closes when the last one ends. */
  drainConnection(connection: UpstreamConnection, nowNs: number): void {
    if (connection.state >= ConnectionState.draining) return;
    if (connection.activeStreams === 0 && !connection.lostStreams) {
      connection.close(nowNs);
      return;
    } // One that lost its streams is closing from the other end.
    this.#removeCapacity(connection);
    this.#removeFromReady(connection);
    connection.remainingStreams = 0;
    connection.state = ConnectionState.draining;
  }

  /** Idle connections close, busy ones finish, none is used again: the host became unhealthy. */
  drainConnections(nowNs: number): void {
    for (const connection of [...this.#connections]) {
      if (connection.state === ConnectionState.connecting && this.#pendingCount > 0) continue;
      this.drainConnection(connection, nowNs);
    }
  }

  /** Closes all connections at once; streams on them are lost. */
  closeConnections(nowNs: number): void {
    for (const connection of [...this.#connections]) {
      connection.lostStreams = connection.activeStreams > 0;
      connection.wire?.abort(nowNs);
      connection.close(nowNs);
    }
  }

  /** The host was removed: running and waiting streams finish, then the pool reports that it is idle. */
  drainForDeletion(nowNs: number): void {
    this.#isDrainingForDeletion = true;
    if (this.#pendingCount === 0) this.drainConnections(nowNs);
    this.#checkIdle();
  }

  onEvent(_event: number, nowNs: number): void {
    this.#isReadyEventScheduled = false;
    this.#serve(nowNs);
    if (this.#isDrainingForDeletion && this.#pendingCount === 0) this.drainConnections(nowNs);
  }

  /** @source envoy: conn_pool_base.cc, attachStreamToClient */
  #attach(client: PoolClient, connection: UpstreamConnection, nowNs: number): void {
    const { stats, host } = this;
    const requests = this.requests;
    // One TCP session is one connection: only HTTP streams count as requests.
    if (this.protocol !== 'tcp' && !requests.canCreate) {
      stats.upstreamRqActiveOverflow++;
      this.report?.overflowed('requests');
      client.onPoolFailure('overflow', host, '', nowNs);
      return;
    }
    const capacity = connection.unusedCapacity;
    if (--connection.remainingStreams === 0) {
      stats.upstreamCxMaxRequests++;
      this.#popReady(connection);
      connection.state = ConnectionState.draining;
    } else if (capacity === 1) {
      this.#popReady(connection);
      connection.state = ConnectionState.busy;
    }
    this.#connectedStreamCapacity--;
    connection.activeStreams++;
    this.#activeStreams++;
    host.rqTotal++;
    host.rqActive++;
    stats.upstreamRqTotal++;
    stats.upstreamRqActive++;
    requests.current++;
    if (this.starts !== undefined) this.starts.add(nowNs);
    this.report?.requestsChanged(nowNs);
    client.onPoolReady(connection, nowNs);
  }

  /** @source envoy: conn_pool_base.cc, onStreamClosed */
  #releaseStream(connection: UpstreamConnection, nowNs: number): void {
    const { stats, host } = this;
    this.#activeStreams--;
    host.rqActive--;
    stats.upstreamRqActive--;
    this.requests.current--;
    this.report?.requestsChanged(nowNs);
    if (connection.state < ConnectionState.draining) {
      // Capacity comes back only if concurrency was what limited it, not the streams of its life.
      const concurrentLeft = this.concurrentStreams - connection.activeStreams;
      if (connection.remainingStreams > concurrentLeft) this.#connectedStreamCapacity++;
    }
    connection.activeStreams--;
    if (connection.activeStreams === 0 && connection.state !== ConnectionState.closed)
      connection.onIdle(nowNs);
  }

  /** @source envoy: conn_pool_base.cc, onUpstreamReady */
  #serve(nowNs: number): void {
    const ready = this.#ready;
    while (this.#oldestPending !== undefined && ready.length > 0) {
      const client = this.#oldestPending;
      const connection = ready[ready.length - 1]!;
      this.#dequeue(client);
      this.#attach(client, connection, nowNs);
    }
    if (this.#pendingCount > 0) this.#createConnections();
  }

  #scheduleReady(): void {
    if (this.#isReadyEventScheduled) return;
    this.#isReadyEventScheduled = true;
    this.dispatcher.schedule(0, this, 0);
  }

  #createConnections(): void {
    for (let count = 0; count < MAX_CONNECTIONS_PER_TRIGGER; count++) {
      if (!this.#createConnection()) return;
    }
  }

  /** @source envoy: conn_pool_base.cc, tryCreateNewConnection. True when one was made within the limits. */
  #createConnection(): boolean {
    if (!this.#shouldConnect()) return false;
    const { stats, host } = this;
    const connections = this.resources.connections;
    const isAllowed = connections.canCreate && host.cxActive < this.settings.maxConnectionsPerHost;
    if (!isAllowed) {
      stats.upstreamCxOverflow++;
      this.report?.overflowed('connections');
    }
    if (!isAllowed && this.#connections.length > 0) return false;
    const connection = new UpstreamConnection(this);
    connections.take();
    stats.upstreamCxTotal++;
    stats.upstreamCxActive++;
    this.report?.connectionsChanged();
    if (this.protocol === 'h2') stats.upstreamCxHttp2Total++;
    else if (this.protocol === 'http/1.1') stats.upstreamCxHttp1Total++;
    host.cxTotal++;
    host.cxActive++;
    connection.index = this.#connections.length;
    this.#connections.push(connection);
    this.#connectingStreamCapacity += connection.unusedCapacity;
    connection.connect();
    return isAllowed;
  }

  /** @source envoy: conn_pool_base.cc, connectingConnectionIsExcess */
  #closeExcess(nowNs: number): void {
    const newest = this.#connections.findLast(({ state }) => state === ConnectionState.connecting);
    if (newest === undefined) return;
    const wanted = (this.#pendingCount + this.#activeStreams) * this.settings.preconnectRatio;
    const without = this.#connectingStreamCapacity - newest.unusedCapacity;
    if (wanted > without + this.#activeStreams) return;
    this.#removeCapacity(newest);
    newest.remainingStreams = 0;
    newest.state = ConnectionState.draining; // That it never connected is no failure then.
    newest.close(nowNs);
  }

  /** @source envoy: conn_pool_base.cc, shouldCreateNewConnection */
  #shouldConnect(): boolean {
    if (this.host.health !== 'healthy') return this.#pendingCount > this.#connectingStreamCapacity;
    return shouldConnect(
      this.#pendingCount,
      this.#activeStreams,
      this.#connectingStreamCapacity + this.#connectedStreamCapacity,
      this.settings.preconnectRatio,
    );
  }

  /** Everything that waits fails, newest first; what retries at once waits in a new queue. */
  #onConnectFailed(connection: UpstreamConnection, nowNs: number): void {
    this.stats.upstreamCxConnectFail++;
    this.host.cxConnectFail++;
    const failure = poolFailureOf(connection);
    const transportFailure = transportFailureOf(connection);
    this.#purging = this.#newestPending;
    this.#newestPending = undefined;
    this.#oldestPending = undefined;
    this.#pendingCount = 0;
    while (this.#purging !== undefined) {
      const client: PoolClient = this.#purging;
      this.#purging = client.previousPending;
      if (this.#purging !== undefined) this.#purging.nextPending = undefined;
      client.previousPending = undefined;
      this.stats.upstreamRqPendingFailureEject++;
      client.onPoolFailure(failure, this.host, transportFailure, nowNs);
      this.#uncountPending(); // While it decides about a retry it still counts.
    }
  }

  #enqueue(client: PoolClient): void {
    client.previousPending = this.#newestPending;
    client.nextPending = undefined;
    if (this.#newestPending === undefined) this.#oldestPending = client;
    else this.#newestPending.nextPending = client;
    this.#newestPending = client;
    this.#pendingCount++;
    this.resources.pendingRequests.current++;
    this.stats.upstreamRqPendingTotal++;
    this.stats.upstreamRqPendingActive++;
    this.report?.pendingChanged();
  }

  #dequeue(client: PoolClient): void {
    const { previousPending, nextPending } = client;
    const isPurged = this.#isBeingPurged(client);
    if (previousPending !== undefined) previousPending.nextPending = nextPending;
    else if (this.#oldestPending === client) this.#oldestPending = nextPending;
    if (nextPending !== undefined) nextPending.previousPending = previousPending;
    else if (this.#newestPending === client) this.#newestPending = previousPending;
    if (this.#purging === client) this.#purging = previousPending;
    client.previousPending = undefined;
    client.nextPending = undefined;
    if (!isPurged) this.#pendingCount--;
    this.#uncountPending();
  }

  #uncountPending(): void {
    this.resources.pendingRequests.current--;
    this.stats.upstreamRqPendingActive--;
    this.report?.pendingChanged();
  }

  #isBeingPurged(client: PoolClient): boolean {
    for (let purged = this.#purging; purged !== undefined; purged = purged.previousPending) {
      if (purged === client) return true;
    }
    return false;
  }

  #countDestroyed(by: 'local' | 'remote', hadActiveStream: boolean): void {
    const stats = this.stats;
    stats.upstreamCxDestroy++;
    if (by === 'local') stats.upstreamCxDestroyLocal++;
    else stats.upstreamCxDestroyRemote++;
    if (!hadActiveStream) return;
    stats.upstreamCxDestroyWithActiveRq++;
    if (by === 'local') stats.upstreamCxDestroyLocalWithActiveRq++;
    else stats.upstreamCxDestroyRemoteWithActiveRq++;
  }

  #remove(connection: UpstreamConnection): void {
    this.#removeFromReady(connection);
    connection.disableTimers();
    connection.state = ConnectionState.closed;
    const last = this.#connections.pop()!;
    if (last !== connection) {
      this.#connections[connection.index] = last;
      last.index = connection.index;
    }
    this.resources.connections.current--;
    this.stats.upstreamCxActive--;
    this.report?.connectionsChanged();
    this.host.cxActive--;
    assert(this.host.cxActive >= 0, 'a host has no negative number of connections');
  }

  #removeCapacity(connection: UpstreamConnection): void {
    if (connection.state === ConnectionState.connecting) {
      this.#connectingStreamCapacity -= connection.unusedCapacity;
    } else if (connection.state !== ConnectionState.draining) {
      this.#connectedStreamCapacity -= connection.unusedCapacity;
    }
  }

  #popReady(connection: UpstreamConnection): void {
    const last = this.#ready.pop();
    assert(last === connection, 'streams go to the connection that became ready last');
  }

  #removeFromReady(connection: UpstreamConnection): void {
    if (connection.state !== ConnectionState.ready) return;
    this.#ready.splice(this.#ready.lastIndexOf(connection), 1);
  }

  #checkIdle(): void {
    if (this.#isDrainingForDeletion && this.isIdle) this.environment.onPoolIdle(this);
  }
}

/**
 * Whether the streams that wait and run, times the preconnect ratio, are more than connections have
 * room for. `capacity`: what is free on connections, established or not.
 *
 * @source envoy: conn_pool_base.cc, ConnPoolImplBase::shouldConnect
 */
export function shouldConnect(
  pendingStreams: number,
  activeStreams: number,
  capacity: number,
  preconnectRatio: number,
): boolean {
  return (pendingStreams + activeStreams) * preconnectRatio > capacity + activeStreams;
}

function poolFailureOf(connection: UpstreamConnection): PoolFailure {
  switch (connection.connectFailure) {
    case 'timeout':
      return 'connection-timeout';
    case 'local-close':
      return 'local-connection-failure';
    default:
      return 'remote-connection-failure';
  }
}

function transportFailureOf(connection: UpstreamConnection): string {
  switch (connection.connectFailure) {
    case 'connection-refused':
      return 'delayed connect error: Connection refused';
    case 'unreachable':
      return 'delayed connect error: No route to host';
    case 'tls-error':
      return 'TLS_error: Connection reset';
    default:
      return '';
  }
}
