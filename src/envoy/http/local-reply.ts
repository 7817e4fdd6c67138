import type { HttpResponse } from '../network.ts';
import { HeaderMap } from './header-map.ts';

/**
 * The gRPC status that stands for an HTTP status in a local reply.
 *
 * @source envoy: source/common/grpc/status.cc, Utility::httpToGrpcStatus
 */
export function httpToGrpcStatus(httpStatus: number): number {
  switch (httpStatus) {
    case 400:
      return 13;
    case 401:
      return 16;
    case 403:
      return 7;
    case 404:
      return 12;
    case 429:
    case 502:
    case 503:
    case 504:
      return 14;
    default:
      return 2;
  }
}

/** What a reply made by the proxy itself says. */
export interface LocalReply {
  readonly status: number;
  readonly body: string;
  readonly isGrpc: boolean;
  /** Headers of the filter that replies, such as `location`. */
  readonly headers: readonly (readonly [name: string, value: string])[];
}

/**
 * A local reply as it is encoded: text of type `text/plain`, or for gRPC a trailers-only answer.
 *
 * @source envoy: source/common/http/utility.cc, Utility::prepareLocalReply
 */
export function localReplyResponse(reply: LocalReply): HttpResponse {
  const headers = new HeaderMap();
  if (reply.isGrpc) {
    headers.append('content-type', 'application/grpc');
    headers.append('grpc-status', String(httpToGrpcStatus(reply.status)));
    if (reply.body !== '') headers.append('grpc-message', reply.body);
  } else if (reply.body !== '') {
    headers.append('content-length', String(reply.body.length));
    headers.append('content-type', 'text/plain');
  }
  for (const [name, value] of reply.headers) headers.set(name, value);
  return {
    status: reply.isGrpc ? 200 : reply.status,
    headers,
    bodyBytes: reply.isGrpc ? 0 : reply.body.length,
    bodyText: reply.isGrpc ? '' : reply.body,
  };
}
