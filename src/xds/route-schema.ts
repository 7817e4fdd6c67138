import type { Json, NamedTypedConfig, TypedConfig } from './core.ts';
import {
  fractionalPercent,
  headerValueOption,
  metadata,
  namedTypedConfig,
  regexMatchAndSubstitute,
  regexMatcher,
  runtimeFraction,
  stringMatcher,
  type TypeRegistry,
  typedConfig,
} from './core-schema.ts';
import type { LocalRateLimitConfig, TokenBucketConfig } from './http-filters.ts';
import { internalRedirectPolicy } from './internal-redirect-schema.ts';
import {
  bool,
  camelName,
  duration,
  type Fields,
  int64,
  isObject,
  json,
  list,
  mapOf,
  message,
  object,
  oneOf,
  type Reader,
  required,
  text,
  uint32,
  uint64,
} from './reader.ts';
import type {
  ClusterWeight,
  CorsPolicy,
  DirectResponseAction,
  HashPolicy,
  HeaderMatcher,
  HeaderMutations,
  HedgePolicy,
  HttpFault,
  QueryParameterMatcher,
  RedirectAction,
  RequestMirrorPolicy,
  RetryPolicy,
  Route,
  RouteAction,
  RouteConfiguration,
  RouteMatch,
  VirtualHost,
  WeightedCluster,
} from './route.ts';

/** Readers of route configuration (`route.ts`) and of what routes tell HTTP filters. */
const headerMutations: Fields<HeaderMutations> = {
  requestHeadersToAdd: list(headerValueOption),
  requestHeadersToRemove: list(text),
  responseHeadersToAdd: list(headerValueOption),
  responseHeadersToRemove: list(text),
};

export const headerMatcher = message<HeaderMatcher>({
  name: required(text, ''),
  exactMatch: text,
  safeRegexMatch: regexMatcher,
  rangeMatch: message<NonNullable<HeaderMatcher['rangeMatch']>>({ start: int64, end: int64 }),
  presentMatch: bool,
  prefixMatch: text,
  suffixMatch: text,
  containsMatch: text,
  stringMatch: stringMatcher,
  invertMatch: bool,
  treatMissingHeaderAsEmpty: bool,
});

const queryParameterMatcher = message<QueryParameterMatcher>({
  name: required(text, ''),
  stringMatch: stringMatcher,
  presentMatch: bool,
});

const NO_EXTENSIONS: TypeRegistry = new Map();
const extension = namedTypedConfig(() => NO_EXTENSIONS);

export const routeMatch = message<RouteMatch>({
  prefix: text,
  path: text,
  safeRegex: regexMatcher,
  pathSeparatedPrefix: text,
  connectMatcher: json,
  pathMatchPolicy: extension,
  caseSensitive: bool,
  runtimeFraction,
  headers: list(headerMatcher),
  queryParameters: list(queryParameterMatcher),
  cookies: list(
    message<NonNullable<RouteMatch['cookies']>[number]>({
      name: required(text, ''),
      stringMatch: stringMatcher,
      invertMatch: bool,
    }),
  ),
  grpc: json,
  tlsContext: message<NonNullable<RouteMatch['tlsContext']>>({ presented: bool, validated: bool }),
  dynamicMetadata: list(json),
  filterState: list(json),
});

export const retryPolicy = message<RetryPolicy>({
  retryOn: text,
  numRetries: uint32,
  perTryTimeout: duration,
  perTryIdleTimeout: duration,
  retryPriority: namedTypedConfig(() => RETRY_PRIORITIES) as Reader<
    NonNullable<RetryPolicy['retryPriority']>
  >,
  retryHostPredicate: list(extension),
  hostSelectionRetryMaxAttempts: int64,
  retriableStatusCodes: list(uint32),
  retryBackOff: message<NonNullable<RetryPolicy['retryBackOff']>>({
    baseInterval: duration,
    maxInterval: duration,
  }),
  rateLimitedRetryBackOff: message<NonNullable<RetryPolicy['rateLimitedRetryBackOff']>>({
    resetHeaders: list(
      message<{ readonly name: string; readonly format?: 'SECONDS' | 'UNIX_TIMESTAMP' }>({
        name: required(text, ''),
        format: oneOf('SECONDS', 'UNIX_TIMESTAMP'),
      }),
    ),
    maxInterval: duration,
  }),
  retriableHeaders: list(headerMatcher),
  retriableRequestHeaders: list(headerMatcher),
});

const RETRY_PRIORITIES: TypeRegistry = new Map([
  [
    'envoy.extensions.retry.priority.previous_priorities.v3.PreviousPrioritiesConfig',
    message<{ readonly updateFrequency?: number }>({ updateFrequency: uint32 }),
  ],
]);

const hedgePolicy = message<HedgePolicy>({
  initialRequests: uint32,
  additionalRequestChance: fractionalPercent,
  hedgeOnPerTryTimeout: bool,
});

