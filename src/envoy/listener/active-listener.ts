import type { FilterChain, HttpConnectionManager, Listener, TcpProxy } from '#xds/listener.ts';
import { portStart } from '../http/authority.ts';
import type { AcceptResult, ConnectOptions, ServerConnection, ServerHandler } from '../network.ts';
import { sameContent } from '../same-content.ts';
import { type ConnectionTraits, FilterChainMatcher } from './filter-chain-match.ts';
import { inspectConnection } from './listener-filters.ts';
import type { ListenerStats } from './listener-stats.ts';

/** What takes a filter chain's connections: its connection manager or TCP proxy. */
export interface NetworkFilter {
  accept(connection: ServerConnection, nowNs: number): ServerHandler;
  /** The chain is gone from configuration. */
  drain(): void;
  shutDown(nowNs: number): void;
  collectStats(into: Map<string, number>): void;
  /** Open connections from downstream. */
  readonly connectionCount: number;
}

/** Makes the network filter of a chain; undefined when it has none that is known. */
export type NetworkFilterFactory = (
  chain: FilterChain,
  listener: Listener,
) => NetworkFilter | undefined;

/**
 * A listener at work. The filter of a chain is made when its first connection comes.
 *
 * @source envoy: source/common/listener_manager/active_tcp_listener.cc, active_tcp_socket.cc
 */
export class ActiveListener {
  #config: Listener;
  #matcher: FilterChainMatcher;
  readonly #makeFilter: NetworkFilterFactory;
  readonly #stats: ListenerStats;
  #filters = new Map<FilterChain, NetworkFilter | undefined>();
  #isDraining = false;

  constructor(config: Listener, makeFilter: NetworkFilterFactory, stats: ListenerStats) {
    this.#stats = stats;
    this.#config = config;
    this.#matcher = new FilterChainMatcher(config.filterChains ?? [], config.defaultFilterChain);
    this.#makeFilter = makeFilter;
  }

  get config(): Listener {
    return this.#config;
  }

  /**
   * Takes up a configuration that differs in its filter chains alone: chains that stay keep their
   * filters and connections, the others drain.
   *
   * @source envoy: listener_manager_impl.cc, ListenerManagerImpl::inPlaceFilterChainUpdate
   */
  updateFilterChains(config: Listener): void {
    const before = this.#filters;
    this.#config = config;
    this.#matcher = new FilterChainMatcher(config.filterChains ?? [], config.defaultFilterChain);
    this.#filters = new Map();
    const chains = [...(config.filterChains ?? []), config.defaultFilterChain];
    for (const [chain, filter] of before) {
      const same = chains.find((it) => it !== undefined && sameContent(it, chain));
      if (same === undefined) filter?.drain();
      else this.#filters.set(same, filter);
    }
  }

  accept(connection: ServerConnection, options: ConnectOptions, nowNs: number): AcceptResult {
    const chain = this.#matcher.find(traitsOf(this.#config, options));
    if (chain === undefined) {
      this.#stats.noFilterChainMatch++;
      return options.tls === undefined ? CLOSES_AT_FIRST_BYTES : 'refuse';
    }
    if (options.tls !== undefined && !terminatesTls(chain) && !passesTls(chain)) return 'tls-error';
    const filter = this.#filterOf(chain);
    const handler = filter?.accept(connection, nowNs) ?? 'refuse';
    if (this.#isDraining) filter?.drain();
    return handler;
  }

  /** Drains, and so does every connection that still comes. */
  drainAll(): void {
    this.#isDraining = true;
    this.drain();
  }

  drain(): void {
    for (const filter of this.#filters.values()) filter?.drain();
  }

  shutDown(nowNs: number): void {
    for (const filter of this.#filters.values()) filter?.shutDown(nowNs);
  }

  get connectionCount(): number {
    let count = 0;
    for (const filter of this.#filters.values()) count += filter?.connectionCount ?? 0;
    return count;
  }

  collectStats(into: Map<string, number>): void {
    for (const filter of this.#filters.values()) filter?.collectStats(into);
  }

  #filterOf(chain: FilterChain): NetworkFilter | undefined {
    if (!this.#filters.has(chain)) this.#filters.set(chain, this.#makeFilter(chain, this.#config));
    return this.#filters.get(chain);
  }
}

/**
 * What becomes of a plaintext connection that no filter chain takes: it stands until its first bytes have
 * shown what it is. A caller that speaks TLS is closed within the handshake instead.
 *
 * @source envoy: source/common/listener_manager/active_stream_listener_base.cc, newConnection
 */
const CLOSES_AT_FIRST_BYTES: ServerHandler = {
  onRequest: (exchange) => exchange.server.hangUp(),
  onRequestReset: () => {},
  onClientClose: () => {},
};

/** The last filter of a chain that does something with the connection. */
export function terminalFilter(
  chain: FilterChain,
):
  | { readonly kind: 'http'; readonly config: HttpConnectionManager }
  | { readonly kind: 'tcp'; readonly config: TcpProxy }
  | undefined {
  for (const { typedConfig } of chain.filters ?? []) {
    if (isHttp(typedConfig)) return { kind: 'http', config: typedConfig };
    if (isTcp(typedConfig)) return { kind: 'tcp', config: typedConfig };
  }
  return undefined;
}

function isHttp(config: { readonly '@type': string } | undefined): config is HttpConnectionManager {
  return config?.['@type'].endsWith('.HttpConnectionManager') ?? false;
}

function isTcp(config: { readonly '@type': string } | undefined): config is TcpProxy {
  return config?.['@type'].endsWith('.TcpProxy') ?? false;
}

function terminatesTls({ transportSocket }: FilterChain): boolean {
  return transportSocket?.typedConfig?.['@type'].endsWith('.DownstreamTlsContext') ?? false;
}

/** A TCP proxy sends TLS on as the bytes that it is. */
function passesTls(chain: FilterChain): boolean {
  return terminalFilter(chain)?.kind === 'tcp';
}

function traitsOf(listener: Listener, options: ConnectOptions): ConnectionTraits {
  const destination = splitAddress(options.originalDestination);
  const source = splitAddress(options.sourceAddress);
  const { tls, protocol } = options;
  return {
    destinationAddress: destination.address,
    destinationPort: destination.port,
    sourceAddress: source.address,
    sourcePort: source.port,
    ...inspectConnection(listener.listenerFilters ?? [], {
      destinationPort: destination.port,
      payload: protocol,
      tls: tls && { serverName: tls.sni, alpn: tls.alpn },
    }),
  };
}

/** `ip:port`, `[ip]:port` or a bare `ip`, which has port 0. */
export function splitAddress(text: string): { readonly address: string; readonly port: number } {
  const colon = portStart(text);
  const host = colon < 0 ? text : text.slice(0, colon);
  const address = host.startsWith('[') ? host.slice(1, -1) : host;
  return { address, port: colon < 0 ? 0 : Number(text.slice(colon + 1)) };
}
