/**
 * The number of a gRPC status name; 0 for a name that is none (validation refused it).
 *
 * @source istio: pkg/util/grpc/status.go, SupportedGRPCStatus
 */
export function grpcStatusCode(name: string): number {
  return Math.max(0, NAMES.indexOf(name));
}

const NAMES = [
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