const mirrorPolicy = message<RequestMirrorPolicy>({
  cluster: text,
  clusterHeader: text,
  runtimeFraction,
  traceSampled: json as Reader<NonNullable<RequestMirrorPolicy['traceSampled']>>,
  disableShadowHostSuffixAppend: bool,
  requestHeadersMutations: list(
    message<{ readonly append?: Json; readonly remove?: string }>({
      append: headerValueOption as unknown as Reader<Json>,
      remove: text,
    }) as Reader<Json>,
  ),
  hostRewriteLiteral: text,
});

const hashPolicy = message<HashPolicy>({
  header: message<NonNullable<HashPolicy['header']>>({
    headerName: required(text, ''),
    regexRewrite: regexMatchAndSubstitute,
  }),
  cookie: message<NonNullable<HashPolicy['cookie']>>({
    name: required(text, ''),
    ttl: duration,
    path: text,
    attributes: list(
      message<{ readonly name: string; readonly value?: string }>({
        name: required(text, ''),
        value: text,
      }),
    ),
  }),
  connectionProperties: message<NonNullable<HashPolicy['connectionProperties']>>({
    sourceIp: bool,
  }),
  queryParameter: message<NonNullable<HashPolicy['queryParameter']>>({ name: required(text, '') }),
  filterState: message<NonNullable<HashPolicy['filterState']>>({ key: required(text, '') }),
  terminal: bool,
});

const perFilterConfig = mapOf(typedConfig(() => HTTP_FILTER_TYPES));

const clusterWeight = message<ClusterWeight>({
  ...headerMutations,
  name: text,
  clusterHeader: text,
  weight: uint32,
  metadataMatch: metadata,
  hostRewriteLiteral: text,
  typedPerFilterConfig: perFilterConfig,
});

const weightedCluster = message<WeightedCluster>({
  clusters: required(list(clusterWeight), []),
  headerName: text,
  useHashPolicy: bool,
  runtimeKeyPrefix: text,
  totalWeight: uint32,
});

export const routeAction = message<RouteAction>({
  cluster: text,
  clusterHeader: text,
  weightedClusters: weightedCluster,
  clusterNotFoundResponseCode: oneOf('SERVICE_UNAVAILABLE', 'NOT_FOUND', 'INTERNAL_SERVER_ERROR'),
  metadataMatch: metadata,
  prefixRewrite: text,
  regexRewrite: regexMatchAndSubstitute,
  pathRewritePolicy: extension,
  hostRewriteLiteral: text,
  autoHostRewrite: bool,
  hostRewriteHeader: text,
  hostRewritePathRegex: regexMatchAndSubstitute,
  appendXForwardedHost: bool,
  timeout: duration,
  idleTimeout: duration,
  retryPolicy,
  requestMirrorPolicies: list(mirrorPolicy),
  priority: oneOf('DEFAULT', 'HIGH'),
  hashPolicy: list(hashPolicy),
  maxGrpcTimeout: duration,
  grpcTimeoutOffset: duration,
  maxStreamDuration: message<NonNullable<RouteAction['maxStreamDuration']>>({
    maxStreamDuration: duration,
    grpcTimeoutHeaderMax: duration,
    grpcTimeoutHeaderOffset: duration,
  }),
  hedgePolicy,
  internalRedirectPolicy,
  upgradeConfigs: list(
    message<NonNullable<RouteAction['upgradeConfigs']>[number] & { readonly connectConfig?: Json }>(
      {
        upgradeType: required(text, ''),
        enabled: bool,
        connectConfig: json,
      },
    ),
  ),
  cors: json,
});

export const redirectAction = message<RedirectAction>({
  httpsRedirect: bool,
  schemeRedirect: text,
  hostRedirect: text,
  portRedirect: uint32,
  pathRedirect: text,
  prefixRewrite: text,
  regexRewrite: regexMatchAndSubstitute,
  responseCode: oneOf(
    'MOVED_PERMANENTLY',
    'FOUND',
    'SEE_OTHER',
    'TEMPORARY_REDIRECT',
    'PERMANENT_REDIRECT',
  ),
  stripQuery: bool,
});

const directResponse = message<DirectResponseAction>({
  status: required(uint32, 200),
  body: message<NonNullable<DirectResponseAction['body']>>({
    inlineString: text,
    inlineBytes: text,
    filename: text,
  }),
});

const route = message<Route>({
  ...headerMutations,
  name: text,
  match: required(routeMatch, {}),
  route: routeAction,
  redirect: redirectAction,
  directResponse,
  nonForwardingAction: json,
  metadata,
  decorator: message<NonNullable<Route['decorator']>>({ operation: text, propagate: bool }),
  typedPerFilterConfig: perFilterConfig,
  statPrefix: text,
  perRequestBufferLimitBytes: uint32,
  requestBodyBufferLimit: uint64,
});

const virtualHost = message<VirtualHost>({
  ...headerMutations,
  name: required(text, ''),
  domains: required(list(text), []),
  routes: list(route),
  requireTls: oneOf('NONE', 'EXTERNAL_ONLY', 'ALL'),
  includeRequestAttemptCount: bool,
  includeAttemptCountInResponse: bool,
  includeIsTimeoutRetryHeader: bool,
  perRequestBufferLimitBytes: uint32,
  requestBodyBufferLimit: uint64,
  retryPolicy,
  hedgePolicy,
  requestMirrorPolicies: list(mirrorPolicy),
  rateLimits: json,
  typedPerFilterConfig: perFilterConfig,
  metadata,
});

