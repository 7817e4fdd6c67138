import type { HttpResponse } from '../network.ts';
import { httpToGrpcStatus } from '../router/grpc-status.ts';
import { HeaderMap } from './header-map.ts';

/** What a reply made by the proxy itself says. */
export interface LocalReply {
  readonly status: number;
  readonly body: string;
  readonly isGrpc: boolean;
  /** In place of the one that stands for the HTTP status; of no account without gRPC. */
  readonly grpcStatus?: number | undefined;
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
  const { isGrpc } = reply;
  if (isGrpc) {
    headers.append('content-type', 'application/grpc');
    headers.append('grpc-status', String(reply.grpcStatus ?? httpToGrpcStatus(reply.status)));
    if (reply.body !== '') headers.append('grpc-message', reply.body);
  } else if (reply.body !== '') {
    headers.append('content-length', String(reply.body.length));
    headers.append('content-type', 'text/plain');
  }
  for (const [name, value] of reply.headers) headers.set(name, value);
  return {
    status: isGrpc ? 200 : reply.status,
    headers,
    bodyBytes: isGrpc ? 0 : reply.body.length,
    bodyText: isGrpc ? '' : reply.body,
  };
}
