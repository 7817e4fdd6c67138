import type {
  DurationText,
  FractionalPercent,
  HeaderValueOption,
  Json,
  Metadata,
  NamedTypedConfig,
  RegexMatchAndSubstitute,
  RegexMatcher,
  RuntimeFractionalPercent,
  StringMatcher,
  TypedConfig,
  Uint64Text,
} from './core.ts';

/**
 * Route configuration.
 *
 * @source envoy: api/envoy/config/route/v3/route.proto, route_components.proto
 */
export interface RouteConfiguration extends HeaderMutations {
  readonly name: string;
  readonly virtualHosts?: readonly VirtualHost[];
  readonly validateClusters?: boolean;
  readonly ignorePortInHostMatching?: boolean;
  readonly maxDirectResponseBodySizeBytes?: number;
  readonly mostSpecificHeaderMutationsWins?: boolean;
  readonly ignorePathParametersInPathMatching?: boolean;
  readonly requestMirrorPolicies?: readonly RequestMirrorPolicy[];
  readonly internalOnlyHeaders?: readonly string[];
  readonly vhostHeader?: string;
  readonly typedPerFilterConfig?: TypedPerFilterConfig;
  readonly metadata?: Metadata;
}

export interface HeaderMutations {
  readonly requestHeadersToAdd?: readonly HeaderValueOption[];
  readonly requestHeadersToRemove?: readonly string[];
  readonly responseHeadersToAdd?: readonly HeaderValueOption[];
  readonly responseHeadersToRemove?: readonly string[];
}

export type TypedPerFilterConfig = { readonly [filter: string]: TypedConfig };

export interface VirtualHost extends HeaderMutations {
  readonly name: string;
  readonly domains: readonly string[];
  readonly routes?: readonly Route[];
  readonly requireTls?: 'NONE' | 'EXTERNAL_ONLY' | 'ALL';
  readonly includeRequestAttemptCount?: boolean;
  readonly includeAttemptCountInResponse?: boolean;
  readonly includeIsTimeoutRetryHeader?: boolean;
  readonly perRequestBufferLimitBytes?: number;
  readonly requestBodyBufferLimit?: Uint64Text;
  readonly retryPolicy?: RetryPolicy;
  readonly hedgePolicy?: HedgePolicy;
  readonly requestMirrorPolicies?: readonly RequestMirrorPolicy[];
  readonly rateLimits?: Json;
  readonly typedPerFilterConfig?: TypedPerFilterConfig;
  readonly metadata?: Metadata;
}

export interface Route extends HeaderMutations {
  readonly name?: string;
  readonly match: RouteMatch;
  readonly route?: RouteAction;
  readonly redirect?: RedirectAction;
  readonly directResponse?: DirectResponseAction;
  readonly nonForwardingAction?: Json;
  readonly metadata?: Metadata;
  readonly decorator?: { readonly operation?: string; readonly propagate?: boolean };
  readonly typedPerFilterConfig?: TypedPerFilterConfig;
  readonly statPrefix?: string;
  readonly perRequestBufferLimitBytes?: number;
  readonly requestBodyBufferLimit?: Uint64Text;
}

export interface RouteMatch {
  readonly prefix?: string;
  readonly path?: string;
  readonly safeRegex?: RegexMatcher;
  readonly pathSeparatedPrefix?: string;
  readonly connectMatcher?: Json;
  readonly pathMatchPolicy?: NamedTypedConfig;
  readonly caseSensitive?: boolean;
  readonly runtimeFraction?: RuntimeFractionalPercent;
  readonly headers?: readonly HeaderMatcher[];
  readonly queryParameters?: readonly QueryParameterMatcher[];
  readonly cookies?: readonly {
    readonly name: string;
    readonly stringMatch?: StringMatcher;
    readonly invertMatch?: boolean;
  }[];
  readonly grpc?: Json;
  readonly tlsContext?: { readonly presented?: boolean; readonly validated?: boolean };
  readonly dynamicMetadata?: readonly Json[];
  readonly filterState?: readonly Json[];
}

