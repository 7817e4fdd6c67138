import type { Acceptor } from '#envoy/network.ts';
import { EnvoyProxy } from '#envoy/proxy.ts';
import type { ProxyObserver, ProxySnapshot } from '#envoy/proxy-environment.ts';
import { healthFlagsText } from '#envoy/upstream/host-health.ts';
import type { DnsResolver } from '#envoy/upstream/host-resolution.ts';
import { Dispatcher } from '#kernel/dispatcher.ts';
import { randomStream } from '#kernel/random.ts';
import { SimulatedNetwork } from '#world/network.ts';
import type { Cluster } from '#xds/cluster.ts';
import type { Locality } from '#xds/core.ts';
import type { ClusterLoadAssignment } from '#xds/endpoint.ts';
import type { Listener } from '#xds/listener.ts';
import { camelCased } from '#xds/proto-json.ts';
import { routeProblems } from './lone-proxy-problems.ts';

/** Where the proxy of an Envoy-level experiment listens. */
export const LONE_PROXY_PORT = 24000;
const LONE_PROXY_ADDRESS = '127.0.0.1';

export interface LoneProxyOptions {
  readonly seed: number;
  readonly workerCount: number;
  /** Between any two ends, one way. */
  readonly latencyNs: number;
  /** In Envoy's words, snake_case or camelCase. */
  readonly clusters: readonly unknown[];
  readonly listener: unknown;
  readonly observer: ProxyObserver;
  /** Where it is, as `node.locality` of a bootstrap. */
  readonly locality?: unknown;
  /** `local_cluster_name` of the cluster manager. */
  readonly localClusterName?: string | undefined;
  /** Who knows the addresses of names; absent = names stand for themselves. */
  readonly resolver?: DnsResolver | undefined;
}

/**
 * One proxy with configuration from a file and nothing around it but a network: no control plane, no
 * mesh. What experiments on Envoy's own behaviour need.
 */
export class LoneProxy {
  readonly dispatcher = new Dispatcher();
  readonly network: SimulatedNetwork;
  readonly proxy: EnvoyProxy;
  readonly #clusters: readonly Cluster[];
  readonly #listeners: readonly Listener[];
  readonly #endpoints = new Map<string, ClusterLoadAssignment>();

  constructor(options: LoneProxyOptions) {
    const { seed, latencyNs } = options;
    const path = { requestNs: latencyNs, responseNs: latencyNs };
    this.network = new SimulatedNetwork(this.dispatcher, { pathBetween: () => path });
    const workerKeys = randomStream(seed, 'proxy/envoy/connections');
    this.proxy = new EnvoyProxy(
      {
        name: 'envoy',
        ip: LONE_PROXY_ADDRESS,
        nodeId: 'meshsim',
        nodeCluster: 'meshsim',
        locality: camelCased(options.locality) as Locality | undefined,
        localClusterName: options.localClusterName,
        workerCount: options.workerCount,
      },
      {
        dispatcher: this.dispatcher,
        network: this.network,
        seed,
        epochMs: 0,
        randomStream: (name) => randomStream(seed, name),
        nextWorkerKey: () => workerKeys.below(0x40000000),
        telemetry: undefined,
        ...(options.resolver && { resolver: options.resolver }),
        observer: options.observer,
      },
    );
    this.#clusters = options.clusters.map((it) => camelCased(it) as Cluster);
    this.#listeners = [camelCased(options.listener) as Listener];
  }

  get address(): string {
    return `${LONE_PROXY_ADDRESS}:${LONE_PROXY_PORT}`;
  }

  /** What its listener accepts connections with. */
  get acceptor(): Acceptor {
    return this.proxy.acceptor(LONE_PROXY_PORT);
  }

  /** Why an Envoy would refuse the routes of its listeners; nothing when it would take them. */
  get routeProblems(): readonly string[] {
    const clusters = new Set(this.#clusters.map(({ name }) => name));
    return this.#listeners.flatMap((listener) => routeProblems(listener, clusters));
  }

  /** Takes up the configuration and starts all clusters, as a process that boots. */
  boot(): void {
    this.network.listen(this.address, this.acceptor);
    this.proxy.applyConfig(this.#snapshot());
    for (const { name } of this.#clusters) this.proxy.cluster(name);
  }

  /** New endpoints of a cluster, as `ClusterLoadAssignment`; before or after `boot`. */
  setEndpoints(assignment: unknown): void {
    const endpoints = camelCased(assignment) as ClusterLoadAssignment;
    this.#endpoints.set(endpoints.clusterName, endpoints);
  }

  /** Hands what was set since to the proxy. */
  push(): void {
    this.proxy.applyConfig(this.#snapshot());
  }

  /** Counters and gauges that are not zero, by Envoy's names. */
  stats(): ReadonlyMap<string, number> {
    return this.proxy.stats();
  }

  /** The health flags of every host by address, as `/clusters` prints them. */
  hostHealth(): ReadonlyMap<string, string> {
    const health = new Map<string, string>();
    for (const { name } of this.#clusters) {
      for (const host of this.proxy.cluster(name)?.membership.hosts.values() ?? []) {
        health.set(host.address, healthFlagsText(host.healthFlags));
      }
    }
    return health;
  }

  #snapshot(): ProxySnapshot {
    const listeners = this.#listeners;
    const endpoints = [...this.#endpoints.values()];
    return { parts: [{ listeners, clusters: this.#clusters, routes: [], endpoints }] };
  }
}
