import type { Uint64 } from '#kernel/uint64.ts';
import { ZERO_UINT64 } from '#kernel/uint64.ts';
import type { HttpRequest } from '../network.ts';
import type {
  CompiledRoute,
  CompiledRouteConfiguration,
  ForwardAction,
  RouteEntry,
} from '../router/compiled-route.ts';
import type { HashedConnection } from '../router/hash-policy.ts';
import { RequestPlan } from '../router/request-plan.ts';
import type { Outcome } from '../router/response-outcome.ts';
import {
  matchRoute,
  routeEntry,
  usesHashForWeights,
  virtualHostOf,
} from '../router/route-configuration.ts';
import { isGrpcRequest } from '../router/route-match.ts';
import type { SanitizedRequest } from './request-sanitizer.ts';

/** What route choice reads beside the request; read only if a route needs it. */
export interface RoutedStream {
  readonly random: Uint64;
  readonly connection: HashedConnection | undefined;
}

/**
 * What follows from a request object alone: its head as the connection manager passes it on, and the
 * route it takes. Clients send the same object again and again, so this is worked out once for each.
 */
export class RequestProfile {
  declare readonly request: HttpRequest;
  /** `ip:port`; '' = the peer's. */
  declare readonly clientAddress: string;
  declare readonly isGrpc: boolean;
  declare readonly isInternal: boolean;
  /** The answer to a request that goes no further; undefined for all others. */
  declare readonly refusal: Outcome | undefined;
  /** The configuration that the fields below belong to. */
  #configuration: CompiledRouteConfiguration | undefined;
  /** False when chance has a say in it. */
  #isRouteKnown = false;
  #route: CompiledRoute | undefined;
  /** The plan asked for last, and those of the configuration's other entries. */
  #lastPlan: RequestPlan | undefined;
  #plans: Map<RouteEntry, RequestPlan> | undefined;

  constructor({ request, clientAddress, isInternal, refusal }: SanitizedRequest) {
    this.request = request;
    this.clientAddress = clientAddress;
    this.isInternal = isInternal;
    this.refusal = refusal;
    this.isGrpc = isGrpcRequest(request);
  }

  /** The route, and of it the weighted cluster, that this request is bound to; undefined = NR. */
  entry(
    configuration: CompiledRouteConfiguration | undefined,
    stream: RoutedStream,
  ): RouteEntry | undefined {
    if (configuration !== this.#configuration) this.#remember(configuration);
    const route =
      this.#isRouteKnown === true ? this.#route : findRoute(configuration, this.request, stream);
    if (route === undefined) return undefined;
    if (route.entries.length === 1) return route.entries[0];
    const { action } = route;
    const hash =
      usesHashForWeights(route) && action.kind === 'forward'
        ? action.hashPolicies?.hash(this.request, stream.connection).hash
        : undefined;
    return routeEntry(route, this.request, stream.random, hash);
  }

  plan(entry: RouteEntry, forward: ForwardAction): RequestPlan {
    const last = this.#lastPlan;
    if (last !== undefined && last.entry === entry) return last;
    this.#plans ??= new Map();
    let plan = this.#plans.get(entry);
    if (plan === undefined) {
      plan = new RequestPlan(entry, forward, this.request, this.isInternal);
      this.#plans.set(entry, plan);
    }
    this.#lastPlan = plan;
    return plan;
  }

  #remember(configuration: CompiledRouteConfiguration | undefined): void {
    this.#lastPlan = undefined;
    this.#plans = undefined;
    this.#configuration = configuration;
    const virtualHost = configuration && virtualHostOf(configuration, this.request);
    this.#isRouteKnown = virtualHost?.routes.every((it) => it.conditions.isOfRequest) ?? true;
    this.#route =
      virtualHost && this.#isRouteKnown
        ? matchRoute(virtualHost, this.request, ZERO_UINT64)
        : undefined;
  }
}

function findRoute(
  configuration: CompiledRouteConfiguration | undefined,
  request: HttpRequest,
  stream: RoutedStream,
): CompiledRoute | undefined {
  const virtualHost = configuration && virtualHostOf(configuration, request);
  return virtualHost && matchRoute(virtualHost, request, stream.random);
}

/** Profiles by request object. */
export class RequestProfiles {
  readonly #known = new WeakMap<HttpRequest, RequestProfile>();
  #last: HttpRequest | undefined;
  #lastProfile: RequestProfile | undefined;

  find(request: HttpRequest): RequestProfile | undefined {
    if (request === this.#last) return this.#lastProfile;
    const profile = this.#known.get(request);
    if (profile !== undefined) this.#keep(request, profile);
    return profile;
  }

  add(request: HttpRequest, profile: RequestProfile): RequestProfile {
    this.#known.set(request, profile);
    this.#keep(request, profile);
    return profile;
  }

  #keep(request: HttpRequest, profile: RequestProfile): void {
    this.#last = request;
    this.#lastProfile = profile;
  }
}
