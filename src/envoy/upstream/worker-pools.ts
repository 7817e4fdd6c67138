import type { Dispatcher } from '#kernel/dispatcher.ts';
import type { Cluster } from '#xds/cluster.ts';
import type { ConnectOptions, Network, WireProtocol } from '../network.ts';
import type { ClusterReport } from './cluster-report.ts';
import type { ClusterSettings } from './cluster-settings.ts';
import type { ClusterStats } from './cluster-stats.ts';
import { ConnectionPool, type PoolEnvironment } from './connection-pool.ts';
import type { Host } from './host.ts';
import type { ResourceManager } from './resource-manager.ts';
import { upstreamTlsOf } from './upstream-tls.ts';

/** What pools need of their cluster and proxy. */
export interface PoolOwner {
  readonly config: Cluster;
  readonly settings: ClusterSettings;
  readonly stats: ClusterStats;
  readonly report?: ClusterReport | undefined;
  readonly dispatcher: Dispatcher;
  readonly network: Network;
  readonly sourceAddress: string;
  readonly sourceProxy: number;
  resources(priority: RoutePriority): ResourceManager;
  nextWorkerKey(): number;
  /** The next number of a host that gets a pool, from 1. */
  nextPoolSlot(): number;
}

export type RoutePriority = 'DEFAULT' | 'HIGH';

/** The pools of one host and worker, by priority and protocol. */
class HostPools {
  readonly host: Host;
  http1: ConnectionPool | undefined;
  http2: ConnectionPool | undefined;
  tcp: ConnectionPool | undefined;
  highHttp1: ConnectionPool | undefined;
  highHttp2: ConnectionPool | undefined;
  highTcp: ConnectionPool | undefined;

  constructor(host: Host) {
    this.host = host;
  }

  get all(): readonly ConnectionPool[] {
    const { http1, http2, tcp, highHttp1, highHttp2, highTcp } = this;
    return [http1, http2, tcp, highHttp1, highHttp2, highTcp].filter((it) => it !== undefined);
  }
}

/**
 * The connection pools of one worker to the hosts of one cluster, made as they are needed.
 *
 * @source envoy: source/common/upstream/cluster_manager_impl.cc, ThreadLocalClusterManagerImpl
 */
export class WorkerPools {
  readonly #cluster: PoolOwner;
  readonly #environment: PoolEnvironment;
  readonly #byHost = new Map<Host, HostPools>();
  /** The same by `Host.poolSlot`: what a request asks. */
  readonly #bySlot: (HostPools | undefined)[] = [undefined];

  constructor(cluster: PoolOwner) {
    this.#cluster = cluster;
    this.#environment = {
      dispatcher: cluster.dispatcher,
      network: cluster.network,
      settings: cluster.settings,
      stats: cluster.stats,
      report: cluster.report,
      nextWorkerKey: () => cluster.nextWorkerKey(),
      onPoolIdle: (pool) => this.#onPoolIdle(pool),
    };
  }

  /** Undefined when the limit of pools is reached. */
  pool(host: Host, priority: RoutePriority, protocol: WireProtocol): ConnectionPool | undefined {
    const pools = this.#bySlot[host.poolSlot];
    const pool = pools?.host === host ? find(pools, priority, protocol) : undefined;
    return pool ?? this.#make(host, priority, protocol);
  }

  onHostRemoved(host: Host, nowNs: number): void {
    for (const pool of this.#byHost.get(host)?.all ?? []) pool.drainForDeletion(nowNs);
  }

  /** @source envoy: cluster_manager_impl.cc, onHostHealthFailure */
  onHostUnhealthy(host: Host, nowNs: number): void {
    for (const pool of this.#byHost.get(host)?.all ?? []) {
      if (this.#cluster.settings.closesOnHealthFailure) pool.closeConnections(nowNs);
      else pool.drainConnections(nowNs);
    }
  }

  drainAll(nowNs: number): void {
    for (const host of [...this.#byHost.keys()]) this.onHostRemoved(host, nowNs);
  }

  closeAll(nowNs: number): void {
    for (const pools of this.#byHost.values()) {
      for (const pool of pools.all) pool.closeConnections(nowNs);
    }
  }

  #make(host: Host, priority: RoutePriority, protocol: WireProtocol): ConnectionPool | undefined {
    const resources = this.#cluster.resources(priority);
    if (!resources.connectionPools.canCreate) {
      this.#cluster.stats.upstreamCxPoolOverflow++;
      return undefined;
    }
    resources.connectionPools.current++;
    const options = connectOptionsTo(host, protocol, this.#cluster);
    const pool = new ConnectionPool(this.#environment, host, resources, options);
    put(this.#poolsOf(host), priority, protocol, pool);
    return pool;
  }

  #poolsOf(host: Host): HostPools {
    let pools = this.#byHost.get(host);
    if (pools === undefined) {
      pools = new HostPools(host);
      this.#byHost.set(host, pools);
      if (host.poolSlot === 0) host.poolSlot = this.#cluster.nextPoolSlot();
      while (this.#bySlot.length < host.poolSlot) this.#bySlot.push(undefined);
      this.#bySlot[host.poolSlot] = pools;
    }
    return pools;
  }

  #onPoolIdle(pool: ConnectionPool): void {
    const pools = this.#byHost.get(pool.host);
    if (pools === undefined) return;
    pool.resources.connectionPools.current--;
    remove(pools, pool);
    if (pools.all.length > 0) return;
    this.#byHost.delete(pool.host);
    this.#bySlot[pool.host.poolSlot] = undefined;
  }
}

/** How a proxy connects to a host of its cluster. */
export function connectOptionsTo(
  host: Host,
  protocol: WireProtocol,
  cluster: Pick<PoolOwner, 'config' | 'sourceAddress' | 'sourceProxy'>,
): ConnectOptions {
  return {
    protocol,
    tls: upstreamTlsOf(cluster.config, host.description),
    sourceAddress: cluster.sourceAddress,
    originalDestination: host.address,
    workerKey: 0,
    sourceProxy: cluster.sourceProxy,
  };
}

function find(
  pools: HostPools,
  priority: RoutePriority,
  protocol: WireProtocol,
): ConnectionPool | undefined {
  if (priority === 'DEFAULT') {
    if (protocol === 'http/1.1') return pools.http1;
    return protocol === 'h2' ? pools.http2 : pools.tcp;
  }
  if (protocol === 'http/1.1') return pools.highHttp1;
  return protocol === 'h2' ? pools.highHttp2 : pools.highTcp;
}

function put(
  pools: HostPools,
  priority: RoutePriority,
  protocol: WireProtocol,
  pool: ConnectionPool,
): void {
  if (priority === 'DEFAULT') {
    if (protocol === 'http/1.1') pools.http1 = pool;
    else if (protocol === 'h2') pools.http2 = pool;
    else pools.tcp = pool;
  } else if (protocol === 'http/1.1') pools.highHttp1 = pool;
  else if (protocol === 'h2') pools.highHttp2 = pool;
  else pools.highTcp = pool;
}

function remove(pools: HostPools, pool: ConnectionPool): void {
  if (pools.http1 === pool) pools.http1 = undefined;
  if (pools.http2 === pool) pools.http2 = undefined;
  if (pools.tcp === pool) pools.tcp = undefined;
  if (pools.highHttp1 === pool) pools.highHttp1 = undefined;
  if (pools.highHttp2 === pool) pools.highHttp2 = undefined;
  if (pools.highTcp === pool) pools.highTcp = undefined;
}
