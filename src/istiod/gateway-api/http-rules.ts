import type { GrpcRouteMatch, GrpcRouteRule } from '#config/gateway-api/grpc-route.ts';
import type { HttpRouteMatch, HttpRouteRule } from '#config/gateway-api/http-route.ts';
import type { GrpcRouteFilter } from '#config/gateway-api/route-filters.ts';
import type { ResourceOf } from '#config/resource.ts';
import { formatProtoDuration, parseDuration } from '#source/duration.ts';
import { type RouteIdentity, weightedBackends, weightSum } from './backends.ts';
import { type ConfigError, RuleFindings } from './config-error.ts';
import type { DerivedHttpRoute } from './derived-route.ts';
import { collectHeaderChange, type HeaderChanges, headersOf } from './header-filters.ts';
import { httpFilterFields, mirrorOf, unsupportedFilter } from './http-filters.ts';
import { type ConvertedMatch, grpcMatch, httpMatch } from './http-match.ts';
import type { ConfigValue } from './made-config.ts';
import type { Surroundings } from './surroundings.ts';

/** The rules of a route, converted; none when one of them was refused. */
export interface ConvertedRules<Route> {
  readonly routes: readonly Route[];
  readonly error: ConfigError | undefined;
}

/**
 * The routes of an HTTPRoute: one for each match of each rule.
 *
 * @source istio: pilot/pkg/config/kube/gateway/conversion.go, convertHTTPRoute
 */
export function convertedHttpRules(
  route: ResourceOf<'HTTPRoute'>,
  identity: RouteIdentity,
  around: Surroundings,
): ConvertedRules<DerivedHttpRoute> {
  return collectRules(
    route.spec.rules.flatMap((rule, index) =>
      eachMatch<HttpRouteMatch>(rule.matches).map(({ match, matchIndex }) => {
        const findings = new RuleFindings();
        const converted = match === undefined ? undefined : httpMatch(match);
        const body = httpRuleFields(rule, identity, around, findings);
        const name = rule.name ?? `${identity.namespace}.${route.metadata.name}.${index}`;
        return { findings, route: derived(route, { name, index, matchIndex, converted }, body) };
      }),
    ),
  );
}

/** @source istio: the same file, convertGRPCRoute */
export function convertedGrpcRules(
  route: ResourceOf<'GRPCRoute'>,
  identity: RouteIdentity,
  around: Surroundings,
): ConvertedRules<DerivedHttpRoute> {
  return collectRules(
    route.spec.rules.flatMap((rule, index) =>
      eachMatch<GrpcRouteMatch>(rule.matches).map(({ match, matchIndex }) => {
        const findings = new RuleFindings();
        const converted = match === undefined ? undefined : grpcMatch(match, findings);
        const body = grpcRuleFields(rule, identity, around, findings);
        const name = rule.name ?? `${identity.namespace}.${route.metadata.name}.${index}`;
        return { findings, route: derived(route, { name, index, matchIndex, converted }, body) };
      }),
    ),
  );
}

function eachMatch<Match>(
  matches: readonly Match[],
): readonly { match: Match | undefined; matchIndex: number | undefined }[] {
  if (matches.length === 0) return [{ match: undefined, matchIndex: undefined }];
  return matches.map((match, matchIndex) => ({ match, matchIndex }));
}

/** Refused as a whole with its first refused rule. @source istio: route_collections.go, computeRoute */
export function collectRules<Route>(
  rules: readonly { readonly findings: RuleFindings; readonly route: Route }[],
): ConvertedRules<Route> {
  const refused = rules.find(({ findings }) => findings.hard !== undefined);
  if (refused !== undefined) return { routes: [], error: refused.findings.hard };
  const last = rules.findLast(({ findings }) => findings.soft !== undefined);
  return { routes: rules.map(({ route }) => route), error: last?.findings.soft };
}

interface RuleBody {
  readonly fields: { readonly [field: string]: ConfigValue };
  readonly backendIndexes: readonly number[];
}

function derived(
  route: ResourceOf<'HTTPRoute'> | ResourceOf<'GRPCRoute'>,
  at: {
    readonly name: string;
    readonly index: number;
    readonly matchIndex: number | undefined;
    readonly converted: ConvertedMatch | undefined;
  },
  body: RuleBody,
): DerivedHttpRoute {
  const { name, index, matchIndex, converted } = at;
  return {
    fields: { name, ...body.fields },
    match: converted?.fields,
    rank: converted?.rank,
    source: {
      route,
      rule: ['spec', 'rules', index],
      matchIndex,
      backendIndexes: body.backendIndexes,
    },
  };
}

