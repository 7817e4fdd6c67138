import type { Dispatcher } from '#kernel/dispatcher.ts';
import { portStart } from '../http/authority.ts';
import type { LoadBalancer, LoadBalancerContext } from '../load-balancing/load-balancer.ts';
import type { Host } from './host.ts';
import type { OriginalDstHosts } from './host-original-dst.ts';
import type { DnsResolver } from './host-resolution.ts';

/** `dns_refresh_rate` of the cache. */
const REFRESH_NS = 60e9;

interface CachedName {
  /** Undefined while, or since, the name has none. */
  ip: string | undefined;
  readonly untilNs: number;
}

/**
 * The hosts of a dynamic forward proxy: each request goes to the host that it names, a TLS session to
 * the server that it names. A name is resolved when it is first asked for, and again when its time in
 * the cache is over.
 *
 * @source envoy: source/extensions/clusters/dynamic_forward_proxy/cluster.cc, LoadBalancer::chooseHost;
 *   source/extensions/common/dynamic_forward_proxy/dns_cache_impl.cc
 */
export class DynamicForwardHosts implements LoadBalancer {
  readonly #dispatcher: Dispatcher;
  readonly #hosts: OriginalDstHosts;
  /** Undefined = names stand for themselves. */
  readonly #resolver: DnsResolver | undefined;
  readonly #defaultPort: number;
  readonly #cache = new Map<string, CachedName>();

  /** `hosts` keeps those that were asked for. */
  constructor(
    dispatcher: Dispatcher,
    hosts: OriginalDstHosts,
    resolver: DnsResolver | undefined,
    defaultPort: number,
  ) {
    this.#dispatcher = dispatcher;
    this.#hosts = hosts;
    this.#resolver = resolver;
    this.#defaultPort = defaultPort;
  }

  chooseHost(context: LoadBalancerContext | undefined): Host | undefined {
    const authority = context?.authority?.toLowerCase() ?? '';
    const colon = portStart(authority);
    const name = colon < 0 ? authority : authority.slice(0, colon);
    if (name === '') return undefined;
    const ip = this.#addressOf(name);
    if (ip === undefined) return undefined;
    const port = colon < 0 ? String(this.#defaultPort) : authority.slice(colon + 1);
    return this.#hosts.hostAt(`${ip.includes(':') ? `[${ip}]` : ip}:${port}`);
  }

  stop(): void {
    this.#hosts.stop();
  }

  #addressOf(name: string): string | undefined {
    if (this.#resolver === undefined) return name;
    const { nowNs } = this.#dispatcher;
    const known = this.#cache.get(name);
    if (known !== undefined && nowNs < known.untilNs) return known.ip;
    const cached: CachedName = { ip: undefined, untilNs: nowNs + REFRESH_NS };
    this.#cache.set(name, cached);
    this.#resolver.resolve(name, {
      onDnsAnswer: ({ isFailure, addresses }) => {
        cached.ip = isFailure ? undefined : addresses[0];
      },
    });
    return cached.ip;
  }
}
