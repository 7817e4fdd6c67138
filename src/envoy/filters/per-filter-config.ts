import type { TypedConfig } from '#xds/core.ts';
import type { LocalRateLimitConfig } from '#xds/http-filters.ts';
import type { CorsPolicy as CorsPolicyConfig, HttpFault } from '#xds/route.ts';
import type { ReportProblem } from '../string-matcher.ts';
import { type CorsPolicy, compileCors } from './cors.ts';
import { compileFault, type Fault } from './fault.ts';
import { compileLocalRateLimit, type LocalRateLimit } from './local-rate-limit.ts';

/**
 * The names under which routes carry configuration for the filters that are simulated.
 *
 * @source envoy: source/common/http/utility.cc, resolveMostSpecificPerFilterConfig
 */
export const FAULT_FILTER = 'envoy.filters.http.fault';
export const CORS_FILTER = 'envoy.filters.http.cors';
export const LOCAL_RATE_LIMIT_FILTER = 'envoy.filters.http.local_ratelimit';

type PerFilterConfig = ReadonlyMap<string, TypedConfig>;

export function compiledFault(configs: PerFilterConfig, report: ReportProblem): Fault | undefined {
  const config = configs.get(FAULT_FILTER);
  return config && compileFault(config as HttpFault, report);
}

/** `levels`: from the least to the most specific. */
export function compiledCors(
  levels: readonly PerFilterConfig[],
  report: ReportProblem,
): CorsPolicy | undefined {
  const configs = levels.flatMap((level) => level.get(CORS_FILTER) ?? []) as CorsPolicyConfig[];
  return compileCors(configs.reverse(), report);
}

const localRateLimits = new WeakMap<TypedConfig, LocalRateLimit>();

/** One for each configuration object: the routes of a virtual host that has it share its buckets. */
export function compiledLocalRateLimit(
  configs: PerFilterConfig,
  report: ReportProblem,
): LocalRateLimit | undefined {
  const config = configs.get(LOCAL_RATE_LIMIT_FILTER);
  if (config === undefined) return undefined;
  let limit = localRateLimits.get(config);
  if (limit === undefined) {
    limit = compileLocalRateLimit(config as LocalRateLimitConfig, report);
    localRateLimits.set(config, limit);
  }
  return limit;
}
