import {
  boolean,
  enumeration,
  type Infer,
  int32,
  list,
  object,
  optional,
  string,
  uint32,
  wrapped,
} from '#source/shape.ts';
import { backendObjectReferenceShape, localObjectReferenceShape } from './references.ts';

/** What HTTP and gRPC routes do to requests on their way. */

const headerShape = object({ name: string(), value: string() });
export type HeaderValue = Infer<typeof headerShape>;

export const headerFilterShape = object({
  set: list(headerShape),
  add: list(headerShape),
  remove: list(string()),
});
export type HeaderFilter = Infer<typeof headerFilterShape>;

export const requestMirrorShape = object({
  backendRef: backendObjectReferenceShape,
  percent: optional(int32()),
  fraction: object({ numerator: int32(), denominator: optional(int32()) }),
});
export type RequestMirror = Infer<typeof requestMirrorShape>;

const pathModifierShape = object({
  type: enumeration('ReplaceFullPath', 'ReplacePrefixMatch'),
  replaceFullPath: optional(string()),
  replacePrefixMatch: optional(string()),
});

const requestRedirectShape = object({
  scheme: optional(enumeration('http', 'https')),
  hostname: optional(string()),
  path: pathModifierShape,
  port: optional(int32()),
  statusCode: optional(int32()),
});
export type RequestRedirect = Infer<typeof requestRedirectShape>;

const urlRewriteShape = object({ hostname: optional(string()), path: pathModifierShape });
export type UrlRewrite = Infer<typeof urlRewriteShape>;

const corsShape = object({
  allowOrigins: list(string()),
  allowCredentials: wrapped(boolean()),
  allowMethods: list(
    enumeration(
      'GET',
      'HEAD',
      'POST',
      'PUT',
      'DELETE',
      'CONNECT',
      'OPTIONS',
      'TRACE',
      'PATCH',
      '*',
    ),
  ),
  allowHeaders: list(string()),
  exposeHeaders: list(string()),
  maxAge: int32(),
});
export type CorsFilter = Infer<typeof corsShape>;

const externalAuthShape = object({
  protocol: enumeration('HTTP', 'GRPC'),
  backendRef: backendObjectReferenceShape,
  grpc: object({ allowedHeaders: list(string()) }),
  http: object({
    path: string(),
    allowedHeaders: list(string()),
    allowedResponseHeaders: list(string()),
  }),
  forwardBody: object({ maxSize: uint32() }),
});

export const httpRouteFilterShape = object({
  type: enumeration(
    'RequestHeaderModifier',
    'ResponseHeaderModifier',
    'RequestMirror',
    'RequestRedirect',
    'URLRewrite',
    'ExtensionRef',
    'CORS',
    'ExternalAuth',
  ),
  requestHeaderModifier: headerFilterShape,
  responseHeaderModifier: headerFilterShape,
  requestMirror: requestMirrorShape,
  requestRedirect: requestRedirectShape,
  urlRewrite: urlRewriteShape,
  cors: corsShape,
  externalAuth: externalAuthShape,
  extensionRef: localObjectReferenceShape,
});
export type HttpRouteFilter = Infer<typeof httpRouteFilterShape>;

export const grpcRouteFilterShape = object({
  type: enumeration(
    'ResponseHeaderModifier',
    'RequestHeaderModifier',
    'RequestMirror',
    'ExtensionRef',
  ),
  requestHeaderModifier: headerFilterShape,
  responseHeaderModifier: headerFilterShape,
  requestMirror: requestMirrorShape,
  extensionRef: localObjectReferenceShape,
});
export type GrpcRouteFilter = Infer<typeof grpcRouteFilterShape>;
