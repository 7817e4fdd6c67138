import type { NamedTypedConfig } from '#xds/core.ts';
import type { LocalRateLimitConfig } from '#xds/http-filters.ts';
import type { HttpFault } from '#xds/route.ts';
import { CorsStats } from '../filters/cors.ts';
import { compileFault, type Fault, FaultStats } from '../filters/fault.ts';
import {
  compileLocalRateLimit,
  type LocalRateLimit,
  LocalRateLimiter,
} from '../filters/local-rate-limit.ts';
import {
  CORS_FILTER,
  FAULT_FILTER,
  LOCAL_RATE_LIMIT_FILTER,
} from '../filters/per-filter-config.ts';
import type { RouteEntry } from '../router/compiled-route.ts';

/** One filter of the chain before the router, with its own configuration if it has any. */
export type HttpFilter =
  | { readonly kind: 'fault'; readonly own: Fault | undefined }
  | { readonly kind: 'cors' }
  | { readonly kind: 'local-rate-limit'; readonly own: LocalRateLimit | undefined };

/**
 * The HTTP filters of a connection manager that do something here, in order; the router is not among
 * them. State that belongs to a filter's configuration (counters, token buckets) lives here, so that
 * all workers share it.
 *
 * @source envoy: source/extensions/filters/network/http_connection_manager/config.cc, processFilter
 */
export class HttpFilters {
  readonly chain: readonly HttpFilter[];
  readonly faultStats = new FaultStats();
  readonly corsStats = new CorsStats();
  readonly #limiters = new Map<LocalRateLimit, LocalRateLimiter>();
  /** Most requests take the route of the one before. */
  #lastEntry: RouteEntry | undefined;
  #lastPasses: boolean;
  readonly #limitersByConnection = new WeakMap<object, Map<LocalRateLimit, LocalRateLimiter>>();

  constructor(filters: readonly NamedTypedConfig[]) {
    this.chain = filters.flatMap((it) => compileFilter(it) ?? []);
    this.#lastPasses = this.#hasNothingFor(undefined);
  }

  /** True when no filter has anything to do with requests of this route. */
  passes(entry: RouteEntry | undefined): boolean {
    if (entry !== this.#lastEntry) {
      this.#lastEntry = entry;
      this.#lastPasses = this.#hasNothingFor(entry);
    }
    return this.#lastPasses;
  }

  #hasNothingFor(entry: RouteEntry | undefined): boolean {
    return this.chain.every((filter) => configurationOf(filter, entry) === undefined);
  }

  /** The buckets of one configuration; with `isPerConnection` the connection has its own. */
  limiter(limit: LocalRateLimit, connection: object, nowNs: number): LocalRateLimiter {
    const limiters = limit.isPerConnection ? this.#limitersOf(connection) : this.#limiters;
    let limiter = limiters.get(limit);
    if (limiter === undefined) {
      limiter = new LocalRateLimiter(limit, nowNs);
      limiters.set(limit, limiter);
    }
    return limiter;
  }

  #limitersOf(connection: object): Map<LocalRateLimit, LocalRateLimiter> {
    let limiters = this.#limitersByConnection.get(connection);
    if (limiters === undefined) {
      limiters = new Map();
      this.#limitersByConnection.set(connection, limiters);
    }
    return limiters;
  }

  collectStats(statPrefix: string, into: Map<string, number>): void {
    const { activeFaults, delaysInjected, abortsInjected, responseRlInjected, faultsOverflow } =
      this.faultStats;
    const faults: readonly (readonly [string, number])[] = [
      ['active_faults', activeFaults],
      ['delays_injected', delaysInjected],
      ['aborts_injected', abortsInjected],
      ['response_rl_injected', responseRlInjected],
      ['faults_overflow', faultsOverflow],
    ];
    for (const [name, value] of faults) add(into, `http.${statPrefix}.fault.${name}`, value);
    add(into, `http.${statPrefix}.cors.origin_valid`, this.corsStats.originValid);
    add(into, `http.${statPrefix}.cors.origin_invalid`, this.corsStats.originInvalid);
    for (const [limit, limiter] of this.#limiters) {
      const prefix = `${limit.xds.statPrefix ?? ''}.http_local_rate_limit.`;
      add(into, `${prefix}enabled`, limiter.enabled);
      add(into, `${prefix}ok`, limiter.ok);
      add(into, `${prefix}rate_limited`, limiter.rateLimited);
      add(into, `${prefix}enforced`, limiter.enforced);
    }
  }
}

/** The most specific configuration wins as a whole. */
function configurationOf(filter: HttpFilter, entry: RouteEntry | undefined): object | undefined {
  switch (filter.kind) {
    case 'fault':
      return entry?.fault ?? filter.own;
    case 'cors':
      return entry?.cors;
    case 'local-rate-limit':
      return entry?.localRateLimit ?? filter.own;
  }
}

function add(into: Map<string, number>, name: string, value: number): void {
  if (value !== 0) into.set(name, (into.get(name) ?? 0) + value);
}

function compileFilter({ name, typedConfig }: NamedTypedConfig): HttpFilter | undefined {
  const ignore = (): void => {}; // Problems of configuration were reported where it was read.
  switch (name) {
    case FAULT_FILTER: {
      const own = hasFields(typedConfig)
        ? compileFault(typedConfig as HttpFault, ignore)
        : undefined;
      return { kind: 'fault', own };
    }
    case CORS_FILTER:
      return { kind: 'cors' };
    case LOCAL_RATE_LIMIT_FILTER: {
      const config = typedConfig as LocalRateLimitConfig | undefined;
      const own = config?.tokenBucket && compileLocalRateLimit(config, ignore);
      return { kind: 'local-rate-limit', own };
    }
    default:
      return undefined;
  }
}

/** More than its type: most fault filters are there for routes to configure. */
function hasFields(config: object | undefined): boolean {
  return config !== undefined && Object.keys(config).some((key) => key !== '@type');
}
