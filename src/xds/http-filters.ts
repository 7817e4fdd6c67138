import type {
  DurationText,
  HeaderValueOption,
  Json,
  RuntimeFractionalPercent,
  TypedConfig,
} from './core.ts';

/** `envoy.type.v3.TokenBucket`. */
export interface TokenBucketConfig {
  readonly maxTokens?: number;
  /** 1 when absent. */
  readonly tokensPerFill?: number;
  readonly fillInterval?: DurationText;
}

/** `envoy.extensions.common.ratelimit.v3.LocalRateLimitDescriptor`. */
export interface LocalRateLimitDescriptor {
  readonly entries?: readonly { readonly key: string; readonly value?: string }[];
  readonly tokenBucket?: TokenBucketConfig;
  readonly shadowMode?: boolean;
}

/** `envoy.extensions.filters.http.local_ratelimit.v3.LocalRateLimit`. */
export interface LocalRateLimitConfig extends TypedConfig {
  readonly statPrefix?: string;
  readonly status?: { readonly code?: string | number };
  readonly tokenBucket?: TokenBucketConfig;
  readonly filterEnabled?: RuntimeFractionalPercent;
  readonly filterEnforced?: RuntimeFractionalPercent;
  readonly requestHeadersToAddWhenNotEnforced?: readonly HeaderValueOption[];
  readonly responseHeadersToAdd?: readonly HeaderValueOption[];
  readonly descriptors?: readonly LocalRateLimitDescriptor[];
  readonly rateLimits?: readonly Json[];
  readonly localRateLimitPerDownstreamConnection?: boolean;
  readonly alwaysConsumeDefaultTokenBucket?: boolean;
  readonly maxDynamicDescriptors?: number;
  readonly stage?: number;
}
