import { base64Text } from '#xds/base64.ts';
import type { Json, Metadata } from '#xds/core.ts';
import { durationMs } from '#xds/duration.ts';
import type { ClusterWeight, Route, RouteAction, VirtualHost } from '#xds/route.ts';
import {
  compiledCors,
  compiledFault,
  compiledLocalRateLimit,
} from '../filters/per-filter-config.ts';
import type { ReportProblem } from '../string-matcher.ts';
import type {
  ClusterSpecifier,
  CompiledAction,
  CompiledRoute,
  CompiledVirtualHost,
  ForwardAction,
  GrpcTimeoutSettings,
  RouteEntry,
} from './compiled-route.ts';
import { HashPolicies } from './hash-policy.ts';
import { compileHeaderMutation } from './header-mutation.ts';
import { compileHostRewrite } from './host-rewrite.ts';
import { compileInternalRedirect } from './internal-redirect.ts';
import { compileMirrorPolicy } from './mirror-policy.ts';
import { compilePathRewrite } from './path-rewrite.ts';
import { mostSpecificPerFilterConfig, perFilterConfigOf } from './per-filter-config.ts';
import { compileRedirect } from './redirect.ts';
import { compileHedgePolicy, compileRetryPolicy } from './retry-policy.ts';
import { RouteConditions } from './route-match.ts';
import { WeightedClusterChoice } from './weighted-cluster.ts';

/** @source envoy: source/common/router/config_impl.cc, RouteEntryImplBase */
export function compileRoute(
  xds: Route,
  index: number,
  virtualHost: CompiledVirtualHost,
  report: ReportProblem,
): CompiledRoute {
  const ignoresParameters = virtualHost.settings.ignorePathParametersInPathMatching;
  const entries: RouteEntry[] = [];
  const route: CompiledRoute = {
    xds,
    name: xds.name ?? '',
    virtualHost,
    index,
    conditions: new RouteConditions(xds.match, ignoresParameters ?? false, report),
    action: compileAction(xds, virtualHost, report),
    entries,
    isTaken: false,
  };
  const weights = xds.route?.weightedClusters?.clusters ?? [];
  // A list without clusters is refused; its one entry names none.
  for (const weight of weights.length > 0 ? weights : [undefined]) {
    entries.push(compileEntry(route, weight, entries.length, report));
  }
  return route;
}

function compileAction(
  xds: Route,
  virtualHost: CompiledVirtualHost,
  report: ReportProblem,
): CompiledAction {
  if (xds.route !== undefined) return compileForward(xds.route, xds, virtualHost, report);
  if (xds.redirect !== undefined) {
    return { kind: 'redirect', redirect: compileRedirect(xds.redirect, report) };
  }
  if (xds.directResponse !== undefined) {
    const { status, body } = xds.directResponse;
    const text = body?.inlineString ?? base64Text(body?.inlineBytes ?? '');
    return { kind: 'direct-response', status, body: text };
  }
  if (xds.nonForwardingAction === undefined) report('a route without an action');
  return { kind: 'non-forwarding' };
}

const DEFAULT_TIMEOUT_MS = 15_000;
/** Of connections from downstream. */
const DEFAULT_BUFFER_LIMIT_BYTES = 2 ** 20;

const CLUSTER_NOT_FOUND_STATUS = {
  SERVICE_UNAVAILABLE: 503,
  NOT_FOUND: 404,
  INTERNAL_SERVER_ERROR: 500,
};

function compileForward(
  xds: RouteAction,
  route: Route,
  virtualHost: CompiledVirtualHost,
  report: ReportProblem,
): ForwardAction {
  const { settings } = virtualHost;
  // The most specific level that has policies provides all of them: nothing is merged.
  const retryPolicy = xds.retryPolicy ?? virtualHost.xds.retryPolicy;
  const hedgePolicy = xds.hedgePolicy ?? virtualHost.xds.hedgePolicy;
  const mirrors = [
    xds.requestMirrorPolicies,
    virtualHost.xds.requestMirrorPolicies,
    settings.requestMirrorPolicies,
  ].find((policies) => policies !== undefined && policies.length > 0);
  if (xds.prefixRewrite && xds.regexRewrite) {
    report('Cannot specify both prefix_rewrite and regex_rewrite');
  }
  if (xds.pathRewritePolicy !== undefined) report('path_rewrite_policy is not supported');
  return {
    kind: 'forward',
    clusters: compileClusters(xds, report),
    clusterNotFoundStatus:
      CLUSTER_NOT_FOUND_STATUS[xds.clusterNotFoundResponseCode ?? 'SERVICE_UNAVAILABLE'],
    timeoutNs: (durationMs(xds.timeout) ?? DEFAULT_TIMEOUT_MS) * 1e6,
    idleTimeoutNs: msInNs(durationMs(xds.idleTimeout)),
    maxStreamDurationNs: msInNs(durationMs(xds.maxStreamDuration?.maxStreamDuration)),
    limitsStreamDuration: xds.maxStreamDuration !== undefined,
    grpcTimeout: compileGrpcTimeout(xds),
    retryPolicy: retryPolicy && compileRetryPolicy(retryPolicy, report),
    hedgePolicy: hedgePolicy && compileHedgePolicy(hedgePolicy),
    hashPolicies: xds.hashPolicy?.length ? new HashPolicies(xds.hashPolicy, report) : undefined,
    mirrorPolicies: (mirrors ?? []).map((policy) => compileMirrorPolicy(policy, report)),
    bufferLimitBytes: bufferLimitBytes(route, virtualHost.xds),
    priority: xds.priority ?? 'DEFAULT',
    hostRewrite: compileHostRewrite(xds, report),
    appendXForwardedHost: xds.appendXForwardedHost ?? false,
    pathRewrite: compilePathRewrite(xds, report),
    internalRedirect:
      xds.internalRedirectPolicy && compileInternalRedirect(xds.internalRedirectPolicy, report),
    upgradeTypes: new Set(
      (xds.upgradeConfigs ?? [])
        .filter((upgrade) => upgrade.enabled ?? true)
        .map((upgrade) => upgrade.upgradeType.toUpperCase()),
    ),
  };
}

