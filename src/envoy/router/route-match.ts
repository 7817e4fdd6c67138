import type { Uint64 } from '#kernel/uint64.ts';
import type { QueryParameterMatcher, RouteMatch } from '#xds/route.ts';
import {
  compileRuntimeFraction,
  type Fraction,
  fractionHits,
  fractionPercent,
} from '../fractional-percent.ts';
import { pathEnd, queryParameter } from '../http/path.ts';
import type { HttpRequest } from '../network.ts';
import { compileStringMatcher, type ReportProblem, type TextMatcher } from '../string-matcher.ts';
import { compileHeaderConditions, type HeaderCondition } from './header-condition.ts';
import { PathCondition } from './path-condition.ts';

/** The first condition of a route that does not hold for a request. */
export interface FailedCondition {
  readonly kind:
    | 'path'
    | 'fraction'
    | 'grpc'
    | 'header'
    | 'query-parameter'
    | 'cookie'
    | 'unsupported';
  /** In words, with the request's own value. */
  readonly text: string;
}

/**
 * All conditions of a route, compiled. They have no effects, so the order in which they are asked
 * can not be seen: the path comes first here, being cheapest and deciding most.
 *
 * @source envoy: source/common/router/config_impl.cc, RouteEntryImplBase::matchRoute
 */
export class RouteConditions {
  readonly path: PathCondition;
  readonly #fraction: Fraction | undefined;
  readonly #fractionFailure: Failable;
  readonly #isGrpcOnly: boolean;
  readonly #headers: readonly HeaderCondition[];
  readonly #queryParameters: readonly QueryParameterCondition[];
  readonly #cookies: readonly CookieCondition[];
  /** Asks for what a simulation does not have: no request matches. */
  readonly #isUnsupported: boolean;
  /** Nothing but the path decides. */
  readonly #isPathOnly: boolean;
  /** False when the answer for a request depends on chance. */
  readonly isOfRequest: boolean;

  constructor(xds: RouteMatch, ignoresPathParameters: boolean, report: ReportProblem) {
    this.path = new PathCondition(xds, ignoresPathParameters, report);
    this.#fraction = compileRuntimeFraction(xds.runtimeFraction);
    this.#fractionFailure = fractionFailure(this.#fraction ?? { numerator: 1, denominator: 1 });
    this.#isGrpcOnly = xds.grpc !== undefined;
    this.#headers = compileHeaderConditions(xds.headers, report);
    this.#queryParameters = (xds.queryParameters ?? []).map((it) => queryCondition(it, report));
    this.#cookies = (xds.cookies ?? []).map((it) => cookieCondition(it, report));
    this.#isUnsupported = reportUnsupported(xds, report);
    this.#isPathOnly =
      !this.#isUnsupported &&
      this.#fraction === undefined &&
      !this.#isGrpcOnly &&
      this.#headers.length + this.#queryParameters.length + this.#cookies.length === 0;
    this.isOfRequest = this.#fraction === undefined;
  }

  /** `end`: where the path stops in `:path`; `random`: the stream's. */
  match(request: HttpRequest, end: number, random: Uint64): boolean {
    if (!this.path.matches(request.method, request.path, end)) return false;
    return this.#isPathOnly || this.#failedBesidePath(request, random) === undefined;
  }

  /** What `match` would say no for; undefined when it says yes. */
  failure(request: HttpRequest, random: Uint64): FailedCondition | undefined {
    if (!this.path.matches(request.method, request.path, pathEnd(request.path))) {
      return { kind: 'path', text: this.path.failure(request.method, request.path) };
    }
    const failed = this.#failedBesidePath(request, random);
    return failed && { kind: failed.kind, text: failed.failure(request) };
  }

