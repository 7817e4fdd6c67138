import type { StringMatch } from '#config/istio/shared-shapes.ts';
import type { StringMatcher } from '#xds/core.ts';

/** @source istio: pilot/pkg/networking/util/util.go, ConvertToEnvoyMatch */
export function stringMatcher(match: StringMatch): StringMatcher | undefined {
  if (match.exact !== undefined) return { exact: match.exact };
  if (match.prefix !== undefined) return { prefix: match.prefix };
  if (match.regex !== undefined) return { safeRegex: { regex: match.regex } };
  return undefined;
}

/**
 * `{}` and the regex `*` (which is no RE2 at all) ask for presence alone.
 *
 * @source istio: pilot/pkg/networking/core/route/route.go, canBeConvertedToPresentMatch
 */
export function asksForPresence(match: StringMatch): boolean {
  return stringMatcher(match) === undefined || match.regex === '*';
}
