import { GRPC_STATUSES } from '#source/grpc-status.ts';

/**
 * gRPC's statuses as Envoy's configuration spells them, each at its number: with one L in CANCELED.
 *
 * @source envoy: api/envoy/config/accesslog/v3/accesslog.proto, GrpcStatusFilter.Status
 */
export const ENVOY_GRPC_STATUSES: readonly string[] = GRPC_STATUSES.map((name) =>
  name === 'CANCELLED' ? 'CANCELED' : name,
);
