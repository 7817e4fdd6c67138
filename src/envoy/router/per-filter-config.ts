import type { TypedConfig } from '#xds/core.ts';
import type { TypedPerFilterConfig } from '#xds/route.ts';

const NONE: ReadonlyMap<string, TypedConfig> = new Map();

/**
 * The configuration of each filter for a route, by filter name: of several levels, given from the
 * least to the most specific, the last that has one holds entirely.
 *
 * @source envoy: source/common/router/config_impl.cc, PerFilterConfigs; mostSpecificPerFilterConfig
 */
export function mergePerFilterConfig(
  levels: readonly (TypedPerFilterConfig | undefined)[],
): ReadonlyMap<string, TypedConfig> {
  let merged: Map<string, TypedConfig> | undefined;
  for (const level of levels) {
    for (const [filter, config] of Object.entries(level ?? {})) {
      merged ??= new Map();
      merged.set(filter, unwrapped(config));
    }
  }
  return merged ?? NONE;
}

/** `envoy.config.route.v3.FilterConfig` wraps the configuration of a filter. */
function unwrapped(config: TypedConfig): TypedConfig {
  const { config: inner } = config as { readonly config?: TypedConfig };
  return config['@type']?.endsWith('.FilterConfig') && inner !== undefined ? inner : config;
}