export interface HeaderMatcher {
  readonly name: string;
  readonly exactMatch?: string;
  readonly safeRegexMatch?: RegexMatcher;
  readonly rangeMatch?: { readonly start?: Uint64Text; readonly end?: Uint64Text };
  readonly presentMatch?: boolean;
  readonly prefixMatch?: string;
  readonly suffixMatch?: string;
  readonly containsMatch?: string;
  readonly stringMatch?: StringMatcher;
  readonly invertMatch?: boolean;
  readonly treatMissingHeaderAsEmpty?: boolean;
}

export interface QueryParameterMatcher {
  readonly name: string;
  readonly stringMatch?: StringMatcher;
  readonly presentMatch?: boolean;
}

export interface RouteAction {
  readonly cluster?: string;
  readonly clusterHeader?: string;
  readonly weightedClusters?: WeightedCluster;
  readonly clusterNotFoundResponseCode?:
    | 'SERVICE_UNAVAILABLE'
    | 'NOT_FOUND'
    | 'INTERNAL_SERVER_ERROR';
  readonly metadataMatch?: Metadata;
  readonly prefixRewrite?: string;
  readonly regexRewrite?: RegexMatchAndSubstitute;
  readonly pathRewritePolicy?: NamedTypedConfig;
  readonly hostRewriteLiteral?: string;
  readonly autoHostRewrite?: boolean;
  readonly hostRewriteHeader?: string;
  readonly hostRewritePathRegex?: RegexMatchAndSubstitute;
  readonly appendXForwardedHost?: boolean;
  /** 15 s when absent; "0s" = none. */
  readonly timeout?: DurationText;
  readonly idleTimeout?: DurationText;
  readonly retryPolicy?: RetryPolicy;
  readonly requestMirrorPolicies?: readonly RequestMirrorPolicy[];
  readonly priority?: 'DEFAULT' | 'HIGH';
  readonly hashPolicy?: readonly HashPolicy[];
  readonly maxGrpcTimeout?: DurationText;
  readonly grpcTimeoutOffset?: DurationText;
  readonly maxStreamDuration?: {
    readonly maxStreamDuration?: DurationText;
    readonly grpcTimeoutHeaderMax?: DurationText;
    readonly grpcTimeoutHeaderOffset?: DurationText;
  };
  readonly hedgePolicy?: HedgePolicy;
  readonly internalRedirectPolicy?: InternalRedirectPolicy;
  readonly upgradeConfigs?: readonly { readonly upgradeType: string; readonly enabled?: boolean }[];
  readonly cors?: Json;
}

export interface InternalRedirectPolicy {
  /** 1 when absent. */
  readonly maxInternalRedirects?: number;
  /** 302 when absent. */
  readonly redirectResponseCodes?: readonly number[];
  readonly predicates?: readonly NamedTypedConfig[];
  readonly allowCrossSchemeRedirect?: boolean;
  readonly responseHeadersToCopy?: readonly string[];
}

export interface WeightedCluster {
  readonly clusters: readonly ClusterWeight[];
  readonly headerName?: string;
  readonly useHashPolicy?: boolean;
  readonly runtimeKeyPrefix?: string;
  readonly totalWeight?: number;
}

export interface ClusterWeight extends HeaderMutations {
  readonly name?: string;
  readonly clusterHeader?: string;
  /** 0 when absent. */
  readonly weight?: number;
  readonly metadataMatch?: Metadata;
  readonly hostRewriteLiteral?: string;
  readonly typedPerFilterConfig?: TypedPerFilterConfig;
}

