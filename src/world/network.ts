import type {
  Acceptor,
  Connection,
  ConnectionOwner,
  ConnectOptions,
  Network,
} from '#envoy/network.ts';
import type { Dispatcher } from '#kernel/dispatcher.ts';
import type { NetworkPath, Traversal } from './network-path.ts';
import { WireConnection } from './wire-connection.ts';
import { ExchangePool } from './wire-exchange.ts';
import type { WireTrace } from './wire-trace.ts';

/** Tells how long messages between two addresses take; the same object for the same pair is best. */
export interface LatencyModel {
  pathBetween(sourceAddress: string, destinationAddress: string): NetworkPath;
}

/**
 * Where a listener is heard: `outside` is where connections from elsewhere arrive (a pod with a
 * sidecar registers the sidecar's inbound listener there), `inside` is what the pod's own addresses
 * lead to past any redirection (the application itself). A connection whose source has the same IP
 * goes `inside` first; one whose source differs never does.
 */
export type ListenScope = 'outside' | 'inside';

const NO_TRAVERSAL: Traversal = { requestNs: 0, responseNs: 0 };

interface Listening {
  readonly acceptor: Acceptor;
  readonly traversal: Traversal;
}

/**
 * The wires between everybody. Usage: `listen` for whoever accepts; clients and proxies `connect`.
 *
 *     const network = new SimulatedNetwork(dispatcher, model);
 *     network.listen('10.244.0.7:9080', sidecar.acceptor(15006), 'outside', { requestNs: 250_000, responseNs: 250_000 });
 *     network.listen('10.244.0.7:9080', application, 'inside');
 *     network.connect('10.244.0.7:9080', options, owner);
 *
 * A traversal is what the listener's proxy adds to each request and each response that passes it: it
 * is paid on the hop into the proxy and on the way back over the same hop, so a hop costs one event
 * per direction, and none when everything is 0.
 */
export class SimulatedNetwork implements Network {
  readonly #dispatcher: Dispatcher;
  readonly #model: LatencyModel;
  readonly #trace: WireTrace | undefined;
  readonly #exchanges: ExchangePool;
  readonly #outside = new Map<string, Listening>();
  readonly #inside = new Map<string, Listening>();
  /** By the IP of a pod: who hears what its own addresses of the loopback interface lead to. */
  readonly #loopback = new Map<string, Listening>();
  /** Whoever takes connections to addresses that nobody listens at; undefined = they are refused. */
  fallback: Elsewhere | undefined;

  /** `trace`: who hears of every message; undefined = nobody. */
  constructor(dispatcher: Dispatcher, model: LatencyModel, trace?: WireTrace) {
    this.#trace = trace;
    this.#dispatcher = dispatcher;
    this.#model = model;
    this.#exchanges = new ExchangePool();
  }

  listen(
    address: string,
    acceptor: Acceptor,
    scope: ListenScope = 'outside',
    traversal: Traversal = NO_TRAVERSAL,
  ): void {
    const listeners = scope === 'outside' ? this.#outside : this.#inside;
    listeners.set(address, { acceptor, traversal });
  }

  stopListening(address: string, scope: ListenScope = 'outside'): void {
    (scope === 'outside' ? this.#outside : this.#inside).delete(address);
  }

  /**
   * Who hears connections within a pod to its loopback interface or to a socket file, at whatever port;
   * undefined = nobody any more.
   */
  listenWithin(ip: string, acceptor: Acceptor | undefined): void {
    if (acceptor === undefined) this.#loopback.delete(ip);
    else this.#loopback.set(ip, { acceptor, traversal: NO_TRAVERSAL });
  }

  /** Whoever hears connections from elsewhere at an address; undefined = nobody. */
  acceptorAt(address: string): Acceptor | undefined {
    return this.#outside.get(address)?.acceptor;
  }

  connect(address: string, options: ConnectOptions, owner: ConnectionOwner): Connection {
    const listening = this.#find(address, options.sourceAddress);
    if (listening === undefined) {
      const led = this.fallback?.leadsTo(address, options.sourceAddress);
      if (led !== undefined)
        return this.connect(led, { ...options, originalDestination: led }, owner);
    }
    const acceptor = listening?.acceptor ?? this.fallback;
    const end = isWithinPod(address) ? options.sourceAddress : address;
    const path = this.#model.pathBetween(options.sourceAddress, end);
    return this.#start(
      acceptor,
      listening?.traversal ?? NO_TRAVERSAL,
      path,
      address,
      options,
      owner,
    );
  }

  /**
   * Connects to a given acceptor whatever listens at `address`: an application's redirected connection
   * to its own sidecar, which does not leave the pod.
   */
  connectTo(
    acceptor: Acceptor | undefined,
    traversal: Traversal,
    address: string,
    options: ConnectOptions,
    owner: ConnectionOwner,
  ): Connection {
    const path = this.#model.pathBetween(options.sourceAddress, options.sourceAddress);
    return this.#start(acceptor, traversal, path, address, options, owner);
  }

  #start(
    acceptor: Acceptor | undefined,
    traversal: Traversal,
    path: NetworkPath,
    address: string,
    options: ConnectOptions,
    owner: ConnectionOwner,
  ): Connection {
    const connection = new WireConnection(
      this.#dispatcher,
      this.#exchanges,
      path,
      traversal,
      address,
      options,
      owner,
      this.#trace,
    );
    connection.start(acceptor);
    return connection;
  }

  #find(address: string, sourceAddress: string): Listening | undefined {
    if (isWithinPod(address)) {
      const within = this.#loopback.get(ipOf(sourceAddress));
      if (within !== undefined) return within;
    }
    if (ipOf(sourceAddress) === ipOf(address)) {
      const inside = this.#inside.get(address);
      if (inside !== undefined) return inside;
    }
    return this.#outside.get(address);
  }
}

/** What there is beyond the addresses that somebody listens at. */
export interface Elsewhere extends Acceptor {
  /** Where the node leads a connection to an address: a pod behind a cluster IP; else undefined. */
  leadsTo(address: string, sourceAddress: string): string | undefined;
}

/** Whether an address leads nowhere but into the own pod: of the loopback interface, or a socket file. */
export function isWithinPod(address: string): boolean {
  return address.startsWith('127.') || address.startsWith('[::1]') || address.startsWith('/');
}

/** `ip` of `ip:port`, `[ip]:port` or `ip`. */
export function ipOf(address: string): string {
  if (address.startsWith('[')) return address.slice(1, address.indexOf(']'));
  const colon = address.lastIndexOf(':');
  return colon < 0 || address.indexOf(':') !== colon ? address : address.slice(0, colon);
}
