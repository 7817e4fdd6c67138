import {
  boolean,
  bytes,
  double,
  type Infer,
  int32,
  list,
  map,
  object,
  optional,
  protoEnum,
  string,
  uint32,
  wrapped,
} from '#source/shape.ts';
import { destinationShape, positiveDuration, stringMatchShape } from './shared-shapes.ts';

const headerOperationsShape = object({
  set: map(string()),
  add: map(string()),
  remove: list(string()),
});
export type HeaderOperations = Infer<typeof headerOperationsShape>;

const headersShape = object({ request: headerOperationsShape, response: headerOperationsShape });
export type Headers = Infer<typeof headersShape>;

const percentShape = object({ value: double() });
export type Percent = Infer<typeof percentShape>;

const httpMatchRequestShape = object({
  name: string(),
  uri: stringMatchShape,
  scheme: stringMatchShape,
  method: stringMatchShape,
  authority: stringMatchShape,
  headers: map(stringMatchShape),
  port: uint32(),
  sourceLabels: map(string()),
  gateways: list(string()),
  queryParams: map(stringMatchShape),
  ignoreUriCase: boolean(),
  withoutHeaders: map(stringMatchShape),
  sourceNamespace: string(),
  statPrefix: string(),
});
export type HttpMatchRequest = Infer<typeof httpMatchRequestShape>;

const httpRouteDestinationShape = object(
  { destination: destinationShape, weight: int32(), headers: headersShape },
  { required: ['destination'] },
);
export type HttpRouteDestination = Infer<typeof httpRouteDestinationShape>;

const httpRedirectShape = object(
  {
    uri: string(),
    authority: string(),
    port: optional(uint32()),
    derivePort: optional(
      protoEnum(
        'istio.networking.v1alpha3.HTTPRedirect.RedirectPortSelection',
        'FROM_PROTOCOL_DEFAULT',
        'FROM_REQUEST_PORT',
      ),
    ),
    scheme: string(),
    redirectCode: uint32(),
    prefixRewrite: string(),
  },
  { oneOf: [['port', 'derivePort']] },
);
export type HttpRedirect = Infer<typeof httpRedirectShape>;

const httpDirectResponseShape = object(
  {
    status: uint32(),
    body: object(
      { string: optional(string()), bytes: optional(bytes()) },
      { oneOf: [['string', 'bytes']] },
    ),
  },
  { required: ['status'] },
);
export type HttpDirectResponse = Infer<typeof httpDirectResponseShape>;

const httpRewriteShape = object({
  uri: string(),
  authority: string(),
  uriRegexRewrite: object({ match: string(), rewrite: string() }),
});
export type HttpRewrite = Infer<typeof httpRewriteShape>;

/** Also MeshConfig's `defaultHttpRetryPolicy`. */
export const httpRetryShape = object({
  attempts: int32(),
  perTryTimeout: positiveDuration(),
  retryOn: string(),
  retryRemoteLocalities: wrapped(boolean()),
  retryIgnorePreviousHosts: wrapped(boolean()),
  backoff: positiveDuration(),
});
export type HttpRetry = Infer<typeof httpRetryShape>;

const httpFaultInjectionShape = object({
  delay: object(
    {
      percent: int32(),
      fixedDelay: positiveDuration(),
      exponentialDelay: positiveDuration(),
      percentage: percentShape,
    },
    { oneOf: [['fixedDelay', 'exponentialDelay']] },
  ),
  abort: object(
    {
      httpStatus: optional(int32()),
      grpcStatus: optional(string()),
      http2Error: optional(string()),
      percentage: percentShape,
    },
    { oneOf: [['httpStatus', 'grpcStatus', 'http2Error']] },
  ),
});
export type HttpFaultInjection = Infer<typeof httpFaultInjectionShape>;

const corsPolicyShape = object({
  allowOrigin: list(string()),
  allowOrigins: list(stringMatchShape),
  allowMethods: list(string()),
  allowHeaders: list(string()),
  exposeHeaders: list(string()),
  maxAge: positiveDuration(),
  allowCredentials: wrapped(boolean()),
  unmatchedPreflights: protoEnum(
    'istio.networking.v1alpha3.CorsPolicy.UnmatchedPreflights',
    'UNSPECIFIED',
    'FORWARD',
    'IGNORE',
  ),
});
export type CorsPolicy = Infer<typeof corsPolicyShape>;

const httpMirrorPolicyShape = object(
  { destination: destinationShape, percentage: percentShape },
  { required: ['destination'] },
);

const httpRouteShape = object(
  {
    name: string(),
    match: list(httpMatchRequestShape),
    route: list(httpRouteDestinationShape),
    redirect: httpRedirectShape,
    directResponse: httpDirectResponseShape,
    delegate: object({ name: string(), namespace: string() }),
    rewrite: httpRewriteShape,
    timeout: positiveDuration(),
    retries: httpRetryShape,
    fault: httpFaultInjectionShape,
    mirror: destinationShape,
    mirrors: list(httpMirrorPolicyShape),
    mirrorPercent: wrapped(uint32()),
    mirrorPercentage: percentShape,
    corsPolicy: corsPolicyShape,
    headers: headersShape,
  },
  { aliases: ['mirror_percent'] },
);
export type HttpRoute = Infer<typeof httpRouteShape>;

const routeDestinationShape = object(
  { destination: destinationShape, weight: int32() },
  { required: ['destination'] },
);
/** Of a TLS or TCP route. */
export type RouteDestination = Infer<typeof routeDestinationShape>;

const tlsMatchAttributesShape = object(
  {
    sniHosts: list(string()),
    destinationSubnets: list(string()),
    port: uint32(),
    sourceLabels: map(string()),
    gateways: list(string()),
    sourceNamespace: string(),
  },
  { required: ['sniHosts'] },
);
export type TlsMatchAttributes = Infer<typeof tlsMatchAttributesShape>;

const tlsRouteShape = object(
  { match: list(tlsMatchAttributesShape), route: list(routeDestinationShape) },
  { required: ['match'] },
);
export type TlsRoute = Infer<typeof tlsRouteShape>;

const l4MatchAttributesShape = object({
  destinationSubnets: list(string()),
  port: uint32(),
  sourceSubnet: string(),
  sourceLabels: map(string()),
  gateways: list(string()),
  sourceNamespace: string(),
});
export type L4MatchAttributes = Infer<typeof l4MatchAttributesShape>;

const tcpRouteShape = object({
  match: list(l4MatchAttributesShape),
  route: list(routeDestinationShape),
});
export type TcpRoute = Infer<typeof tcpRouteShape>;

/** @source istio.io/api: networking/v1alpha3/virtual_service.proto, VirtualService */
export const virtualServiceShape = object({
  hosts: list(string()),
  gateways: list(string()),
  http: list(httpRouteShape),
  tls: list(tlsRouteShape),
  tcp: list(tcpRouteShape),
  exportTo: list(string()),
});
export type VirtualServiceSpec = Infer<typeof virtualServiceShape>;
