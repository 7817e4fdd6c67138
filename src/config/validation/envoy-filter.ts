import type { Path } from '#source/path.ts';
import type { EnvoyConfigPatch } from '../istio/envoy-filter.ts';
import type { ResourceOf } from '../resource.ts';
import { Findings } from './findings.ts';
import { byteLength, quoted } from './go-format.ts';
import { checkSelectorLabels } from './labels.ts';
import { re2Problem } from './string-match.ts';

const INTERNAL =
  'EnvoyFilter exposes internal implementation details that may change at any time. Prefer other APIs if possible, and exercise extreme caution, especially around upgrades.';

/**
 * A patch's own value is not looked at: it may be any message of Envoy's.
 *
 * @source istio: pkg/config/validation/envoyfilter/envoyfilter.go, validateEnvoyFilter
 */
export function checkEnvoyFilter({ spec }: ResourceOf<'EnvoyFilter'>): Findings {
  const selector = spec.workloadSelector;
  const path = ['spec', 'workloadSelector'];
  const labels = checkSelectorLabels(selector?.labels ?? new Map(), [...path, 'labels']);
  if (labels.errors.length > 0) return labels;
  const findings = new Findings();
  findings.warning([], INTERNAL);
  if (selector !== undefined && selector.labels.size === 0)
    findings.warning(
      path,
      'Envoy filter: workload selector specified without labels, will be applied to all services in namespace',
    );
  for (const [index, patch] of spec.configPatches.entries())
    checkPatch(patch, ['spec', 'configPatches', index], findings);
  return findings;
}

/** The first fault of a patch ends its check. */
function checkPatch(patch: EnvoyConfigPatch, path: Path, findings: Findings): void {
  if (patch.match?.context === 'WAYPOINT') return;
  const fault = patchFault(patch);
  if (fault !== undefined) {
    findings.error(path, `Envoy filter: ${fault}`);
    return;
  }
  if (!checkProxyVersion(patch, path, findings)) return;
  if (LISTENER_CLASS.has(patch.applyTo)) checkListenerMatch(patch, path, findings);
  else checkOtherMatch(patch, path, findings);
}

function patchFault({ applyTo, patch }: EnvoyConfigPatch): string | undefined {
  if (applyTo === 'INVALID') return 'missing applyTo';
  if (patch === undefined) return 'missing patch';
  if (patch.operation === 'INVALID') return 'missing patch operation';
  return patch.operation !== 'REMOVE' && patch.value === undefined
    ? 'missing patch value for non-remove operation'
    : undefined;
}

const MAX_VERSION_BYTES = 1024;

/** False when the expression is none: the rest of the patch is not looked at. */
function checkProxyVersion({ match }: EnvoyConfigPatch, base: Path, findings: Findings): boolean {
  const version = match?.proxy?.proxyVersion ?? '';
  const path = [...base, 'match', 'proxy', 'proxyVersion'];
  if (byteLength(version) > MAX_VERSION_BYTES) {
    findings.warning(
      path,
      `Envoy filter: proxyVersion match exceeds ${MAX_VERSION_BYTES} characters and will be ignored`,
    );
    return true;
  }
  const problem = version === '' ? undefined : re2Problem(version);
  if (problem === undefined) return true;
  findings.error(path, `Envoy filter: invalid regex for proxy version, [${problem}]`);
  return false;
}

const LISTENER_CLASS = new Set(['LISTENER', 'FILTER_CHAIN', 'NETWORK_FILTER', 'HTTP_FILTER']);
const ROUTE_CLASS = new Set(['ROUTE_CONFIGURATION', 'VIRTUAL_HOST', 'HTTP_ROUTE']);
const CONNECTION_MANAGER = 'envoy.filters.network.http_connection_manager';
const OLD_CONNECTION_MANAGER = 'envoy.http_connection_manager';

function matchesObjects({ match }: EnvoyConfigPatch): boolean {
  const { listener, routeConfiguration, cluster, waypoint } = match ?? {};
  return [listener, routeConfiguration, cluster, waypoint].some((it) => it !== undefined);
}

