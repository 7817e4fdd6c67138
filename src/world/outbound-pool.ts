import type {
  ConnectFailure,
  Connection,
  ConnectionOwner,
  ConnectOptions,
  Network,
  UpstreamTls,
  WireProtocol,
} from '#envoy/network.ts';
import type { RequestScheme } from './behaviour.ts';
import type { OutboundFailure, OutboundRequest, RequestCarrier } from './outbound-request.ts';

/** Where an application's connections to one destination go. */
export interface OutboundRoute {
  readonly network: Network;
  readonly protocol: WireProtocol;
  readonly tls: UpstreamTls | undefined;
  readonly sourceAddress: string;
  /** `ip:port` for a new connection; undefined when the name is not known. */
  resolve(): string | undefined;
  /** Decides the proxy worker of the pool's next connection. */
  nextWorkerKey(): number;
}

/** HTTP/1.1 but for `h2c`, `grpc` and `tcp`. */
export function wireProtocolOf(scheme: RequestScheme): WireProtocol {
  if (scheme === 'tcp') return 'tcp';
  return scheme === 'h2c' || scheme === 'grpc' ? 'h2' : 'http/1.1';
}

/**
 * An application's keep-alive connections to one destination, as HTTP libraries keep them: on
 * HTTP/1.1 the connection used last is taken first and a busy pool opens one more; on HTTP/2 all
 * requests share one connection.
 */
export class OutboundPool {
  declare readonly route: OutboundRoute;
  readonly #idle: OutboundConnection[] = [];
  #shared: OutboundConnection | undefined = undefined;

  constructor(route: OutboundRoute) {
    this.route = route;
  }

  /** Sends at once on an idle connection, else as soon as a new one is open. */
  send(outbound: OutboundRequest, nowNs: number): void {
    const connection =
      this.route.protocol === 'h2' ? this.#sharedConnection() : (this.#idle.pop() ?? this.#open());
    if (connection === undefined) outbound.fail('unreachable', nowNs);
    else connection.take(outbound);
  }

  /** Connections that wait for work. */
  get idleCount(): number {
    return this.#idle.length;
  }

  becameIdle(connection: OutboundConnection): void {
    if (this.route.protocol !== 'h2') this.#idle.push(connection);
  }

  forget(connection: OutboundConnection): void {
    if (this.#shared === connection) this.#shared = undefined;
    const index = this.#idle.lastIndexOf(connection);
    if (index >= 0) this.#idle.splice(index, 1);
  }

  #sharedConnection(): OutboundConnection | undefined {
    this.#shared ??= this.#open();
    return this.#shared;
  }

  #open(): OutboundConnection | undefined {
    const address = this.route.resolve();
    return address === undefined ? undefined : new OutboundConnection(this, address);
  }
}

/** One connection of a pool. States: connecting → open → (no new requests) → closed. */
export class OutboundConnection implements ConnectionOwner, RequestCarrier {
  declare private readonly pool: OutboundPool;
  declare private readonly connection: Connection;
  /** Taken while connecting. */
  #waiting: OutboundRequest[] = [];
  #activeCount = 0;
  #isOpen = false;
  #isClosed = false;
  #takesNoMore = false;

  constructor(pool: OutboundPool, address: string) {
    this.pool = pool;
    this.connection = pool.route.network.connect(address, optionsOf(pool.route, address), this);
  }

  take(outbound: OutboundRequest): void {
    outbound.connection = this;
    if (this.#isOpen === true) this.#send(outbound);
    else this.#waiting.push(outbound);
  }

  release(outbound: OutboundRequest, isReusable: boolean): void {
    outbound.connection = undefined;
    this.#activeCount--;
    if (this.#isClosed === true) return;
    if (this.#takesNoMore === true && this.#activeCount === 0) this.#close();
    else if (isReusable === true && this.#takesNoMore === false) this.pool.becameIdle(this);
    // Otherwise HTTP/1.1 closes behind a reset: `onRemoteClose` follows.
  }

  cancel(outbound: OutboundRequest): void {
    const exchange = outbound.exchange;
    if (exchange === undefined) {
      this.#waiting = this.#waiting.filter((it) => it !== outbound);
      return;
    }
    this.#activeCount--;
    if (this.#isExclusive) this.#close();
    else this.connection.resetStream(exchange);
  }

  onConnected(): void {
    this.#isOpen = true;
    const waiting = this.#waiting;
    this.#waiting = [];
    if (waiting.length === 0) this.pool.becameIdle(this);
    for (const outbound of waiting) this.#send(outbound);
  }

  onConnectFailure(_connection: Connection, failure: ConnectFailure, nowNs: number): void {
    this.#isClosed = true;
    this.pool.forget(this);
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const outbound of waiting) outbound.fail(failureOf(failure), nowNs);
  }

  onRemoteClose(): void {
    this.#isClosed = true;
    this.pool.forget(this);
  }

  onGoAway(): void {
    this.#takesNoMore = true;
    this.pool.forget(this);
    if (this.#activeCount === 0 && this.#isOpen) this.#close();
  }

  get #isExclusive(): boolean {
    return this.pool.route.protocol !== 'h2';
  }

  #send(outbound: OutboundRequest): void {
    this.#activeCount++;
    const { request, attempt } = outbound;
    const exchange = this.connection.newExchange(request!, outbound, outbound, attempt);
    outbound.exchange = exchange;
    this.connection.send(exchange); // Last: the whole answer may come before it returns.
  }

  #close(): void {
    this.#isClosed = true;
    this.pool.forget(this);
    this.connection.close();
  }
}

function optionsOf(route: OutboundRoute, address: string): ConnectOptions {
  return {
    protocol: route.protocol,
    tls: route.tls,
    sourceAddress: route.sourceAddress,
    originalDestination: address,
    workerKey: route.nextWorkerKey(),
    sourceProxy: -1,
  };
}

function failureOf(failure: ConnectFailure): OutboundFailure {
  return failure === 'connection-refused' ? 'refused' : failure;
}
