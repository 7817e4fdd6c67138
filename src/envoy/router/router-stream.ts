import type { Uint64 } from '#kernel/uint64.ts';
import type { ActiveStreamInfo } from '../http/active-stream-info.ts';
import type { HttpRequest, HttpResponse, RequestKey, WireProtocol } from '../network.ts';
import type { RouteEntry } from './compiled-route.ts';
import type { HashedConnection } from './hash-policy.ts';

/** A reply that the proxy makes itself. */
export interface StreamReply {
  readonly status: number;
  readonly body: string;
  readonly details: string;
  readonly headers?: readonly (readonly [name: string, value: string])[];
}

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
  /** `x-envoy-internal`: the request came from inside. */
  readonly isInternal: boolean;
  /** Of the received request; 0 = none. */
  readonly receivedAttemptCount: number;
  /** The request as it goes upstream: header additions, host and path rewrites of its route. */
  upstreamRequest(): HttpRequest;
  /** Headers of the answer; with `endStream` its end. */
  respond(response: HttpResponse, endStream: boolean, serviceTimeMs: number): void;
  endResponse(): void;
  sendLocalReply(reply: StreamReply): void;
  /** Ends an answer that has begun without its rest. */
  resetResponse(details: string): void;
}