/**
 * What is kept of a request for another attempt: as the route says, or its virtual host.
 *
 * @source envoy: source/common/router/config_impl.cc, RouteEntryImplBase (request_body_buffer_limit)
 */
function bufferLimitBytes(route: Route, virtualHost: VirtualHost): number {
  for (const { requestBodyBufferLimit, perRequestBufferLimitBytes } of [route, virtualHost]) {
    if (requestBodyBufferLimit !== undefined) return Number(requestBodyBufferLimit);
    if (perRequestBufferLimitBytes !== undefined)
      return Math.min(perRequestBufferLimitBytes, DEFAULT_BUFFER_LIMIT_BYTES);
  }
  return DEFAULT_BUFFER_LIMIT_BYTES;
}

function compileClusters(xds: RouteAction, report: ReportProblem): ClusterSpecifier {
  if (xds.weightedClusters !== undefined) {
    return { kind: 'weighted', choice: new WeightedClusterChoice(xds.weightedClusters, report) };
  }
  if (xds.clusterHeader !== undefined) {
    return { kind: 'header', header: xds.clusterHeader.toLowerCase() };
  }
  if (xds.cluster === undefined) report('a route action without a cluster');
  return { kind: 'cluster', name: xds.cluster ?? '' };
}

/** `max_stream_duration` brings settings of its own and takes the place of the older ones. */
function compileGrpcTimeout(xds: RouteAction): GrpcTimeoutSettings | undefined {
  const newer = xds.maxStreamDuration;
  const [max, offset] = newer
    ? [newer.grpcTimeoutHeaderMax, newer.grpcTimeoutHeaderOffset]
    : [xds.maxGrpcTimeout, xds.grpcTimeoutOffset];
  const maxMs = durationMs(max);
  if (maxMs === undefined) return undefined;
  return { maxNs: maxMs * 1e6, offsetNs: (durationMs(offset) ?? 0) * 1e6 };
}

function compileEntry(
  route: CompiledRoute,
  weight: ClusterWeight | undefined,
  index: number,
  report: ReportProblem,
): RouteEntry {
  const { action, virtualHost, xds } = route;
  const forward = action.kind === 'forward' ? action : undefined;
  const levels = {
    clusterWeight: weight,
    route: xds,
    virtualHost: virtualHost.xds,
    configuration: virtualHost.settings,
  };
  const requestHeaders = compileHeaderMutation(levels, 'request', report);
  const hostRewriteLiteral = weight?.hostRewriteLiteral ?? '';
  const filterLevels = [
    virtualHost.settings.typedPerFilterConfig,
    virtualHost.xds.typedPerFilterConfig,
    xds.typedPerFilterConfig,
    weight?.typedPerFilterConfig,
  ].map(perFilterConfigOf);
  const perFilterConfig = mostSpecificPerFilterConfig(filterLevels);
  const changesRequest =
    requestHeaders !== undefined ||
    hostRewriteLiteral !== '' ||
    (forward?.hostRewrite !== undefined && forward.hostRewrite.kind !== 'auto') ||
    forward?.pathRewrite !== undefined;
  return {
    route,
    forward,
    clusterName:
      weight?.name ?? (forward?.clusters.kind === 'cluster' ? forward.clusters.name : ''),
    clusterHeader: clusterHeaderOf(forward, weight),
    index,
    metadataMatch: mergedMetadata(xds.route?.metadataMatch, weight?.metadataMatch),
    requestHeaders,
    responseHeaders: compileHeaderMutation(levels, 'response', report),
    hostRewriteLiteral,
    changesRequest,
    finalized: changesRequest && (requestHeaders?.isOfRequest ?? true) ? new WeakMap() : undefined,
    perFilterConfig,
    fault: compiledFault(perFilterConfig, report),
    cors: forward && compiledCors(filterLevels, report), // The filter passes by what is not forwarded.
    localRateLimit: compiledLocalRateLimit(perFilterConfig, report),
  };
}

function clusterHeaderOf(
  forward: ForwardAction | undefined,
  weight: ClusterWeight | undefined,
): string | undefined {
  if (weight !== undefined) return weight.name ? undefined : weight.clusterHeader?.toLowerCase();
  return forward?.clusters.kind === 'header' ? forward.clusters.header : undefined;
}

/**
 * Criteria for subset load balancing: the weighted cluster's values over the route's, key by key.
 *
 * @source envoy: source/common/router/metadatamatchcriteria_impl.cc, mergeMatchCriteria
 */
function mergedMetadata(
  route: Metadata | undefined,
  weight: Metadata | undefined,
): Metadata | undefined {
  if (weight === undefined || route === undefined) return weight ?? route;
  const lb = { ...route.filterMetadata?.['envoy.lb'], ...weight.filterMetadata?.['envoy.lb'] };
  const filterMetadata: { [filter: string]: { readonly [key: string]: Json } } = { 'envoy.lb': lb };
  return { filterMetadata };
}

function msInNs(valueMs: number | undefined): number | undefined {
  return valueMs === undefined ? undefined : valueMs * 1e6;
}
