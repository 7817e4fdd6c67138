import type { Random } from '#kernel/random.ts';
import type { Json } from '#xds/core.ts';
import type { LocalRateLimitConfig } from '#xds/http-filters.ts';
import { compileRuntimeFraction, type Fraction } from '../fractional-percent.ts';
import { clientIp } from '../http/client-address.ts';
import type { HttpRequest } from '../network.ts';
import { HeaderParser } from '../router/header-mutation.ts';
import type { ReportProblem } from '../string-matcher.ts';
import { TokenBucket, type TokenBucketSettings, tokenBucketSettings } from './token-bucket.ts';

/** The configuration of a local rate limit, compiled; its buckets belong to a `LocalRateLimiter`. */
export interface LocalRateLimit {
  readonly xds: LocalRateLimitConfig;
  readonly status: number;
  readonly bucket: TokenBucketSettings | undefined;
  readonly enabled: Fraction;
  readonly enforced: Fraction;
  readonly requestHeaders: HeaderParser;
  readonly responseHeaders: HeaderParser;
  /** In ascending order of their fill rate. */
  readonly descriptors: readonly CompiledDescriptor[];
  /** The filter's own actions; empty = the route's. */
  readonly actions: readonly DescriptorActions[];
  readonly isPerConnection: boolean;
  readonly alwaysConsumesDefault: boolean;
  readonly maxDynamicDescriptors: number;
}

interface CompiledDescriptor {
  /** An empty value stands for any. */
  readonly entries: readonly DescriptorEntry[];
  readonly bucket: TokenBucketSettings;
  readonly isWildcard: boolean;
  readonly isShadow: boolean;
}

export interface DescriptorEntry {
  readonly key: string;
  readonly value: string;
}

/** Computes a request's descriptor; undefined when one of its actions has nothing to say. */
export type DescriptorActions = (
  request: HttpRequest,
  remoteAddress: string,
  clusterName: string,
) => readonly DescriptorEntry[] | undefined;

const NEVER: Fraction = { numerator: 0, denominator: 100 };
const DEFAULT_DYNAMIC_DESCRIPTORS = 20;

/** @source envoy: source/extensions/filters/http/local_ratelimit/local_ratelimit.cc, FilterConfig */
export function compileLocalRateLimit(
  xds: LocalRateLimitConfig,
  report: ReportProblem,
): LocalRateLimit {
  const code = Number(xds.status?.code ?? 429);
  return {
    xds,
    status: code >= 400 ? code : 429,
    bucket: xds.tokenBucket && tokenBucketSettings(xds.tokenBucket),
    enabled: compileRuntimeFraction(xds.filterEnabled) ?? NEVER,
    enforced: compileRuntimeFraction(xds.filterEnforced) ?? NEVER,
    requestHeaders: new HeaderParser(xds.requestHeadersToAddWhenNotEnforced ?? [], [], report),
    responseHeaders: new HeaderParser(xds.responseHeadersToAdd ?? [], [], report),
    descriptors: compileDescriptors(xds),
    actions: compileRateLimitActions(xds.rateLimits ?? [], report),
    isPerConnection: xds.localRateLimitPerDownstreamConnection ?? false,
    alwaysConsumesDefault: xds.alwaysConsumeDefaultTokenBucket ?? true,
    maxDynamicDescriptors: xds.maxDynamicDescriptors ?? DEFAULT_DYNAMIC_DESCRIPTORS,
  };
}

/** What becomes of a request. `limited`: over the limit, but let through because it is not enforced. */
export type LocalRateLimitStep = 'off' | 'ok' | 'limited' | 'reject';

/**
 * The buckets of one local rate limit: one per proxy, or per downstream connection.
 *
 * @source envoy: source/extensions/filters/http/local_ratelimit/local_ratelimit.cc, decodeHeaders;
 *   source/extensions/filters/common/local_ratelimit/local_ratelimit_impl.cc, requestAllowed
 */
export class LocalRateLimiter {
  enabled = 0;
  ok = 0;
  rateLimited = 0;
  enforced = 0;
  readonly #limit: LocalRateLimit;
  readonly #default: TokenBucket | undefined;
  /** In the order of `descriptors`; undefined for wildcards. */
  readonly #buckets: readonly (TokenBucket | undefined)[];
  /** By the values that a wildcard met; the least recently used goes first. */
  readonly #dynamic = new Map<string, TokenBucket>();

