import type { RouteMatch } from '#xds/route.ts';
import { pathEnd } from '../http/path.ts';
import { type CompiledRegex, compileRegex } from '../regex.ts';
import { asciiLowerCase, type ReportProblem } from '../string-matcher.ts';

export type PathMatchKind =
  | 'prefix'
  | 'path'
  | 'path-separated-prefix'
  | 'regex'
  | 'connect'
  | 'any';

/**
 * The path condition of a route, compiled. It compares within `:path` up to its query; only regular
 * expressions and case-insensitive comparing cut the text.
 *
 * @source envoy: source/common/router/config_impl.cc, PrefixRouteEntryImpl, PathRouteEntryImpl,
 *   PathSeparatedPrefixRouteEntryImpl, RegexRouteEntryImpl, ConnectRouteEntryImpl
 */
export class PathCondition {
  readonly kind: PathMatchKind;
  /** The text to compare with, the regular expression's pattern, or ''. */
  readonly text: string;
  readonly isCaseSensitive: boolean;
  readonly #lowered: string;
  readonly #regex: CompiledRegex | undefined;
  readonly #ignoresParameters: boolean;

  constructor(xds: RouteMatch, ignoresParameters: boolean, report: ReportProblem) {
    [this.kind, this.text] = kindOf(xds);
    this.isCaseSensitive = xds.caseSensitive ?? true;
    this.#lowered = asciiLowerCase(this.text);
    this.#regex = this.kind === 'regex' ? compileRegex(this.text) : undefined;
    this.#ignoresParameters = ignoresParameters;
    if (this.kind === 'regex' && this.#regex === undefined) {
      report(`invalid regular expression: ${this.text}`);
    }
    if (xds.pathMatchPolicy !== undefined) report('path_match_policy is not supported');
  }

  /** `end`: where the path stops in `path` (`pathEnd`). */
  matches(method: string, path: string, end: number): boolean {
    if (this.#ignoresParameters && path.includes(';')) {
      const stripped = withoutParameters(path.slice(0, end));
      return this.#matches(method, stripped, stripped.length);
    }
    return this.#matches(method, path, end);
  }

  #matches(method: string, path: string, end: number): boolean {
    switch (this.kind) {
      case 'prefix':
        return this.#startsWith(path, end);
      case 'path':
        return end === this.text.length && this.#startsWith(path, end);
      case 'path-separated-prefix': {
        const { length } = this.text;
        return this.#startsWith(path, end) && (end === length || path[length] === '/');
      }
      case 'regex':
        return this.#regex?.matchesWhole(end === path.length ? path : path.slice(0, end)) ?? false;
      case 'connect':
        return method === 'CONNECT';
      case 'any':
        return true;
    }
  }

  #startsWith(path: string, end: number): boolean {
    const { length } = this.text;
    if (length > end) return false;
    if (this.isCaseSensitive) return path.startsWith(this.text);
    return asciiLowerCase(path.slice(0, length)) === this.#lowered;
  }

  /**
   * How much of the path a prefix rewrite replaces: the prefix, or all of the path.
   *
   * @source envoy: source/common/router/config_impl.cc, rewritePathHeader of each kind
   */
  matchedLength(path: string): number {
    return this.kind === 'prefix' || this.kind === 'path-separated-prefix'
      ? this.text.length
      : pathEnd(path);
  }

  failure(method: string, path: string): string {
    const subject = `path ${JSON.stringify(path.slice(0, pathEnd(path)))}`;
    const value = JSON.stringify(this.text);
    const anyCase = this.isCaseSensitive ? '' : ' in any case';
    switch (this.kind) {
      case 'prefix':
        return `${subject} does not start with ${value}${anyCase}`;
      case 'path':
        return `${subject} is not ${value}${anyCase}`;
      case 'path-separated-prefix':
        return `${subject} is neither ${value} nor below it${anyCase}`;
      case 'regex':
        return `${subject} does not match the regular expression ${value}`;
      case 'connect':
        return `method ${method} is not CONNECT`;
      case 'any':
        return '';
    }
  }
}

function kindOf(xds: RouteMatch): [PathMatchKind, string] {
  if (xds.prefix !== undefined) return ['prefix', xds.prefix];
  if (xds.path !== undefined) return ['path', xds.path];
  if (xds.pathSeparatedPrefix !== undefined)
    return ['path-separated-prefix', xds.pathSeparatedPrefix];
  if (xds.safeRegex !== undefined) return ['regex', xds.safeRegex.regex];
  if (xds.connectMatcher !== undefined) return ['connect', ''];
  return ['any', ''];
}

/** `/a;v=1/b;x` is `/a/b`: each segment loses what follows its semicolon. */
function withoutParameters(path: string): string {
  return path.replace(/;[^/]*/g, '');
}
