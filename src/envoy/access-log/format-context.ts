import type { HeaderMap } from '../http/header-map.ts';
import type { HttpRequest, RequestKey } from '../network.ts';
import type { StreamInfo } from '../stream-info.ts';

/** What formatters of headers and log lines read. Absent parts print as missing values. */
export interface FormatContext {
  readonly request: HttpRequest | undefined;
  readonly responseHeaders: HeaderMap | undefined;
  readonly responseTrailers: HeaderMap | undefined;
  readonly stream: StreamInfo | undefined;
  /** Whose id a request has that brought none; absent = nobody gives it one. */
  readonly key?: RequestKey | undefined;
  /** The wall clock at virtual time 0, in ms since 1970: what dates count from. */
  readonly epochMs: number;
}

/** For a header mutation that depends on the request alone. */
export function requestContext(request: HttpRequest): FormatContext {
  return {
    request,
    responseHeaders: undefined,
    responseTrailers: undefined,
    stream: undefined,
    epochMs: 0,
  };
}
