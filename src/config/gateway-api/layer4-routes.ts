import { enumeration, type Infer, list, object, optional, string } from '#source/shape.ts';
import { backendRefShape, parentReferenceShape } from './references.ts';

const ruleShape = object({ name: optional(string()), backendRefs: list(backendRefShape) });
/** Of a TCPRoute or TLSRoute: no conditions, only backends. */
export type Layer4RouteRule = Infer<typeof ruleShape>;

/** @source gateway-api: apis/v1/tcproute_types.go, TCPRouteSpec */
export const tcpRouteShape = object({
  parentRefs: list(parentReferenceShape),
  useDefaultGateways: optional(enumeration('All', 'None')),
  rules: list(ruleShape),
});
export type TcpRouteSpec = Infer<typeof tcpRouteShape>;

/** @source gateway-api: apis/v1/tlsroute_types.go, TLSRouteSpec */
export const tlsRouteShape = object({
  parentRefs: list(parentReferenceShape),
  useDefaultGateways: optional(enumeration('All', 'None')),
  hostnames: list(string()),
  rules: list(ruleShape),
});
export type TlsRouteSpec = Infer<typeof tlsRouteShape>;
