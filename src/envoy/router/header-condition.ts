import type { HeaderMatcher } from '#xds/route.ts';
import type { HeaderMap } from '../http/header-map.ts';
import {
  compileRegexMatcher,
  compileStringMatcher,
  LiteralMatcher,
  type ReportProblem,
  type TextMatcher,
} from '../string-matcher.ts';

/** What a header condition looks at: a request, of which pseudo headers are fields, or bare headers. */
export interface HeadersView {
  readonly headers: HeaderMap;
  readonly method?: string;
  /** With query. */
  readonly path?: string;
  readonly authority?: string;
  readonly scheme?: string;
  /** Of a response. */
  readonly status?: number;
}

/**
 * One header matcher, compiled.
 *
 * @source envoy: source/common/http/header_utility.{h,cc}, HeaderUtility::HeaderData
 */
export class HeaderCondition {
  readonly kind = 'header';
  readonly xds: HeaderMatcher;
  readonly #name: string;
  readonly #isPseudo: boolean;
  /** Undefined = presence alone decides. */
  readonly #value: TextMatcher | undefined;
  readonly #present: boolean;
  readonly #invert: boolean;
  readonly #missingAsEmpty: boolean;

  constructor(xds: HeaderMatcher, report: ReportProblem) {
    this.xds = xds;
    this.#name = xds.name.toLowerCase() === 'host' ? ':authority' : xds.name.toLowerCase();
    this.#isPseudo = this.#name.startsWith(':');
    this.#value = compileValueMatcher(xds, report);
    this.#present = xds.presentMatch ?? true;
    this.#invert = xds.invertMatch ?? false;
    this.#missingAsEmpty = xds.treatMissingHeaderAsEmpty ?? false;
  }

  matches(view: HeadersView): boolean {
    if (this.#value === undefined) return this.#matchesPresence(view);
    const { headers } = view;
    let at = this.#isPseudo ? -1 : headers.indexOf(this.#name);
    if (at < 0) {
      const value = this.#isPseudo ? pseudoHeader(view, this.#name) : undefined;
      if (value !== undefined) return this.#value.matches(value) !== this.#invert;
      // A missing header matches no value, inverted or not, unless it counts as an empty one.
      return this.#missingAsEmpty && this.#value.matches('') !== this.#invert;
    }
    // Each line is tested on its own, since 1.39; any hit will do.
    for (; at >= 0; at = headers.indexOf(this.#name, at + 1)) {
      if (this.#value.matches(headers.values[at]!)) return !this.#invert;
    }
    return this.#invert;
  }

  /** Why it does not hold, in words. */
  failure(view: HeadersView): string {
    const { name } = this.xds;
    const values = valuesOf(view, this.#name);
    const subject =
      values.length === 0 ? `header ${name} is missing` : `header ${name} is ${quote(values)}`;
    if (this.#value === undefined) return subject;
    return `${subject}, and must ${this.#invert ? 'not ' : ''}${this.#value.description}`;
  }

  /**
   * With `treat_missing_header_as_empty` a missing header counts as present.
   *
   * @source envoy: source/common/http/header_utility.cc, HeaderDataPresentMatch
   */
  #matchesPresence(view: HeadersView): boolean {
    const isPresent = this.#missingAsEmpty || hasHeader(view, this.#name);
    const wanted = this.#present !== this.#invert;
    return isPresent ? wanted : !wanted;
  }
}

export function compileHeaderConditions(
  matchers: readonly HeaderMatcher[] | undefined,
  report: ReportProblem,
): readonly HeaderCondition[] {
  return (matchers ?? []).map((matcher) => new HeaderCondition(matcher, report));
}

/** A list of response headers or request headers that any one of which suffices. */
export function anyHeaderMatches(
  conditions: readonly HeaderCondition[],
  view: HeadersView,
): boolean {
  return conditions.some((condition) => condition.matches(view));
}

/** The first line of a header, or a pseudo header. Names are lower case. */
export function headerValue(view: HeadersView, name: string): string | undefined {
  return name.startsWith(':') ? pseudoHeader(view, name) : view.headers.get(name);
}

function hasHeader(view: HeadersView, name: string): boolean {
  return name.startsWith(':') ? pseudoHeader(view, name) !== undefined : view.headers.has(name);
}

function valuesOf(view: HeadersView, name: string): readonly string[] {
  if (!name.startsWith(':')) return view.headers.getAll(name);
  const value = pseudoHeader(view, name);
  return value === undefined ? [] : [value];
}

function pseudoHeader(view: HeadersView, name: string): string | undefined {
  switch (name) {
    case ':path':
      return view.path;
    case ':method':
      return view.method;
    case ':authority':
      return view.authority;
    case ':scheme':
      return view.scheme;
    case ':status':
      return view.status === undefined ? undefined : String(view.status);
    default:
      return undefined;
  }
}

function compileValueMatcher(xds: HeaderMatcher, report: ReportProblem): TextMatcher | undefined {
  if (xds.stringMatch !== undefined) return compileStringMatcher(xds.stringMatch, report);
  if (xds.exactMatch !== undefined) {
    // The deprecated field, empty, asks for presence alone.
    if (xds.exactMatch === '') return { matches: () => true, description: 'be present' };
    return new LiteralMatcher('exact', xds.exactMatch, false);
  }
  if (xds.safeRegexMatch !== undefined) return compileRegexMatcher(xds.safeRegexMatch, report);
  if (xds.prefixMatch !== undefined) return new LiteralMatcher('prefix', xds.prefixMatch, false);
  if (xds.suffixMatch !== undefined) return new LiteralMatcher('suffix', xds.suffixMatch, false);
  if (xds.containsMatch !== undefined)
    return new LiteralMatcher('contains', xds.containsMatch, false);
  if (xds.rangeMatch !== undefined) return rangeMatcher(xds.rangeMatch);
  return undefined;
}

/** A decimal integer in [start, end); bounds are 64-bit, values beyond 2⁵³ compare as doubles. */
function rangeMatcher(range: NonNullable<HeaderMatcher['rangeMatch']>): TextMatcher {
  const start = Number(range.start ?? 0);
  const end = Number(range.end ?? 0);
  return {
    matches: (text) => {
      if (!/^[+-]?[0-9]{1,19}$/.test(text.trim())) return false;
      const value = Number(text);
      return value >= start && value < end;
    },
    description: `be an integer from ${start} to ${end}, exclusive`,
  };
}

function quote(values: readonly string[]): string {
  return values.map((value) => JSON.stringify(value)).join(' and ');
}
