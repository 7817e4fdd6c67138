import { HeaderMap } from '#envoy/http/header-map.ts';
import type { HttpRequest } from '#envoy/network.ts';
import type { Call } from './behaviour.ts';

/** Different sets of forwarded headers that are remembered per behaviour. */
const MAX_REMEMBERED = 10_000;

/**
 * The requests that a workload's calls send: the call's own headers and those handed on from the
 * request being served. Equal requests are one object, because proxies remember by identity what they
 * made of a request.
 */
export class CallRequests {
  readonly #calls: readonly Call[];
  readonly #forward: readonly string[];
  readonly #plain: readonly HttpRequest[];
  readonly #byHeaders = new Map<string, HttpRequest[]>();
  #lastServed: HttpRequest | undefined = undefined;
  #lastRequests: readonly HttpRequest[] = [];

  /** `forward`: names of headers that are handed on. */
  constructor(calls: readonly Call[], forward: readonly string[]) {
    this.#forward = forward;
    this.#plain = calls.map((call) => requestOf(call, new HeaderMap()));
    this.#calls = calls;
  }

  /** The request of a call made while `served` is being served. */
  of(call: { readonly index: number }, served: HttpRequest): HttpRequest {
    if (served !== this.#lastServed) {
      this.#lastRequests = this.#requestsFor(served);
      this.#lastServed = served;
    }
    return this.#lastRequests[call.index]!;
  }

  #requestsFor(served: HttpRequest): readonly HttpRequest[] {
    const handedOn = new HeaderMap();
    let key = '';
    for (const name of this.#forward) {
      const value = served.headers.get(name);
      if (value === undefined) continue;
      handedOn.append(name, value);
      key += `${name}:${value}\n`;
    }
    if (key === '') return this.#plain;
    let requests = this.#byHeaders.get(key);
    if (requests === undefined) {
      requests = this.#calls.map((call) => requestOf(call, handedOn));
      if (this.#byHeaders.size >= MAX_REMEMBERED) this.#byHeaders.clear();
      this.#byHeaders.set(key, requests);
    }
    return requests;
  }
}

function requestOf(call: Call, handedOn: HeaderMap): HttpRequest {
  const { target } = call;
  const headers = new HeaderMap();
  headers.copyFrom(handedOn);
  if (target.scheme === 'grpc') headers.set('content-type', 'application/grpc');
  for (const { name, value } of call.headers) headers.set(name, value);
  const isTcp = target.scheme === 'tcp';
  return {
    method: isTcp ? 'TCP' : target.method,
    path: isTcp ? '' : target.path,
    authority: isTcp ? '' : target.authority,
    scheme: target.scheme === 'https' ? 'https' : isTcp ? '' : 'http',
    headers,
    bodyBytes: 0,
  };
}
