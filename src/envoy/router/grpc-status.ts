/**
 * gRPC status codes as HTTP statuses, for outlier detection; by code.
 *
 * @source envoy: source/common/grpc/status.cc, Utility::grpcToHttpStatus
 */
const HTTP_OF_GRPC = [
  200, 499, 500, 400, 504, 404, 409, 403, 429, 400, 409, 400, 501, 500, 503, 500, 401,
] as const;

/** Codes beyond the known ones count as 500. */
export function grpcToHttpStatus(grpcStatus: number): number {
  return HTTP_OF_GRPC[grpcStatus] ?? 500;
}

/**
 * HTTP statuses as gRPC codes, for a proxy's own replies to gRPC requests; UNKNOWN for all others.
 *
 * @source envoy: source/common/grpc/status.cc, Utility::httpToGrpcStatus
 */
const GRPC_OF_HTTP: ReadonlyMap<number, number> = new Map([
  [400, 13],
  [401, 16],
  [403, 7],
  [404, 12],
  [429, 14],
  [502, 14],
  [503, 14],
  [504, 14],
]);

export function httpToGrpcStatus(httpStatus: number): number {
  return GRPC_OF_HTTP.get(httpStatus) ?? 2;
}