function httpRuleFields(
  rule: HttpRouteRule,
  identity: RouteIdentity,
  around: Surroundings,
  findings: RuleFindings,
): RuleBody {
  const filters = httpFilterFields(rule.filters, identity, around, findings);
  const timing = timingOf(rule);
  if (weightSum(rule.backendRefs) === 0 && filters.redirect === undefined)
    return { fields: { ...filters, ...timing, directResponse: NO_BACKEND }, backendIndexes: [] };
  const backends = weightedBackends(rule.backendRefs, identity, around, findings);
  const route = backends.map(({ backend, destination, weight }) => {
    const changes: HeaderChanges = {};
    for (const filter of backend.filters)
      if (!collectHeaderChange(filter, changes, findings))
        findings.refuse(unsupportedFilter(filter.type));
    return { destination, weight, headers: headersOf(changes) };
  });
  const backendIndexes = backends.map(({ index }) => index);
  return { fields: { ...filters, ...timing, route }, backendIndexes };
}

/** What the Gateway API wants where no backend has a weight. */
const NO_BACKEND = { status: 500 };

function grpcRuleFields(
  rule: GrpcRouteRule,
  identity: RouteIdentity,
  around: Surroundings,
  findings: RuleFindings,
): RuleBody {
  const { headers, mirrors } = grpcFilterFields(rule.filters, identity, around, findings);
  if (weightSum(rule.backendRefs) === 0)
    return { fields: { headers, mirrors, directResponse: NO_BACKEND }, backendIndexes: [] };
  const backends = weightedBackends(rule.backendRefs, identity, around, findings);
  const route = backends.map(({ backend, destination, weight }) => {
    const changes: HeaderChanges = {};
    for (const filter of backend.filters)
      if (!collectHeaderChange(filter, changes, findings))
        findings.refuse(unsupportedFilter(filter.type));
    return { destination, weight, headers: headersOf(changes) };
  });
  return { fields: { headers, mirrors, route }, backendIndexes: backends.map((it) => it.index) };
}

function grpcFilterFields(
  filters: readonly GrpcRouteFilter[],
  identity: RouteIdentity,
  around: Surroundings,
  findings: RuleFindings,
): { readonly headers: ConfigValue; readonly mirrors: readonly ConfigValue[] } {
  const changes: HeaderChanges = {};
  const mirrors: ConfigValue[] = [];
  for (const filter of filters) {
    if (collectHeaderChange(filter, changes, findings)) continue;
    if (filter.type !== 'RequestMirror') {
      findings.refuse(unsupportedFilter(filter.type));
      continue;
    }
    const { policy, error } = mirrorOf(filter.requestMirror, identity, around);
    if (error !== undefined) findings.refuse(error);
    mirrors.push(policy);
  }
  return { headers: headersOf(changes), mirrors };
}

/** What every retry of the Gateway API is for, beside the codes that it lists. */
const RETRY_ON = ['connect-failure', 'refused-stream', 'unavailable', 'cancelled'];

function timingOf({ retry, timeouts }: HttpRouteRule): {
  readonly retries: ConfigValue;
  readonly timeout: ConfigValue;
} {
  const request = durationText(timeouts?.request);
  const backendRequest = durationText(timeouts?.backendRequest);
  if (retry === undefined) return { retries: undefined, timeout: backendRequest ?? request };
  const attempts = retry.attempts ?? 2;
  const retries = {
    attempts: attempts === 0 ? undefined : attempts,
    retryOn: attempts === 0 ? undefined : [...RETRY_ON, ...retry.codes].join(','),
    backoff:
      retry.backoff === undefined
        ? undefined
        : formatProtoDuration(parseDuration(retry.backoff) ?? 0),
    perTryTimeout: backendRequest,
  };
  return { retries, timeout: request };
}

/** In protobuf's form; zero is none. */
function durationText(text: string | undefined): string | undefined {
  const ns = text === undefined ? 0 : (parseDuration(text) ?? 0);
  return ns === 0 ? undefined : formatProtoDuration(ns);
}
