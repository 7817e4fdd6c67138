import type { HttpRoute, HttpRouteDestination } from '#config/istio/virtual-service.ts';
import { formatProtoDuration } from '#source/duration.ts';
import type { ClusterWeight, HashPolicy, HeaderMutations, RouteAction } from '#xds/route.ts';
import { buildHashPolicy } from './hash-policy.ts';
import { appendMutations, presentMutations, translateHeaders } from './header-operations.ts';
import { buildMirrorPolicies } from './mirror.ts';
import { outboundRetryPolicy } from './retry-policy.ts';
import type { RouteContext } from './route-context.ts';

/** A forwarding route: its action, and what it does to headers. */
export interface ForwardingAction {
  readonly action: RouteAction;
  readonly mutations: Required<HeaderMutations>;
}

/**
 * Where requests go and how they change on the way.
 *
 * @source istio: pilot/pkg/networking/core/route/route.go, applyHTTPRouteDestination
 */
export function buildForwardingAction(
  http: HttpRoute,
  ruleMutations: Required<HeaderMutations>,
  ruleAuthority: string,
  context: RouteContext,
): ForwardingAction {
  const target = chooseTarget(http, ruleMutations, context);
  const retryPolicy = outboundRetryPolicy(
    http.retries ?? context.meshRetries,
    target.hasConsistentHash,
    context.behaviours.defaultRetriableStatusCodes,
  );
  const requestMirrorPolicies = buildMirrorPolicies(http, context);
  const authority = http.rewrite?.authority || ruleAuthority || target.authority;
  const action: RouteAction = {
    ...target.clusters,
    ...routeTimeouts(http.timeout),
    ...pathRewrite(http),
    ...(authority === '' ? {} : { hostRewriteLiteral: authority }),
    ...(retryPolicy === undefined ? {} : { retryPolicy }),
    ...(requestMirrorPolicies.length === 0 ? {} : { requestMirrorPolicies }),
    ...(target.hashPolicy.length === 0 ? {} : { hashPolicy: target.hashPolicy }),
  };
  return { action, mutations: target.mutations };
}

/**
 * Istio's own default, 0 s, switches Envoy's 15 s off.
 *
 * @source istio: the same file, setTimeout
 */
export function routeTimeouts(timeoutNs: number | undefined) {
  const timeout = formatProtoDuration(timeoutNs ?? 0);
  return { timeout, maxGrpcTimeout: timeout };
}

interface Target {
  readonly clusters: Pick<RouteAction, 'cluster' | 'weightedClusters'>;
  readonly hashPolicy: readonly HashPolicy[];
  readonly mutations: Required<HeaderMutations>;
  /** A Host that the only destination sets. */
  readonly authority: string;
  readonly hasConsistentHash: boolean;
}

function chooseTarget(
  http: HttpRoute,
  mutations: Required<HeaderMutations>,
  context: RouteContext,
): Target {
  const destinations = http.route;
  const only = destinations.length === 1 ? destinations[0]! : undefined;
  if (only !== undefined) return singleTarget(only, mutations, context);
  const weighted = destinations.filter(({ weight }) => weight !== 0);
  return {
    clusters: { weightedClusters: { clusters: weighted.map((d) => clusterWeight(d, context)) } },
    hashPolicy: weighted.flatMap((destination) => hashPolicies(destination, context)),
    mutations,
    authority: '',
    hasConsistentHash: false,
  };
}

/** The weight of an only destination means nothing; its headers join the route's. */
function singleTarget(
  destination: HttpRouteDestination,
  mutations: Required<HeaderMutations>,
  context: RouteContext,
): Target {
  const own = translateHeaders(destination.headers);
  return {
    clusters: { cluster: context.clusterOf(destination.destination) },
    hashPolicy: hashPolicies(destination, context),
    mutations: appendMutations(mutations, own.mutations),
    authority: own.authority,
    hasConsistentHash: context.hashOf(destination.destination) !== undefined,
  };
}

function clusterWeight(destination: HttpRouteDestination, context: RouteContext): ClusterWeight {
  const { mutations, authority } = translateHeaders(destination.headers);
  const entry = {
    name: context.clusterOf(destination.destination),
    weight: destination.weight,
    ...presentMutations(mutations),
    ...(authority === '' ? {} : { hostRewriteLiteral: authority }),
  };
  return entry;
}

function hashPolicies({ destination }: HttpRouteDestination, context: RouteContext): HashPolicy[] {
  const policy = buildHashPolicy(context.hashOf(destination));
  return policy === undefined ? [] : [policy];
}

function pathRewrite({ rewrite }: HttpRoute): Partial<RouteAction> {
  const regex = rewrite?.uriRegexRewrite;
  if (regex !== undefined) {
    const { match, rewrite: substitution } = regex;
    const pattern = { regex: match };
    return { regexRewrite: { pattern, ...(substitution === '' ? {} : { substitution }) } };
  }
  const uri = rewrite?.uri ?? '';
  return uri === '' ? {} : { prefixRewrite: uri };
}
