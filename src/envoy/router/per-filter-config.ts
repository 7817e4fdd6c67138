import type { TypedConfig } from '#xds/core.ts';
import type { TypedPerFilterConfig } from '#xds/route.ts';

const NONE: ReadonlyMap<string, TypedConfig> = new Map();

/** The configuration of filters at one level, by filter name. */
export function perFilterConfigOf(
  level: TypedPerFilterConfig | undefined,
): ReadonlyMap<string, TypedConfig> {
  if (level === undefined) return NONE;
  return new Map(Object.entries(level).map(([filter, config]) => [filter, unwrapped(config)]));
}

/**
 * The configuration of each filter for a route: of several levels, given from the least to the most
 * specific, the last that has one holds entirely.
 *
 * @source envoy: source/common/router/config_impl.cc, PerFilterConfigs; mostSpecificPerFilterConfig
 */
export function mostSpecificPerFilterConfig(
  levels: readonly ReadonlyMap<string, TypedConfig>[],
): ReadonlyMap<string, TypedConfig> {
  const used = levels.filter((level) => level.size > 0);
  if (used.length === 0) return NONE;
  return new Map(used.flatMap((level) => [...level]));
}

/** `envoy.config.route.v3.FilterConfig` wraps the configuration of a filter. */
function unwrapped(config: TypedConfig): TypedConfig {
  const { config: inner } = config as { readonly config?: TypedConfig };
  return config['@type']?.endsWith('.FilterConfig') && inner !== undefined ? inner : config;
}
