/** gRPC's statuses, each at its number. @source grpc: doc/statuscodes.md */
export const GRPC_STATUSES: readonly string[] = [
  'OK',
  'CANCELLED',
  'UNKNOWN',
  'INVALID_ARGUMENT',
  'DEADLINE_EXCEEDED',
  'NOT_FOUND',
  'ALREADY_EXISTS',
  'PERMISSION_DENIED',
  'RESOURCE_EXHAUSTED',
  'FAILED_PRECONDITION',
  'ABORTED',
  'OUT_OF_RANGE',
  'UNIMPLEMENTED',
  'INTERNAL',
  'UNAVAILABLE',
  'DATA_LOSS',
  'UNAUTHENTICATED',
];

/** The number of a status by its name; undefined for a name that is none. */
export function grpcStatusCode(name: string): number | undefined {
  const code = GRPC_STATUSES.indexOf(name);
  return code < 0 ? undefined : code;
}
