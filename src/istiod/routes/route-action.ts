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
  const { cluster, weightedClusters } = target.clusters;
  const { timeout, maxGrpcTimeout } = routeTimeouts(http.timeout);
  const action: Mutable<RouteAction> =
    cluster === undefined
      ? { ...(weightedClusters && { weightedClusters }), timeout, maxGrpcTimeout }
      : { cluster, timeout, maxGrpcTimeout };
  if (http.rewrite !== undefined) Object.assign(action, pathRewrite(http.rewrite));
  if (authority !== '') action.hostRewriteLiteral = authority;
  if (retryPolicy !== undefined) action.retryPolicy = retryPolicy;
  if (requestMirrorPolicies.length > 0) action.requestMirrorPolicies = requestMirrorPolicies;
  if (target.hashPolicy.length > 0) action.hashPolicy = target.hashPolicy;
  return { action, mutations: target.mutations };
}

/** While it is put together: one object, and no copy a field. */
type Mutable<Message> = { -readonly [Field in keyof Message]: Message[Field] };

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

function hashPolicies(
  { destination }: HttpRouteDestination,
  context: RouteContext,
): readonly HashPolicy[] {
  const policy = buildHashPolicy(context.hashOf(destination));
  return policy === undefined ? NO_HASH : [policy];
}

const NO_HASH: readonly HashPolicy[] = [];

function pathRewrite({ uriRegexRewrite, uri }: NonNullable<HttpRoute['rewrite']>) {
  if (uriRegexRewrite !== undefined) {
    const { match, rewrite: substitution } = uriRegexRewrite;
    const pattern = { regex: match };
    return { regexRewrite: { pattern, ...(substitution === '' ? {} : { substitution }) } };
  }
  return uri === '' ? {} : { prefixRewrite: uri };
}
