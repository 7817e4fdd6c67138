import type { HttpRequest, HttpResponse, RequestKey } from '../network.ts';
import type { RouteEntry } from '../router/compiled-route.ts';
import type { StreamInfo } from '../stream-info.ts';
import { HeaderMap } from './header-map.ts';

/** What the head of an answer depends on beside the answer itself. */
export interface EncodedStream {
  readonly entry: RouteEntry | undefined;
  /** As it goes upstream. */
  readonly finalRequest: HttpRequest;
  readonly info: StreamInfo;
  /** What the router would tell; 0 = it never tried, or the answer is not the router's. */
  readonly attemptCount: number;
  readonly key: RequestKey;
}

/** Headers that the connection manager puts on every answer. */
export interface ResponseSettings {
  readonly serverName: string;
  readonly via: string;
  readonly epochMs: number;
}

/** What was made of an answer, and for whom it holds. */
interface Encoded {
  readonly entry: RouteEntry | undefined;
  readonly showsAttemptCount: boolean;
  readonly attemptCount: number;
  /** Undefined when the request has no say in it. */
  readonly request: HttpRequest | undefined;
  readonly response: HttpResponse;
}

/**
 * Makes the head of answers as they go downstream: the route's header changes, the attempt count
 * where it is asked for, `server` and `via`. Instances and proxies send the same objects again and
 * again, so what was made of one is remembered and a new head is rarely made.
 *
 * @source envoy: source/common/http/conn_manager_impl.cc, ActiveStream::encodeHeaders;
 *   source/common/router/router.cc, onUpstreamHeaders
 */
export class ResponseEncoder {
  declare private readonly settings: ResponseSettings;
  readonly #known = new WeakMap<HttpResponse, Encoded>();
  #lastResponse: HttpResponse | undefined;
  #lastEncoded: Encoded | undefined;

  constructor(settings: ResponseSettings) {
    this.settings = settings;
  }

  encode(stream: EncodedStream, response: HttpResponse): HttpResponse {
    let known = this.#lastEncoded;
    if (response !== this.#lastResponse) {
      known = this.#known.get(response);
      this.#lastResponse = response;
      this.#lastEncoded = known;
    }
    if (known !== undefined && isFor(known, stream)) return known.response;
    return this.#make(stream, response);
  }

  #make(stream: EncodedStream, response: HttpResponse): HttpResponse {
    const { entry } = stream;
    const showsAttemptCount = entry?.route.virtualHost.includeAttemptCountInResponse ?? false;
    const attemptCount = showsAttemptCount ? stream.attemptCount : 0; // 0 = not shown.
    const made = this.#encode(stream, response, attemptCount);
    if (entry?.responseHeaders === undefined || entry.responseHeaders.isOfRequest) {
      const request = entry?.responseHeaders === undefined ? undefined : stream.finalRequest;
      this.#lastEncoded = { entry, showsAttemptCount, attemptCount, request, response: made };
      this.#known.set(response, this.#lastEncoded);
    }
    return made;
  }

  #encode(
    { entry, finalRequest, info, key }: EncodedStream,
    response: HttpResponse,
    attemptCount: number,
  ): HttpResponse {
    const { serverName, via, epochMs } = this.settings;
    const isUnchanged =
      entry?.responseHeaders === undefined &&
      attemptCount === 0 &&
      via === '' &&
      response.headers.get('server') === serverName;
    if (isUnchanged) return response;
    if (entry?.responseHeaders === undefined) {
      return plainAnswer(response, this.settings, attemptCount);
    }
    const headers = new HeaderMap();
    headers.copyFrom(response.headers);
    entry.responseHeaders.apply(headers, {
      request: finalRequest,
      responseHeaders: headers,
      responseTrailers: undefined,
      stream: info,
      key,
      epochMs,
    });
    finish(headers, this.settings, attemptCount);
    return { ...response, headers };
  }
}

/** By answer, then by what is put on it. */
const plainAnswers = new WeakMap<HttpResponse, Map<string, HttpResponse>>();

/**
 * An answer on which a route has no say: the same object for all proxies, so that whoever hears it
 * from many of them finds what was made of it by identity.
 */
function plainAnswer(
  response: HttpResponse,
  settings: ResponseSettings,
  attemptCount: number,
): HttpResponse {
  let made = plainAnswers.get(response);
  if (made === undefined) {
    made = new Map();
    plainAnswers.set(response, made);
  }
  const key = `${settings.serverName}\n${settings.via}\n${attemptCount}`;
  let answer = made.get(key);
  if (answer === undefined) {
    const headers = response.headers.clone();
    finish(headers, settings, attemptCount);
    answer = { ...response, headers };
    made.set(key, answer);
  }
  return answer;
}

function finish(headers: HeaderMap, { serverName, via }: ResponseSettings, attempts: number): void {
  if (attempts > 0) headers.set('x-envoy-attempt-count', String(attempts));
  headers.set('server', serverName);
  if (via !== '') headers.add('via', via);
}

/** The entry decides what else an answer hangs on. */
function isFor(known: Encoded, stream: EncodedStream): boolean {
  return (
    known.entry === stream.entry &&
    (known.showsAttemptCount === false || known.attemptCount === stream.attemptCount) &&
    (known.request === undefined || known.request === stream.finalRequest)
  );
}
