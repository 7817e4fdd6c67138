import { enumeration, type Infer, list, object, optional, string } from '#source/shape.ts';
import { sessionPersistenceShape } from './http-route.ts';
import { backendRefFields, parentReferenceShape } from './references.ts';
import { grpcRouteFilterShape } from './route-filters.ts';

const grpcRouteMatchShape = object({
  method: object({
    type: optional(enumeration('Exact', 'RegularExpression')),
    service: optional(string()),
    method: optional(string()),
  }),
  headers: list(
    object({
      type: optional(enumeration('Exact', 'RegularExpression')),
      name: string(),
      value: string(),
    }),
  ),
});
export type GrpcRouteMatch = Infer<typeof grpcRouteMatchShape>;

const grpcRouteRuleShape = object({
  name: optional(string()),
  matches: list(grpcRouteMatchShape),
  filters: list(grpcRouteFilterShape),
  backendRefs: list(object({ ...backendRefFields, filters: list(grpcRouteFilterShape) })),
  sessionPersistence: sessionPersistenceShape,
});
export type GrpcRouteRule = Infer<typeof grpcRouteRuleShape>;

/** @source gateway-api: apis/v1/grpcroute_types.go, GRPCRouteSpec */
export const grpcRouteShape = object({
  parentRefs: list(parentReferenceShape),
  useDefaultGateways: optional(enumeration('All', 'None')),
  hostnames: list(string()),
  rules: list(grpcRouteRuleShape),
});
export type GrpcRouteSpec = Infer<typeof grpcRouteShape>;
