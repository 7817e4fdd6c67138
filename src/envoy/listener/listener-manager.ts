import type { Listener } from '#xds/listener.ts';
import type { Acceptor, AcceptResult, ConnectOptions, ServerConnection } from '../network.ts';
import { sameContent } from '../same-content.ts';
import { ActiveListener, type NetworkFilterFactory, splitAddress } from './active-listener.ts';
import { type ListenerLists, listenerBoundTo, listenerNamed } from './listener-index.ts';
import type { ListenerStats } from './listener-stats.ts';
import { listenerForOriginalDestination } from './original-destination.ts';

export interface ListenerManagerParts {
  readonly makeFilter: NetworkFilterFactory;
  readonly statsOf: (listener: Listener) => ListenerStats;
  /** False while the process is not ready. */
  readonly mayListen: () => boolean;
}

/**
 * The listeners of one proxy. A listener that an update leaves as it was keeps its filters and their
 * state; a changed or removed one drains, and new connections go to its successor.
 *
 * @source envoy: source/common/listener_manager/listener_manager_impl.cc
 */
export class ListenerManager {
  readonly #makeFilter: NetworkFilterFactory;
  readonly #statsOf: (listener: Listener) => ListenerStats;
  readonly #mayListen: () => boolean;
  readonly #active = new Map<string, ActiveListener>();
  readonly #acceptors = new Map<number, Acceptor>();
  #lists: ListenerLists = [];
  #isDraining = false;

  constructor(parts: ListenerManagerParts) {
    this.#makeFilter = parts.makeFilter;
    this.#statsOf = parts.statsOf;
    this.#mayListen = parts.mayListen;
  }

  apply(lists: ListenerLists): void {
    this.#lists = lists;
    for (const [name, active] of this.#active) {
      const next = listenerNamed(lists, name);
      if (next !== undefined && sameContent(next, active.config)) continue;
      if (next !== undefined && sameContent(withoutChains(next), withoutChains(active.config))) {
        active.updateFilterChains(next);
        continue;
      }
      this.#active.delete(name);
      active.drain();
    }
  }

  /** Whatever listens at `port` when a connection comes; the same object for the same port. */
  acceptor(port: number): Acceptor {
    let acceptor = this.#acceptors.get(port);
    if (acceptor === undefined) {
      acceptor = {
        accept: (connection, options, nowNs) => this.#accept(port, connection, options, nowNs),
      };
      this.#acceptors.set(port, acceptor);
    }
    return acceptor;
  }

  /**
   * The process is about to end: its inbound listeners go on, and tell everybody to leave.
   *
   * @source envoy: source/server/admin/listeners_handler.cc, `drain_listeners?inboundonly&graceful`
   */
  drainInbound(): void {
    this.#isDraining = true;
    for (const active of this.#active.values()) if (isInbound(active.config)) active.drainAll();
  }

  shutDown(nowNs: number): void {
    for (const active of this.#active.values()) active.shutDown(nowNs);
  }

  /** Open connections from downstream: `listener.….downstream_cx_active` of all listeners. */
  get connectionCount(): number {
    let count = 0;
    for (const active of this.#active.values()) count += active.connectionCount;
    return count;
  }

  collectStats(into: Map<string, number>): void {
    for (const active of this.#active.values()) active.collectStats(into);
  }

  #accept(
    port: number,
    connection: ServerConnection,
    options: ConnectOptions,
    nowNs: number,
  ): AcceptResult {
    const bound = listenerBoundTo(this.#lists, port);
    if (bound === undefined || !this.#mayListen()) return 'refuse';
    const listener = bound.useOriginalDst ? (this.#originalOf(options) ?? bound) : bound;
    return this.#activate(listener).accept(connection, options, nowNs);
  }

  #originalOf(options: ConnectOptions): Listener | undefined {
    const { address, port } = splitAddress(options.originalDestination);
    return listenerForOriginalDestination(this.#lists, address, port);
  }

  #activate(listener: Listener): ActiveListener {
    const known = this.#active.get(listener.name);
    if (known !== undefined) return known;
    const active = new ActiveListener(listener, this.#makeFilter, this.#statsOf(listener));
    this.#active.set(listener.name, active);
    if (this.#isDraining && isInbound(listener)) active.drainAll();
    return active;
  }
}

/** Gateways' listeners have no direction: whoever comes to them comes from outside. */
function isInbound({ trafficDirection }: Listener): boolean {
  return trafficDirection !== 'OUTBOUND';
}

/** What an update must leave as it is to be one of filter chains alone. */
function withoutChains(listener: Listener): object {
  const { filterChains, defaultFilterChain, ...rest } = listener;
  return rest;
}
