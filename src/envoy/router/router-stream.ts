import type { Uint64 } from '#kernel/uint64.ts';
import type { ActiveStreamInfo } from '../http/active-stream-info.ts';
import type { HttpRequest, HttpResponse, RequestKey, WireProtocol } from '../network.ts';
import type { ForwardAction, RouteEntry } from './compiled-route.ts';
import type { HashedConnection } from './hash-policy.ts';
import type { CompiledInternalRedirect } from './internal-redirect.ts';
import type { RequestPlan } from './request-plan.ts';
import type { Outcome } from './response-outcome.ts';

/**
 * What the router knows of the stream that it serves: a downstream request, or the copy of one that
 * goes to a mirror. The calls that end the stream may re-use it and the router before they return.
 *
 * @source envoy: envoy/http/filter.h, StreamDecoderFilterCallbacks
 */
export interface RouterStream {
  readonly info: ActiveStreamInfo;
  /** As it left the filters. */
  readonly request: HttpRequest;
  readonly isGrpc: boolean;
  /** Came from inside: `x-envoy-` headers are heeded. */
  readonly isInternal: boolean;
  readonly key: RequestKey;
  readonly entry: RouteEntry | undefined;
  /** The stream's one random number: weighted clusters, runtime fractions and mirroring share it. */
  readonly random: Uint64;
  readonly downstreamProtocol: WireProtocol;
  /** Undefined for a mirrored copy. */
  readonly connection: HashedConnection | undefined;
  /** `ip:port` that the client's connection was meant for. */
  readonly originalDestination: string | undefined;
  readonly worker: number;
  /** Of the received request; 0 = none. */
  readonly receivedAttemptCount: number;
  /** `x-envoy-expected-rq-timeout-ms` of the received request, from inside; 0 = none. */
  readonly receivedTimeoutMs: number;
  /** What follows from its request on an entry that forwards. */
  plan(entry: RouteEntry, forward: ForwardAction): RequestPlan;
  /** The request as it goes upstream, where the plan does not know: header additions, host and path rewrites. */
  upstreamRequest(): HttpRequest;
  /** Headers of the answer; with `endStream` its end. `serviceTimeMs` −1 = not shown. */
  respond(response: HttpResponse, endStream: boolean, serviceTimeMs: number): void;
  endResponse(): void;
  /** Answers with the outcome's status and body; details and flag are set. */
  sendLocalReply(outcome: Outcome): void;
  /** The request that follows the redirect `response`, if the route's policy and its target allow it. */
  redirected(policy: CompiledInternalRedirect, response: HttpResponse): HttpRequest | undefined;
  /** Ends with `response`, which nobody downstream hears of, and goes on as `next`. */
  redirect(next: HttpRequest, response: HttpResponse, nowNs: number): void;
  /** Ends an answer that has begun without its rest. */
  resetResponse(details: string): void;
}
