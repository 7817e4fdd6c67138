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

/**
 * The connection pools of one worker to the hosts of one cluster, made as they are needed.
 *
 * @source envoy: source/common/upstream/cluster_manager_impl.cc, ThreadLocalClusterManagerImpl
 */
export class WorkerPools {
  declare private readonly cluster: PoolOwner;
  declare private readonly environment: PoolEnvironment;
  /** Those that have a pool, in the order in which they got the first. */
  readonly #hosts = new Set<Host>();
  /** By the host's `poolSlot` and the kind of pool (`kindOf`). */
  readonly #pools: (ConnectionPool | undefined)[] = [];

  constructor(cluster: PoolOwner) {
    this.cluster = cluster;
    this.environment = {
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
    const at = host.poolSlot * KINDS + kindOf(priority, protocol);
    const pool = at < this.#pools.length ? this.#pools[at] : undefined;
    return pool?.host === host ? pool : this.#make(host, priority, protocol);
  }

  onHostRemoved(host: Host, nowNs: number): void {
    for (const pool of this.#poolsOf(host)) pool.drainForDeletion(nowNs);
  }

  /** @source envoy: cluster_manager_impl.cc, onHostHealthFailure */
  onHostUnhealthy(host: Host, nowNs: number): void {
    for (const pool of this.#poolsOf(host)) {
      if (this.cluster.settings.closesOnHealthFailure) pool.closeConnections(nowNs);
      else pool.drainConnections(nowNs);
    }
  }

  drainAll(nowNs: number): void {
    for (const host of [...this.#hosts]) this.onHostRemoved(host, nowNs);
  }

  closeAll(nowNs: number): void {
    for (const host of this.#hosts) {
      for (const pool of this.#poolsOf(host)) pool.closeConnections(nowNs);
    }
  }

  #make(host: Host, priority: RoutePriority, protocol: WireProtocol): ConnectionPool | undefined {
    const resources = this.cluster.resources(priority);
    if (!resources.connectionPools.canCreate) {
      this.cluster.stats.upstreamCxPoolOverflow++;
      return undefined;
    }
    resources.connectionPools.current++;
    const options = connectOptionsTo(host, protocol, this.cluster);
    const pool = new ConnectionPool(this.environment, host, resources, options);
    this.#put(pool, host, kindOf(priority, protocol));
    return pool;
  }

  #put(pool: ConnectionPool, host: Host, kind: number): void {
    this.#hosts.add(host);
    if (host.poolSlot === 0) host.poolSlot = this.cluster.nextPoolSlot();
    const at = host.poolSlot * KINDS + kind;
    while (this.#pools.length <= at) this.#pools.push(undefined);
    this.#pools[at] = pool;
  }

  /** In the order of their kinds. */
  #poolsOf(host: Host): readonly ConnectionPool[] {
    if (!this.#hosts.has(host)) return [];
    const at = host.poolSlot * KINDS;
    return this.#pools.slice(at, at + KINDS).filter((it) => it !== undefined);
  }

  #onPoolIdle(pool: ConnectionPool): void {
    const { host } = pool;
    const at = this.#pools.indexOf(pool);
    if (at < 0) return;
    pool.resources.connectionPools.current--;
    this.#pools[at] = undefined;
    if (this.#poolsOf(host).length === 0) this.#hosts.delete(host);
  }
}

/** Pools of a host, by protocol and priority. */
const KINDS = 6;

function kindOf(priority: RoutePriority, protocol: WireProtocol): number {
  const kind = protocol === 'http/1.1' ? 0 : protocol === 'h2' ? 1 : 2;
  return priority === 'HIGH' ? kind + 3 : kind;
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