  #failedBesidePath(request: HttpRequest, random: Uint64): Failable | undefined {
    if (this.#fraction !== undefined && !fractionHits(this.#fraction, random)) {
      return this.#fractionFailure;
    }
    if (this.#isGrpcOnly && !isGrpcRequest(request)) return NOT_GRPC;
    for (const header of this.#headers) if (!header.matches(request)) return header;
    for (const parameter of this.#queryParameters) {
      if (!parameter.matches(request)) return parameter;
    }
    for (const cookie of this.#cookies) if (!cookie.matches(request)) return cookie;
    return this.#isUnsupported ? UNSUPPORTED : undefined;
  }
}

interface Failable {
  readonly kind: FailedCondition['kind'];
  failure(request: HttpRequest): string;
}

function fractionFailure(fraction: Fraction): Failable {
  return {
    kind: 'fraction',
    failure: () => `taken for ${fractionPercent(fraction)}% of requests, this is not one of them`,
  };
}

const UNSUPPORTED: Failable = {
  kind: 'unsupported',
  failure: () => 'its TLS, metadata or filter state condition is not simulated',
};

/** True when the match has conditions that are not simulated. */
function reportUnsupported(xds: RouteMatch, report: ReportProblem): boolean {
  const fields = [
    xds.tlsContext && 'tls_context',
    xds.dynamicMetadata?.length && 'dynamic_metadata',
    xds.filterState?.length && 'filter_state',
  ].filter((field) => typeof field === 'string');
  for (const field of fields) report(`a route match by ${field} is not supported`);
  return fields.length > 0;
}

const NOT_GRPC: Failable = { kind: 'grpc', failure: () => 'it is no gRPC request' };

/**
 * A gRPC content type is how Envoy tells gRPC requests apart, whatever their method.
 *
 * @source envoy: source/common/grpc/common.cc, isGrpcRequestHeaders, hasGrpcContentType
 */
export function isGrpcRequest(request: HttpRequest): boolean {
  const contentType = request.headers.get('content-type');
  if (contentType === undefined || !contentType.startsWith('application/grpc')) return false;
  return contentType.length === 16 || contentType[16] === '+';
}

interface QueryParameterCondition extends Failable {
  matches(request: HttpRequest): boolean;
}

/**
 * Only the first value of a parameter counts, as written.
 *
 * @source envoy: source/common/router/config_utility.cc, QueryParameterMatcher::matches
 */
function queryCondition(
  xds: QueryParameterMatcher,
  report: ReportProblem,
): QueryParameterCondition {
  const { name } = xds;
  const value = xds.stringMatch && compileStringMatcher(xds.stringMatch, report);
  const isPresent = xds.presentMatch ?? true;
  return {
    kind: 'query-parameter',
    matches: (request) => {
      const found = queryParameter(request.path, name);
      if (value === undefined) return (found !== undefined) === isPresent;
      return found !== undefined && value.matches(found);
    },
    failure: (request) =>
      valueFailure(`query parameter ${name}`, queryParameter(request.path, name), value),
  };
}

type CookieCondition = QueryParameterCondition;

/** @source envoy: source/common/router/config_utility.cc, CookieMatcher (1.37) */
function cookieCondition(
  xds: NonNullable<RouteMatch['cookies']>[number],
  report: ReportProblem,
): CookieCondition {
  const { name } = xds;
  const value = xds.stringMatch && compileStringMatcher(xds.stringMatch, report);
  const invert = xds.invertMatch ?? false;
  return {
    kind: 'cookie',
    matches: (request) => {
      const found = cookieValue(request, name);
      if (found === undefined) return invert;
      return (value?.matches(found) ?? true) !== invert;
    },
    failure: (request) => valueFailure(`cookie ${name}`, cookieValue(request, name), value),
  };
}

function valueFailure(
  subject: string,
  found: string | undefined,
  value: TextMatcher | undefined,
): string {
  const state = found === undefined ? 'is missing' : `is ${JSON.stringify(found)}`;
  return value === undefined
    ? `${subject} ${state}`
    : `${subject} ${state}, and must ${value.description}`;
}

/**
 * The value of a cookie: the first of that name in the first `cookie` line that has it; quotes around
 * it are dropped.
 *
 * @source envoy: source/common/http/utility.cc, parseCookie, forEachCookie
 */
export function cookieValue(request: HttpRequest, name: string): string | undefined {
  const { headers } = request;
  for (let at = headers.indexOf('cookie'); at >= 0; at = headers.indexOf('cookie', at + 1)) {
    for (const pair of headers.values[at]!.split(';')) {
      const equals = pair.indexOf('=');
      if (equals < 0 || pair.slice(0, equals).trim() !== name) continue;
      const value = pair.slice(equals + 1).trim();
      const isQuoted = value.length >= 2 && value.startsWith('"') && value.endsWith('"');
      return isQuoted ? value.slice(1, -1) : value;
    }
  }
  return undefined;
}