export const routeConfiguration = message<RouteConfiguration>({
  ...headerMutations,
  name: text,
  virtualHosts: list(virtualHost),
  validateClusters: bool,
  ignorePortInHostMatching: bool,
  maxDirectResponseBodySizeBytes: uint32,
  mostSpecificHeaderMutationsWins: bool,
  ignorePathParametersInPathMatching: bool,
  requestMirrorPolicies: list(mirrorPolicy),
  internalOnlyHeaders: list(text),
  vhostHeader: text,
  typedPerFilterConfig: perFilterConfig,
  metadata,
});

type WithoutType<Message> = Omit<Message, '@type'>;

const fault = message<WithoutType<HttpFault>>({
  delay: message<NonNullable<HttpFault['delay']>>({
    fixedDelay: duration,
    headerDelay: json,
    percentage: fractionalPercent,
  }),
  abort: message<NonNullable<HttpFault['abort']>>({
    httpStatus: uint32,
    grpcStatus: uint32,
    headerAbort: json,
    percentage: fractionalPercent,
  }),
  upstreamCluster: text,
  headers: list(headerMatcher),
  downstreamNodes: list(text),
  maxActiveFaults: uint32,
  responseRateLimit: message<{
    readonly fixedLimit?: Json;
    readonly headerLimit?: Json;
    readonly percentage?: Json;
  }>({
    fixedLimit: message<{ readonly limitKbps?: string | number }>({
      limitKbps: uint64,
    }) as Reader<Json>,
    headerLimit: json,
    percentage: fractionalPercent as Reader<Json>,
  }) as Reader<Json>,
});

const cors = message<WithoutType<CorsPolicy>>({
  allowOriginStringMatch: list(stringMatcher),
  allowMethods: text,
  allowHeaders: text,
  exposeHeaders: text,
  maxAge: text,
  allowCredentials: bool,
  filterEnabled: runtimeFraction,
  shadowEnabled: runtimeFraction,
  allowPrivateNetworkAccess: bool,
  forwardNotMatchingPreflights: bool,
});

const tokenBucket = message<TokenBucketConfig>({
  maxTokens: uint32,
  tokensPerFill: uint32,
  fillInterval: duration,
});

/** HTTP statuses come as numbers or as names of the enum, of which one is of interest. */
const httpStatus = message<{ readonly code?: string | number }>({
  code: (value, path, context) =>
    value === 'TooManyRequests' ? 429 : uint32(value, path, context),
});

/** Rate limit actions keep their form; only their names become camelCase. */
const rateLimits: Reader<Json> = (value) => camelCasedJson(value);

function camelCasedJson(value: unknown): Json {
  if (Array.isArray(value)) return value.map(camelCasedJson);
  if (!isObject(value)) return value as Json;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [camelName(key), camelCasedJson(inner)]),
  );
}

const localRateLimit = message<WithoutType<LocalRateLimitConfig>>({
  statPrefix: text,
  status: httpStatus,
  tokenBucket,
  filterEnabled: runtimeFraction,
  filterEnforced: runtimeFraction,
  requestHeadersToAddWhenNotEnforced: list(headerValueOption),
  responseHeadersToAdd: list(headerValueOption),
  descriptors: list(
    message<NonNullable<LocalRateLimitConfig['descriptors']>[number]>({
      entries: list(
        message<{ readonly key: string; readonly value?: string }>({
          key: required(text, ''),
          value: text,
        }),
      ),
      tokenBucket,
      shadowMode: bool,
    }),
  ),
  rateLimits: list(rateLimits),
  localRateLimitPerDownstreamConnection: bool,
  alwaysConsumeDefaultTokenBucket: bool,
  maxDynamicDescriptors: uint32,
  stage: uint32,
});

/** The HTTP filters whose configuration is understood, on listeners and on routes. */
export const HTTP_FILTER_TYPES: TypeRegistry = new Map<string, Reader<object>>([
  ['envoy.extensions.filters.http.fault.v3.HTTPFault', fault],
  ['envoy.extensions.filters.http.cors.v3.CorsPolicy', cors],
  ['envoy.extensions.filters.http.cors.v3.Cors', object],
  ['envoy.extensions.filters.http.local_ratelimit.v3.LocalRateLimit', localRateLimit],
  [
    'envoy.config.route.v3.FilterConfig',
    message<{
      readonly config?: TypedConfig;
      readonly isOptional?: boolean;
      readonly disabled?: boolean;
    }>(() => ({
      config: typedConfig(() => HTTP_FILTER_TYPES),
      isOptional: bool,
      disabled: bool,
    })),
  ],
]);

/** An HTTP filter of a connection manager. */
export const httpFilter: Reader<NamedTypedConfig> = namedTypedConfig(() => HTTP_FILTER_TYPES);
