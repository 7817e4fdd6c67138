/**
 * The way of one request through the filters before the router. Made for a stream that meets a filter
 * with something to do, and kept with it.
 *
 *     start ─▶ filter ─▶ filter ─▶ … ─▶ onFiltersPassed
 *                 ├─▶ waits (a fault's delay), goes on from there
 *                 └─▶ answers: onFilterReply
 *
 * @source envoy: source/common/http/filter_manager.cc, FilterManager::decodeHeaders
 */
import type { Dispatcher, EventTarget, Timer } from '#kernel/dispatcher.ts';
import { requestContext } from '../access-log/format-context.ts';
import { addCorsHeaders, type CorsPolicy, corsStep } from '../filters/cors.ts';
import {
  type Fault,
  type FaultStep,
  FaultStream,
  faultApplies,
  limitedBodyNs,
} from '../filters/fault.ts';
import type { LocalRateLimit } from '../filters/local-rate-limit.ts';
import { KeyedDraws } from '../keyed-draws.ts';
import type { HttpRequest, HttpResponse, RequestKey } from '../network.ts';
import type { RouteEntry } from '../router/compiled-route.ts';
import { faultAborted, LOCAL_RATE_LIMITED, type Outcome } from '../router/response-outcome.ts';
import { clusterNameOf } from '../router/route-configuration.ts';
import type { ActiveStreamInfo } from './active-stream-info.ts';
import { HeaderMap } from './header-map.ts';
import type { HttpFilter, HttpFilters } from './http-filters.ts';
import type { StreamTrace } from './stream-trace.ts';

/** The stream that runs through the filters. */
export interface FilteredStream {
  readonly info: ActiveStreamInfo;
  readonly request: HttpRequest;
  readonly key: RequestKey;
  readonly entry: RouteEntry | undefined;
  readonly connection: { readonly remoteAddress: string };
  onFiltersPassed(nowNs: number): void;
  /** `grpcStatus`: what an injected fault asks for; undefined = as the HTTP status says. */
  onFilterReply(outcome: Outcome, grpcStatus: number | undefined): void;
  /** A filter answers by itself, past what the route does to answers. */
  onFilterAnswer(outcome: Outcome): void;
}

export class FilterRun implements EventTarget {
  readonly #filters: HttpFilters;
  readonly #draws: KeyedDraws;
  readonly #fault = new FaultStream();
  readonly #timer: Timer;
  readonly #trace: StreamTrace | undefined;
  #stream: FilteredStream | undefined;
  #activeFault: Fault | undefined;
  #index = 0;
  #cors: CorsPolicy | undefined;
  #origin = '';

  constructor(
    filters: HttpFilters,
    dispatcher: Dispatcher,
    purpose: number,
    trace: StreamTrace | undefined,
  ) {
    this.#filters = filters;
    this.#trace = trace;
    this.#draws = new KeyedDraws(purpose);
    this.#timer = dispatcher.createTimer(this, 0);
  }

  start(stream: FilteredStream, nowNs: number): void {
    this.#stream = stream;
    this.#index = 0;
    this.#draws.begin(stream.key);
    this.#continue(nowNs);
  }

