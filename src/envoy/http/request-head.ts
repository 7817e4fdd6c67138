import type { HttpRequest } from '../network.ts';
import { HeaderMap } from './header-map.ts';

/** What header mutations write to: a request, or the headers of a response. */
export interface HeaderTarget {
  has(name: string): boolean;
  set(name: string, value: string): void;
  add(name: string, value: string): void;
  remove(name: string): void;
}

/**
 * A request that may be changed on its way: pseudo headers (and `host`, which is `:authority`) are
 * fields, reached by their header names too.
 *
 * @source envoy: source/common/http/header_map_impl.cc, StaticLookupTable<RequestHeaderMap>
 */
export class RequestHead implements HttpRequest, HeaderTarget {
  method: string;
  path: string;
  authority: string;
  scheme: string;
  readonly headers: HeaderMap = new HeaderMap();
  bodyBytes: number;

  constructor(request: HttpRequest) {
    this.method = request.method;
    this.path = request.path;
    this.authority = request.authority;
    this.scheme = request.scheme;
    this.headers.copyFrom(request.headers);
    this.bodyBytes = request.bodyBytes;
  }

  has(name: string): boolean {
    return isPseudo(name) || this.headers.has(name);
  }

  set(name: string, value: string): void {
    if (!isPseudo(name)) this.headers.set(name, value);
    else this.#setField(name, value);
  }

  /** A pseudo header has one value: a second one is appended to it, as to any inline header. */
  add(name: string, value: string): void {
    if (!isPseudo(name)) this.headers.add(name, value);
    else this.#setField(name, `${this.#field(name)},${value}`);
  }

  remove(name: string): void {
    if (!isPseudo(name)) this.headers.remove(name);
  }

  #field(name: string): string {
    if (name === ':path') return this.path;
    if (name === ':method') return this.method;
    return name === ':scheme' ? this.scheme : this.authority;
  }

  #setField(name: string, value: string): void {
    if (name === ':path') this.path = value;
    else if (name === ':method') this.method = value;
    else if (name === ':scheme') this.scheme = value;
    else this.authority = value;
  }
}

function isPseudo(name: string): boolean {
  return name === 'host' || name.startsWith(':');
}
