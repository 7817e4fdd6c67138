import { grpcToHttpStatus, httpToGrpcStatus } from '#envoy/router/grpc-status.ts';
import type { VectorAdapter } from './adapter.ts';

/** A case gives one of the two directions; that of local replies is told by the status it is for. */
export const run: VectorAdapter = (vector: {
  readonly grpc: number;
  readonly http_local_reply?: number;
}) => {
  const { grpc, http_local_reply: status } = vector;
  if (status === undefined) return { http: grpcToHttpStatus(grpc) };
  return { http_local_reply: httpToGrpcStatus(status) === grpc ? status : null };
};