function checkListenerMatch(patch: EnvoyConfigPatch, base: Path, findings: Findings): void {
  const path = [...base, 'match'];
  const listener = patch.match?.listener;
  if (listener === undefined) {
    if (matchesObjects(patch))
      findings.error(
        path,
        'Envoy filter: applyTo for listener class objects cannot have non listener match',
      );
    return;
  }
  const filter = listener.filterChain?.filter;
  if (filter === undefined) return;
  const at = [...path, 'listener', 'filterChain', 'filter'];
  if (patch.applyTo === 'LISTENER' || patch.applyTo === 'FILTER_CHAIN')
    findings.warning(
      at,
      `Envoy filter: filter match has no effect when used with ${patch.applyTo}`,
    );
  const fault = filterFault(filter, patch.applyTo);
  if (fault !== undefined) findings.error(at, `Envoy filter: ${fault}`);
  else
    for (const name of [filter.name, filter.subFilter?.name ?? '']) {
      const canonical = CANONICAL_NAMES.get(name);
      if (canonical !== undefined)
        findings.warning(
          at,
          `using deprecated filter name ${quoted(name)}; use ${quoted(canonical)} instead`,
        );
    }
}

function filterFault(
  {
    name,
    subFilter,
  }: { readonly name: string; readonly subFilter: { readonly name: string } | undefined },
  applyTo: string,
): string | undefined {
  if (name === '') return 'filter match has no name to match on';
  if (subFilter === undefined) return undefined;
  if (applyTo !== 'HTTP_FILTER') return 'subfilter match can be used with applyTo HTTP_FILTER only';
  if (name !== CONNECTION_MANAGER && name !== OLD_CONNECTION_MANAGER)
    return `subfilter match requires filter match with ${CONNECTION_MANAGER}`;
  return subFilter.name === '' ? 'subfilter match has no name to match on' : undefined;
}

function checkOtherMatch(patch: EnvoyConfigPatch, base: Path, findings: Findings): void {
  if (!matchesObjects(patch)) return;
  const path = [...base, 'match'];
  if (ROUTE_CLASS.has(patch.applyTo) && patch.match?.routeConfiguration === undefined)
    findings.error(
      path,
      'Envoy filter: applyTo for http route class objects cannot have non route configuration match',
    );
  if (patch.applyTo === 'CLUSTER' && patch.match?.cluster === undefined)
    findings.error(
      path,
      'Envoy filter: applyTo for cluster class objects cannot have non cluster match',
    );
}

/** @source istio: pkg/config/xds/deprecated.go, ReverseDeprecatedFilterNames */
const CANONICAL_NAMES: ReadonlyMap<string, string> = new Map([
  ['envoy.buffer', 'envoy.filters.http.buffer'],
  ['envoy.cors', 'envoy.filters.http.cors'],
  ['envoy.csrf', 'envoy.filters.http.csrf'],
  ['envoy.http_dynamo_filter', 'envoy.filters.http.dynamo'],
  ['envoy.fault', 'envoy.filters.http.fault'],
  ['envoy.grpc_http1_bridge', 'envoy.filters.http.grpc_http1_bridge'],
  ['envoy.grpc_json_transcoder', 'envoy.filters.http.grpc_json_transcoder'],
  ['envoy.grpc_web', 'envoy.filters.http.grpc_web'],
  ['envoy.gzip', 'envoy.filters.http.gzip'],
  ['envoy.health_check', 'envoy.filters.http.health_check'],
  ['envoy.ip_tagging', 'envoy.filters.http.ip_tagging'],
  ['envoy.lua', 'envoy.filters.http.lua'],
  ['envoy.rate_limit', 'envoy.filters.http.ratelimit'],
  ['envoy.router', 'envoy.filters.http.router'],
  ['envoy.squash', 'envoy.filters.http.squash'],
  ['envoy.listener.http_inspector', 'envoy.filters.listener.http_inspector'],
  ['envoy.listener.original_dst', 'envoy.filters.listener.original_dst'],
  ['envoy.listener.original_src', 'envoy.filters.listener.original_src'],
  ['envoy.listener.proxy_protocol', 'envoy.filters.listener.proxy_protocol'],
  ['envoy.listener.tls_inspector', 'envoy.filters.listener.tls_inspector'],
  ['envoy.client_ssl_auth', 'envoy.filters.network.client_ssl_auth'],
  ['envoy.ext_authz', 'envoy.filters.network.ext_authz'],
  [OLD_CONNECTION_MANAGER, CONNECTION_MANAGER],
  ['envoy.mongo_proxy', 'envoy.filters.network.mongo_proxy'],
  ['envoy.ratelimit', 'envoy.filters.network.ratelimit'],
  ['envoy.redis_proxy', 'envoy.filters.network.redis_proxy'],
  ['envoy.tcp_proxy', 'envoy.filters.network.tcp_proxy'],
]);
