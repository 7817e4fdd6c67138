import { describe, expect, it } from 'vitest';
import { Dispatcher } from '#kernel/dispatcher.ts';
import type { CircuitBreakerThresholds } from '#xds/cluster.ts';
import type { Connection, ConnectionOwner, Exchange } from '../network.ts';
import { compileClusterSettings } from './cluster-settings.ts';
import { ClusterStats } from './cluster-stats.ts';
import { ConnectionPool } from './connection-pool.ts';
import { hostsOf } from './host-builder.ts';
import type { PoolClient } from './pool-client.ts';
import { ResourceManager } from './resource-manager.ts';
import type { UpstreamConnection } from './upstream-connection.ts';

/** A wire that says whether it was closed. */
class Wire implements Connection {
  readonly address = '10.0.0.1:80';
  readonly owner: ConnectionOwner;
  isClosed = false;

  constructor(owner: ConnectionOwner) {
    this.owner = owner;
  }

  newExchange(): Exchange {
    throw new Error('nothing is sent here');
  }
  send(): void {}
  resetStream(): void {}
  close(): void {
    this.isClosed = true;
  }
  abort(): void {
    this.isClosed = true;
  }
}

class Bench {
  readonly dispatcher = new Dispatcher();
  readonly stats = new ClusterStats();
  readonly wires: Wire[] = [];
  readonly host = hostsOf(['10.0.0.1:80'])[0]!;
  readonly events: string[] = [];
  readonly pool: ConnectionPool;
  isIdle = false;

  constructor(thresholds: CircuitBreakerThresholds = {}, maxRequestsPerConnection = 0) {
    this.pool = new ConnectionPool(
      {
        dispatcher: this.dispatcher,
        network: {
          connect: (_address, _options, owner) => {
            const wire = new Wire(owner);
            this.wires.push(wire);
            return wire;
          },
        },
        settings: compileClusterSettings({ name: 'a', maxRequestsPerConnection }),
        stats: this.stats,
        report: undefined,
        nextWorkerKey: () => 0,
        onPoolIdle: () => {
          this.isIdle = true;
        },
      },
      this.host,
      new ResourceManager(thresholds),
      {
        protocol: 'http/1.1',
        tls: undefined,
        sourceAddress: '10.0.0.2',
        originalDestination: '10.0.0.1:80',
        workerKey: 0,
        sourceProxy: -1,
      },
    );
  }

  request(name: string): { client: PoolClient; connection: UpstreamConnection | undefined } {
    const request = {
      connection: undefined as UpstreamConnection | undefined,
      client: {
        previousPending: undefined,
        nextPending: undefined,
        onPoolReady: (connection: UpstreamConnection) => {
          request.connection = connection;
          this.events.push(`${name} ready`);
        },
        onPoolFailure: (failure: string) => this.events.push(`${name} ${failure}`),
      } as PoolClient,
    };
    this.pool.newStream(request.client, this.dispatcher.nowNs);
    return request;
  }

  connected(index: number): void {
    const wire = this.wires[index]!;
    wire.owner.onConnected(wire, this.dispatcher.nowNs);
  }

  ended(request: { connection: UpstreamConnection | undefined }): void {
    this.pool.onStreamClosed(request.connection!, true, this.dispatcher.nowNs);
    this.dispatcher.runUntil(this.dispatcher.nowNs);
  }
}

describe('an HTTP/1.1 pool', () => {
  it('takes the connection that became free last', () => {
    const bench = new Bench();
    const a = bench.request('a');
    const b = bench.request('b');
    bench.connected(0);
    bench.connected(1);
    bench.ended(a);
    bench.ended(b);
    expect(bench.request('c').connection).toBe(b.connection);
    expect(bench.stats.upstreamCxTotal).toBe(2);
  });

  it('serves who waits first come, first served', () => {
    const bench = new Bench({ maxConnections: 1 });
    const a = bench.request('a');
    bench.request('b');
    bench.request('c');
    bench.connected(0);
    bench.ended(a);
    expect(bench.events).toEqual(['a ready', 'b ready']);
    expect(bench.stats.upstreamCxOverflow).toBeGreaterThan(0);
  });

  it('fails everything that waits when one connect fails, newest first', () => {
    const bench = new Bench();
    for (const name of ['a', 'b', 'c']) bench.request(name);
    const wire = bench.wires[0]!;
    wire.owner.onConnectFailure(wire, 'connection-refused', 0);
    expect(bench.events).toEqual(['c', 'b', 'a'].map((it) => `${it} remote-connection-failure`));
    expect(bench.stats.upstreamRqPendingFailureEject).toBe(3);
    expect(bench.stats.upstreamRqPendingActive).toBe(0);
  });

  it('opens its first connection whatever the limit of connections says', () => {
    const bench = new Bench({ maxConnections: 0 });
    bench.request('a');
    expect(bench.wires).toHaveLength(1);
    expect(bench.stats.upstreamCxOverflow).toBe(1);
  });

  it('gives a connection up after its last stream', () => {
    const bench = new Bench({}, 2);
    const a = bench.request('a');
    bench.connected(0);
    bench.ended(a);
    const b = bench.request('b');
    expect(bench.stats.upstreamCxMaxRequests).toBe(1);
    bench.ended(b);
    expect(bench.wires[0]!.isClosed).toBe(true);
  });

  it('gives up a connect after the connect timeout', () => {
    const bench = new Bench();
    bench.request('a');
    bench.dispatcher.runUntil(5_000_000_000);
    expect(bench.events).toEqual(['a connection-timeout']);
    expect(bench.stats.upstreamCxConnectTimeout).toBe(1);
  });

  it('lets a waiting stream go without a trace but a counter', () => {
    const bench = new Bench();
    const a = bench.request('a');
    bench.pool.cancelPending(a.client, bench.dispatcher.nowNs);
    bench.connected(0);
    expect(bench.events).toEqual([]);
    expect(bench.stats.upstreamRqCancelled).toBe(1);
    // The connection stays, idle, for whoever comes next.
    expect(bench.request('b').connection).toBeDefined();
  });

  it('drains when its host is removed: running streams finish, then it is gone', () => {
    const bench = new Bench();
    const a = bench.request('a');
    bench.connected(0);
    bench.pool.drainForDeletion(0);
    expect(bench.isIdle).toBe(false);
    bench.ended(a);
    expect(bench.wires[0]!.isClosed).toBe(true);
    expect(bench.isIdle).toBe(true);
  });
});