  constructor(limit: LocalRateLimit, nowNs: number) {
    this.#limit = limit;
    this.#default = limit.bucket && new TokenBucket(limit.bucket, nowNs);
    this.#buckets = limit.descriptors.map((it) =>
      it.isWildcard ? undefined : new TokenBucket(it.bucket, nowNs),
    );
  }

  onRequest(
    descriptors: readonly (readonly DescriptorEntry[])[],
    nowNs: number,
    random: Random,
  ): LocalRateLimitStep {
    const { enabled, enforced } = this.#limit;
    if (random.below(enabled.denominator) >= enabled.numerator) return 'off';
    this.enabled++;
    if (this.#isAllowed(descriptors, nowNs)) {
      this.ok++;
      return 'ok';
    }
    this.rateLimited++;
    if (random.below(enforced.denominator) >= enforced.numerator) return 'limited';
    this.enforced++;
    return 'reject';
  }

  #isAllowed(requested: readonly (readonly DescriptorEntry[])[], nowNs: number): boolean {
    let matched = false;
    for (let index = 0; index < this.#limit.descriptors.length; index++) {
      const descriptor = this.#limit.descriptors[index]!;
      const request = requested.find((entries) => descriptorMatches(descriptor, entries));
      if (request === undefined) continue;
      matched = true;
      const bucket = this.#buckets[index] ?? this.#dynamicBucket(descriptor, request, nowNs);
      if (!bucket.consume(1, nowNs) && !descriptor.isShadow) return false;
    }
    if (this.#default === undefined || (matched && !this.#limit.alwaysConsumesDefault)) return true;
    return this.#default.consume(1, nowNs);
  }

  #dynamicBucket(
    descriptor: CompiledDescriptor,
    request: readonly DescriptorEntry[],
    nowNs: number,
  ): TokenBucket {
    const key = JSON.stringify(request.map(({ key, value }) => [key, value]));
    let bucket = this.#dynamic.get(key);
    if (bucket === undefined) bucket = new TokenBucket(descriptor.bucket, nowNs);
    else this.#dynamic.delete(key);
    this.#dynamic.set(key, bucket); // The last place is the most recently used.
    if (this.#dynamic.size > this.#limit.maxDynamicDescriptors) {
      const [oldest] = this.#dynamic.keys();
      this.#dynamic.delete(oldest!);
    }
    return bucket;
  }
}

function descriptorMatches(
  { entries }: CompiledDescriptor,
  request: readonly DescriptorEntry[],
): boolean {
  return (
    entries.length === request.length &&
    entries.every(
      ({ key, value }, index) =>
        key === request[index]!.key && (value === '' || value === request[index]!.value),
    )
  );
}

function compileDescriptors(xds: LocalRateLimitConfig): CompiledDescriptor[] {
  const descriptors = (xds.descriptors ?? []).map((descriptor) => {
    const entries = (descriptor.entries ?? []).map(({ key, value }) => ({
      key,
      value: value ?? '',
    }));
    return {
      entries,
      bucket: tokenBucketSettings(descriptor.tokenBucket ?? {}),
      isWildcard: entries.some(({ value }) => value === ''),
      isShadow: descriptor.shadowMode ?? false,
    };
  });
  return descriptors.sort((a, b) => a.bucket.tokensPerSecond - b.bucket.tokensPerSecond);
}

/** One entry of `rate_limits` is a list of actions, each of which adds an entry to the descriptor. */
export function compileRateLimitActions(
  rateLimits: readonly Json[],
  report: ReportProblem,
): DescriptorActions[] {
  return rateLimits.map((rateLimit) => {
    const { actions = [] } = rateLimit as { readonly actions?: readonly RateLimitAction[] };
    const compiled = actions.map((action) => compileAction(action, report));
    return (request, remoteAddress, clusterName) => {
      const entries: DescriptorEntry[] = [];
      for (const action of compiled) {
        const entry = action(request, remoteAddress, clusterName);
        if (entry === undefined) return undefined;
        entries.push(entry);
      }
      return entries;
    };
  });
}

interface RateLimitAction {
  readonly genericKey?: { readonly descriptorKey?: string; readonly descriptorValue: string };
  readonly requestHeaders?: { readonly headerName: string; readonly descriptorKey: string };
  readonly remoteAddress?: object;
  readonly destinationCluster?: object;
}

type CompiledAction = (
  request: HttpRequest,
  remoteAddress: string,
  clusterName: string,
) => DescriptorEntry | undefined;

/** @source envoy: source/common/router/router_ratelimit.cc */
function compileAction(action: RateLimitAction, report: ReportProblem): CompiledAction {
  if (action.genericKey !== undefined) {
    const { descriptorKey = 'generic_key', descriptorValue } = action.genericKey;
    return () => ({ key: descriptorKey, value: descriptorValue });
  }
  if (action.requestHeaders !== undefined) {
    const name = action.requestHeaders.headerName.toLowerCase();
    const key = action.requestHeaders.descriptorKey;
    return (request) => {
      const value = name === ':path' ? request.path : request.headers.get(name);
      return value === undefined ? undefined : { key, value };
    };
  }
  if (action.remoteAddress !== undefined) {
    return (request, remoteAddress) => ({
      key: 'remote_address',
      value: clientIp(request, remoteAddress),
    });
  }
  if (action.destinationCluster !== undefined) {
    return (_request, _remoteAddress, clusterName) => ({
      key: 'destination_cluster',
      value: clusterName,
    });
  }
  report('a rate limit action of this kind is not supported');
  return () => undefined;
}
