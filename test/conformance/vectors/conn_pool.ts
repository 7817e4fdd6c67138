import type { Connection, ConnectionOwner, Exchange, Network } from '#envoy/network.ts';
import { compileClusterSettings } from '#envoy/upstream/cluster-settings.ts';
import { ClusterStats } from '#envoy/upstream/cluster-stats.ts';
import { ConnectionPool, shouldConnect } from '#envoy/upstream/connection-pool.ts';
import { hostsOf } from '#envoy/upstream/host-builder.ts';
import type { PoolClient } from '#envoy/upstream/pool-client.ts';
import { ResourceManager } from '#envoy/upstream/resource-manager.ts';
import type { UpstreamConnection } from '#envoy/upstream/upstream-connection.ts';
import { Dispatcher } from '#kernel/dispatcher.ts';

interface PoolVector {
  readonly kind?: undefined;
  readonly concurrent_streams: number;
  readonly max_connections: number;
  readonly max_pending_requests: number;
  readonly max_requests: number;
  readonly max_requests_per_connection: number;
  readonly connect_ms: number;
  readonly arrivals: readonly { readonly t: number; readonly service_ms: number }[];
}

interface ShouldConnectVector {
  readonly kind: 'should_connect';
  readonly pending: number;
  readonly active: number;
  readonly connecting_and_connected_capacity: number;
  readonly preconnect_ratio: number;
}

/** At equal times: completions, then connections that become ready, then arrivals. */
const COMPLETION = 0;
const CONNECTED = 1;
const ARRIVAL = 2;

interface Step {
  readonly atMs: number;
  readonly kind: number;
  readonly act: (nowNs: number) => void;
}

/** The real pool of one host, with connects and services that take what the case says. */
export function run(vector: PoolVector | ShouldConnectVector): Record<string, unknown> {
  if (vector.kind === 'should_connect') {
    const { pending, active, connecting_and_connected_capacity, preconnect_ratio } = vector;
    return {
      expect: shouldConnect(pending, active, connecting_and_connected_capacity, preconnect_ratio),
    };
  }
  const bench = new PoolBench(vector);
  bench.run();
  return { expect: bench.outcome() };
}

class PoolBench {
  readonly dispatcher = new Dispatcher();
  readonly stats = new ClusterStats();
  readonly #vector: PoolVector;
  readonly #pool: ConnectionPool;
  readonly #steps: Step[] = [];
  readonly #results: Record<string, unknown>[];
  readonly #wires: Connection[] = [];

  constructor(vector: PoolVector) {
    this.#vector = vector;
    this.#results = vector.arrivals.map(() => ({}));
    const isHttp2 = vector.concurrent_streams > 1;
    const settings = compileClusterSettings({
      name: 'pool',
      maxRequestsPerConnection: vector.max_requests_per_connection,
      typedExtensionProtocolOptions: {
        'envoy.extensions.upstreams.http.v3.HttpProtocolOptions': {
          '@type': 'envoy.extensions.upstreams.http.v3.HttpProtocolOptions',
          explicitHttpConfig: isHttp2
            ? { http2ProtocolOptions: { maxConcurrentStreams: vector.concurrent_streams } }
            : { httpProtocolOptions: {} },
        },
      },
    });
    const { dispatcher, stats } = this;
    this.#pool = new ConnectionPool(
      {
        dispatcher,
        network: this.#network(),
        settings,
        stats,
        nextWorkerKey: () => 0,
        onPoolIdle() {},
      },
      hostsOf(['10.0.0.1:80'])[0]!,
      new ResourceManager({
        maxConnections: vector.max_connections,
        maxPendingRequests: vector.max_pending_requests,
        maxRequests: vector.max_requests,
      }),
      {
        protocol: isHttp2 ? 'h2' : 'http/1.1',
        tls: undefined,
        sourceAddress: '10.0.0.2',
        originalDestination: '10.0.0.1:80',
        workerKey: 0,
        sourceProxy: -1,
      },
    );
  }

  run(): void {
    this.#vector.arrivals.forEach(({ t }, index) => {
      this.#at(t, ARRIVAL, (nowNs) => this.#pool.newStream(this.#client(index), nowNs));
    });
    while (this.#steps.length > 0) {
      const step = this.#steps.shift()!;
      this.dispatcher.runUntil(step.atMs * 1e6);
      step.act(this.dispatcher.nowNs);
      this.dispatcher.runUntil(step.atMs * 1e6); // What the pool puts off to the end of its turn.
    }
  }

  outcome(): Record<string, unknown> {
    const { stats } = this;
    return {
      requests: this.#results,
      stats: {
        upstream_cx_total: stats.upstreamCxTotal,
        upstream_cx_overflow: stats.upstreamCxOverflow,
        upstream_rq_pending_total: stats.upstreamRqPendingTotal,
        upstream_rq_pending_overflow: stats.upstreamRqPendingOverflow,
        upstream_rq_active_overflow: stats.upstreamRqActiveOverflow,
        upstream_rq_total: stats.upstreamRqTotal,
        upstream_cx_max_requests: stats.upstreamCxMaxRequests,
      },
    };
  }

  /** Steps stay in order of (time, kind, creation). */
  #at(atMs: number, kind: number, act: Step['act']): void {
    const next = this.#steps.findIndex(
      (it) => it.atMs > atMs || (it.atMs === atMs && it.kind > kind),
    );
    this.#steps.splice(next < 0 ? this.#steps.length : next, 0, { atMs, kind, act });
  }

  get #nowMs(): number {
    return this.dispatcher.nowNs / 1e6;
  }

  #client(index: number): PoolClient {
    const result = this.#results[index]!;
    return {
      previousPending: undefined,
      nextPending: undefined,
      onPoolReady: (connection) => {
        result['started_at'] = this.#nowMs;
        result['connection'] = this.#wires.indexOf(connection.wire!);
        const endMs = this.#nowMs + this.#vector.arrivals[index]!.service_ms;
        this.#at(endMs, COMPLETION, (nowNs) => this.#complete(connection, index, nowNs));
      },
      onPoolFailure: (failure, host) => {
        result['error'] = host === undefined ? 'pending_overflow' : `active_${failure}`;
        result['at'] = this.#nowMs;
      },
    };
  }

  #complete(connection: UpstreamConnection, index: number, nowNs: number): void {
    this.#results[index]!['finished_at'] = this.#nowMs;
    this.#pool.onStreamClosed(connection, true, nowNs);
  }

  #network(): Network {
    return {
      connect: (address, _options, owner: ConnectionOwner): Connection => {
        const wire = new Wire(address);
        this.#wires.push(wire);
        this.#at(this.#nowMs + this.#vector.connect_ms, CONNECTED, (nowNs) =>
          owner.onConnected(wire, nowNs),
        );
        return wire;
      },
    };
  }
}

/** A connection that carries nothing: the case says how long its streams last. */
class Wire implements Connection {
  readonly address: string;

  constructor(address: string) {
    this.address = address;
  }

  newExchange(): Exchange {
    throw new Error('nothing is sent here');
  }
  send(): void {}
  resetStream(): void {}
  close(): void {}
  abort(): void {}
}
