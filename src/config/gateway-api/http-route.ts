import { enumeration, type Infer, int32, list, object, optional, string } from '#source/shape.ts';
import { backendRefFields, parentReferenceShape } from './references.ts';
import { httpRouteFilterShape } from './route-filters.ts';

const nameMatchShape = object({
  type: optional(enumeration('Exact', 'RegularExpression')),
  name: string(),
  value: string(),
});
export type NameMatch = Infer<typeof nameMatchShape>;

const httpRouteMatchShape = object({
  path: object({
    type: optional(enumeration('Exact', 'PathPrefix', 'RegularExpression')),
    value: optional(string()),
  }),
  headers: list(nameMatchShape),
  queryParams: list(nameMatchShape),
  method: optional(
    enumeration('GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'CONNECT', 'OPTIONS', 'TRACE', 'PATCH'),
  ),
});
export type HttpRouteMatch = Infer<typeof httpRouteMatchShape>;

const httpBackendRefShape = object({ ...backendRefFields, filters: list(httpRouteFilterShape) });
export type HttpBackendRef = Infer<typeof httpBackendRefShape>;

/** Also of a GRPCRoute. Durations stay text: they are Go's, not protobuf's. */
export const sessionPersistenceShape = object({
  sessionName: optional(string()),
  absoluteTimeout: optional(string()),
  type: optional(enumeration('Cookie', 'Header')),
  cookieConfig: object({ lifetimeType: optional(enumeration('Permanent', 'Session')) }),
});

const httpRouteRuleShape = object({
  name: optional(string()),
  matches: list(httpRouteMatchShape),
  filters: list(httpRouteFilterShape),
  backendRefs: list(httpBackendRefShape),
  timeouts: object({ request: optional(string()), backendRequest: optional(string()) }),
  retry: object({ codes: list(int32()), attempts: optional(int32()), backoff: optional(string()) }),
  sessionPersistence: sessionPersistenceShape,
});
export type HttpRouteRule = Infer<typeof httpRouteRuleShape>;

/** @source gateway-api: apis/v1/httproute_types.go, HTTPRouteSpec */
export const httpRouteShape = object({
  parentRefs: list(parentReferenceShape),
  useDefaultGateways: optional(enumeration('All', 'None')),
  hostnames: list(string()),
  rules: list(httpRouteRuleShape),
});
export type HttpRouteSpec = Infer<typeof httpRouteShape>;