export interface RetryPolicy {
  readonly retryOn?: string;
  /** 1 when absent. */
  readonly numRetries?: number;
  readonly perTryTimeout?: DurationText;
  readonly perTryIdleTimeout?: DurationText;
  readonly retryPriority?: NamedTypedConfig<TypedConfig & { readonly updateFrequency?: number }>;
  readonly retryHostPredicate?: readonly NamedTypedConfig[];
  readonly hostSelectionRetryMaxAttempts?: Uint64Text;
  readonly retriableStatusCodes?: readonly number[];
  readonly retryBackOff?: {
    readonly baseInterval?: DurationText;
    readonly maxInterval?: DurationText;
  };
  readonly rateLimitedRetryBackOff?: {
    readonly resetHeaders?: readonly {
      readonly name: string;
      readonly format?: 'SECONDS' | 'UNIX_TIMESTAMP';
    }[];
    readonly maxInterval?: DurationText;
  };
  readonly retriableHeaders?: readonly HeaderMatcher[];
  readonly retriableRequestHeaders?: readonly HeaderMatcher[];
}

export interface HedgePolicy {
  readonly initialRequests?: number;
  readonly additionalRequestChance?: FractionalPercent;
  readonly hedgeOnPerTryTimeout?: boolean;
}

export interface RequestMirrorPolicy {
  readonly cluster?: string;
  readonly clusterHeader?: string;
  readonly runtimeFraction?: RuntimeFractionalPercent;
  readonly traceSampled?: boolean | { readonly value?: boolean };
  readonly disableShadowHostSuffixAppend?: boolean;
  readonly requestHeadersMutations?: readonly Json[];
  readonly hostRewriteLiteral?: string;
}

export interface HashPolicy {
  readonly header?: {
    readonly headerName: string;
    readonly regexRewrite?: RegexMatchAndSubstitute;
  };
  readonly cookie?: {
    readonly name: string;
    readonly ttl?: DurationText;
    readonly path?: string;
    readonly attributes?: readonly { readonly name: string; readonly value?: string }[];
  };
  readonly connectionProperties?: { readonly sourceIp?: boolean };
  readonly queryParameter?: { readonly name: string };
  readonly filterState?: { readonly key: string };
  readonly terminal?: boolean;
}

export interface RedirectAction {
  readonly httpsRedirect?: boolean;
  readonly schemeRedirect?: string;
  readonly hostRedirect?: string;
  readonly portRedirect?: number;
  readonly pathRedirect?: string;
  readonly prefixRewrite?: string;
  readonly regexRewrite?: RegexMatchAndSubstitute;
  readonly responseCode?:
    | 'MOVED_PERMANENTLY'
    | 'FOUND'
    | 'SEE_OTHER'
    | 'TEMPORARY_REDIRECT'
    | 'PERMANENT_REDIRECT';
  readonly stripQuery?: boolean;
}

export interface DirectResponseAction {
  readonly status: number;
  readonly body?: {
    readonly inlineString?: string;
    readonly inlineBytes?: string;
    readonly filename?: string;
  };
}

/** `envoy.extensions.filters.http.fault.v3.HTTPFault`. */
export interface HttpFault extends TypedConfig {
  readonly delay?: {
    readonly fixedDelay?: DurationText;
    readonly headerDelay?: Json;
    readonly percentage?: FractionalPercent;
  };
  readonly abort?: {
    readonly httpStatus?: number;
    readonly grpcStatus?: number;
    readonly headerAbort?: Json;
    readonly percentage?: FractionalPercent;
  };
  readonly upstreamCluster?: string;
  readonly headers?: readonly HeaderMatcher[];
  readonly downstreamNodes?: readonly string[];
  readonly maxActiveFaults?: number;
  readonly responseRateLimit?: Json;
}

/** `envoy.extensions.filters.http.cors.v3.CorsPolicy`. */
export interface CorsPolicy extends TypedConfig {
  readonly allowOriginStringMatch?: readonly StringMatcher[];
  readonly allowMethods?: string;
  readonly allowHeaders?: string;
  readonly exposeHeaders?: string;
  readonly maxAge?: string;
  readonly allowCredentials?: boolean;
  readonly filterEnabled?: RuntimeFractionalPercent;
  readonly shadowEnabled?: RuntimeFractionalPercent;
  readonly allowPrivateNetworkAccess?: boolean;
  readonly forwardNotMatchingPreflights?: boolean;
}
