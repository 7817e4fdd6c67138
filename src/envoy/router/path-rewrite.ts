import type { RegexMatchAndSubstitute } from '#xds/core.ts';
import { pathWithoutQuery } from '../http/path.ts';
import { compileRegex, type Regex } from '../regex.ts';
import type { ReportProblem } from '../string-matcher.ts';
import type { PathCondition } from './path-condition.ts';

/** How a path is rewritten on its way: the matched part replaced, or an expression's matches. */
export type PathRewrite =
  | { readonly kind: 'prefix'; readonly prefix: string }
  | { readonly kind: 'regex'; readonly rewrite: RegexRewrite };

/** A regular expression with what its matches become; `regex` is undefined for an invalid pattern. */
export interface RegexRewrite {
  readonly regex: Regex | undefined;
  readonly substitution: string;
}

export function compileRegexRewrite(
  xds: RegexMatchAndSubstitute,
  report: ReportProblem,
): RegexRewrite {
  const regex = compileRegex(xds.pattern.regex);
  if (regex === undefined) report(`invalid regular expression: ${xds.pattern.regex}`);
  return { regex, substitution: xds.substitution ?? '' };
}

export function applyRegexRewrite({ regex, substitution }: RegexRewrite, text: string): string {
  return regex === undefined ? text : regex.replaceAll(text, substitution);
}

/** Undefined when nothing is rewritten; an empty prefix rewrite counts as none. */
export function compilePathRewrite(
  xds: { readonly prefixRewrite?: string; readonly regexRewrite?: RegexMatchAndSubstitute },
  report: ReportProblem,
): PathRewrite | undefined {
  if (xds.prefixRewrite !== undefined && xds.prefixRewrite !== '') {
    return { kind: 'prefix', prefix: xds.prefixRewrite };
  }
  if (xds.regexRewrite === undefined) return undefined;
  return { kind: 'regex', rewrite: compileRegexRewrite(xds.regexRewrite, report) };
}

/**
 * The new `:path`, its query kept.
 *
 * @source envoy: source/common/router/config_impl.cc, currentUrlPathAfterRewriteWithMatchedPath
 */
export function rewrittenPath(
  rewrite: PathRewrite,
  condition: PathCondition,
  path: string,
): string {
  if (rewrite.kind === 'prefix') {
    return rewrite.prefix + path.slice(condition.matchedLength(path));
  }
  const justPath = pathWithoutQuery(path);
  return applyRegexRewrite(rewrite.rewrite, justPath) + path.slice(justPath.length);
}
