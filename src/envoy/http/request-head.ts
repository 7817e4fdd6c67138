import type { HttpRequest } from '../network.ts';
import { HeaderMap } from './header-map.ts';

/** A copy of a request that may be changed on its way. */
export class RequestHead implements HttpRequest {
  method: string;
  path: string;
  authority: string;
  scheme: string;
  readonly headers: HeaderMap = new HeaderMap();
  bodyBytes: number;
  /** Where the proxy that made this copy takes it to come from, `ip:port`; '' = from the peer. */
  clientAddress = '';

  constructor(request: HttpRequest) {
    this.method = request.method;
    this.path = request.path;
    this.authority = request.authority;
    this.scheme = request.scheme;
    this.headers.copyFrom(request.headers);
    this.bodyBytes = request.bodyBytes;
  }
}