  /** What filters do with an answer on its way back. */
  encode(response: HttpResponse): HttpResponse {
    if (this.#cors === undefined) return response;
    const headers = response.headers.clone();
    addCorsHeaders(this.#cors, this.#origin, headers);
    return { ...response, headers };
  }

  /** How long a fault's response rate limit holds back the end of a body of `bytes`; 0 = it does not. */
  bodyDelayNs(bytes: number): number {
    const kbps = this.#activeFault === undefined ? 0 : this.#fault.responseLimitKbps;
    return kbps === 0 ? 0 : limitedBodyNs(bytes, kbps);
  }

  /** The stream is over, in whatever way. */
  reset(): void {
    this.#timer.disable();
    if (this.#activeFault !== undefined) this.#fault.end(this.#filters.faultStats);
    this.#activeFault = undefined;
    this.#stream = undefined;
    this.#cors = undefined;
  }

  /** A fault's delay is over. */
  onEvent(_event: number, nowNs: number): void {
    const fault = this.#activeFault!;
    const { key, request } = this.#stream!;
    const { headers } = request;
    this.#trace?.delayed(key, nowNs - this.#fault.delayMs * 1e6, nowNs, fault.xds);
    const step = this.#fault.onDelayOver(fault, headers, this.#filters.faultStats, this.#draws);
    this.#afterFault(step, nowNs);
  }

  #continue(nowNs: number): void {
    const { chain } = this.#filters;
    while (this.#index < chain.length) {
      if (!this.#passes(chain[this.#index]!, nowNs)) return;
      this.#index++;
    }
    this.#stream!.onFiltersPassed(nowNs);
  }

  /** False when the filter answers, or keeps the request for a while. */
  #passes(filter: HttpFilter, nowNs: number): boolean {
    const { entry } = this.#stream!;
    switch (filter.kind) {
      case 'fault': {
        const fault = entry?.fault ?? filter.own;
        return fault === undefined || this.#passesFault(fault);
      }
      case 'cors':
        return entry?.cors === undefined || this.#passesCors(entry.cors);
      case 'local-rate-limit': {
        const limit = entry?.localRateLimit ?? filter.own;
        return limit === undefined || this.#passesRateLimit(limit, nowNs);
      }
    }
  }

  #passesFault(fault: Fault): boolean {
    const { request, info } = this.#stream!;
    if (!faultApplies(fault, request, this.#clusterName())) return true;
    this.#activeFault = fault;
    const step = this.#fault.onRequest(
      fault,
      request.headers,
      this.#filters.faultStats,
      this.#draws,
    );
    if (step === 'delay') {
      info.setFlag('DI');
      this.#timer.enable(this.#fault.delayMs * 1e6);
      return false;
    }
    if (step === 'continue') return true;
    this.#abort();
    return false;
  }

  #afterFault(step: FaultStep, nowNs: number): void {
    if (step === 'abort') {
      this.#abort();
      return;
    }
    this.#index++;
    this.#continue(nowNs);
  }

  #abort(): void {
    const { status, grpcStatus } = this.#fault.reply!;
    this.#stream!.onFilterReply(faultAborted(status), grpcStatus);
  }

  #passesCors(policy: CorsPolicy): boolean {
    const { request } = this.#stream!;
    this.#filters.corsStats.count(policy, request);
    const step = corsStep(policy, request);
    if (step.kind === 'reply') {
      const { headers } = step;
      const outcome = { status: 200, flag: undefined, details: 'cors_response', body: '', headers };
      this.#stream!.onFilterAnswer(outcome);
      return false;
    }
    if (step.kind === 'allow') {
      this.#cors = policy;
      this.#origin = step.origin;
    }
    return true;
  }

  #passesRateLimit(limit: LocalRateLimit, nowNs: number): boolean {
    const { request, connection } = this.#stream!;
    const descriptors = limit.actions.flatMap((action) => {
      const descriptor = action(request, connection.remoteAddress, this.#clusterName());
      return descriptor === undefined ? [] : [descriptor];
    });
    const limiter = this.#filters.limiter(limit, connection, nowNs);
    if (limiter.onRequest(descriptors, nowNs, this.#draws) !== 'reject') return true;
    const added = new HeaderMap();
    limit.responseHeaders.evaluate(added, requestContext(request));
    const headers = added.names.map((name, index) => [name, added.values[index]!] as const);
    const outcome = { ...LOCAL_RATE_LIMITED, status: limit.status, headers };
    this.#stream!.onFilterReply(outcome, undefined);
    return false;
  }

  #clusterName(): string {
    const { entry, request } = this.#stream!;
    return entry === undefined ? '' : clusterNameOf(entry, request);
  }
}
