import type { HttpRequest, HttpResponse } from '../network.ts';
import type { RouteEntry } from '../router/compiled-route.ts';
import type { StreamInfo } from '../stream-info.ts';
import { HeaderMap } from './header-map.ts';

/** What the head of an answer depends on beside the answer itself. */
export interface EncodedStream {
  readonly entry: RouteEntry | undefined;
  readonly request: HttpRequest;
  readonly info: StreamInfo;
}

/** Headers that the connection manager puts on every answer. */
export interface ResponseSettings {
  readonly serverName: string;
  readonly via: string;
  readonly epochMs: number;
}

/**
 * Makes the head of answers as they go downstream: the route's header changes, the attempt count
 * where it is asked for, `server` and `via`. What it made last is kept: connections carry the same
 * answer again and again, so a new head is rarely made.
 *
 * @source envoy: source/common/http/conn_manager_impl.cc, ActiveStream::encodeHeaders;
 *   source/common/router/router.cc, onUpstreamHeaders
 */
export class ResponseEncoder {
  readonly #settings: ResponseSettings;
  #lastEntry: RouteEntry | undefined;
  #lastResponse: HttpResponse | undefined;
  #lastAttemptCount = 0;
  #lastEncoded: HttpResponse | undefined;

  constructor(settings: ResponseSettings) {
    this.#settings = settings;
  }

  encode(stream: EncodedStream, response: HttpResponse): HttpResponse {
    const { entry, info } = stream;
    const attemptCount = shownAttemptCount(entry, info);
    if (
      response === this.#lastResponse &&
      entry === this.#lastEntry &&
      attemptCount === this.#lastAttemptCount
    ) {
      return this.#lastEncoded!;
    }
    const encoded = this.#encode(stream, response, attemptCount);
    if (entry?.responseHeaders === undefined || entry.responseHeaders.isOfRequest) {
      this.#lastEntry = entry;
      this.#lastResponse = response;
      this.#lastAttemptCount = attemptCount;
      this.#lastEncoded = encoded;
    }
    return encoded;
  }

  #encode(
    { entry, request, info }: EncodedStream,
    response: HttpResponse,
    attemptCount: number,
  ): HttpResponse {
    const { serverName, via, epochMs } = this.#settings;
    const headers = new HeaderMap();
    headers.copyFrom(response.headers);
    entry?.responseHeaders?.apply(headers, {
      request,
      responseHeaders: headers,
      responseTrailers: undefined,
      stream: info,
      epochMs,
    });
    if (attemptCount > 0) headers.set('x-envoy-attempt-count', String(attemptCount));
    headers.set('server', serverName);
    if (via !== '') headers.add('via', via);
    return { ...response, headers };
  }
}

/** 0 = not shown: not asked for, or the router never tried. */
function shownAttemptCount(entry: RouteEntry | undefined, info: StreamInfo): number {
  return entry?.route.virtualHost.includeAttemptCountInResponse ? info.attemptCount : 0;
}
