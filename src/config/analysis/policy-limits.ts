import type { Path } from '#source/path.ts';
import type { PortTrafficPolicy } from '../istio/destination-rule.ts';
import type { DestinationRule } from '../resource.ts';
import type { AnalysisContext, Analyzer } from './analysis-context.ts';

type Policy = Pick<PortTrafficPolicy, 'connectionPool' | 'outlierDetection'>;

/** Limits that another one of the same policy always reaches first. */
export const limitAnalyzer: Analyzer = {
  name: 'meshsim.UnreachableLimits',
  inputs: ['DestinationRule'],
  analyze(context) {
    for (const rule of context.of('DestinationRule'))
      for (const { policy, path } of policiesOf(rule)) checkPolicy(context, rule, policy, path);
  },
};

function policiesOf({ spec }: DestinationRule): readonly { policy: Policy; path: Path }[] {
  const owners = [
    { policy: spec.trafficPolicy, path: ['spec', 'trafficPolicy'] as Path },
    ...spec.subsets.map(({ trafficPolicy }, index) => ({
      policy: trafficPolicy,
      path: ['spec', 'subsets', index, 'trafficPolicy'] as Path,
    })),
  ];
  return owners.flatMap(({ policy, path }) => {
    if (policy === undefined) return [];
    const ports = policy.portLevelSettings.map((port, index) => ({
      policy: port,
      path: [...path, 'portLevelSettings', index],
    }));
    return [{ policy, path }, ...ports];
  });
}

/** A limit, what it is, and what keeps it from being reached. */
interface Unreachable {
  readonly path: Path;
  readonly value: number | string;
  readonly why: string;
}

function checkPolicy(
  context: AnalysisContext,
  rule: DestinationRule,
  { connectionPool, outlierDetection }: Policy,
  path: Path,
): void {
  const found = [...unreachableRequests(connectionPool), ...unreachableDetectors(outlierDetection)];
  for (const { path: below, value, why } of found)
    context.report('MS0019', rule, [below.at(-1)!, value, why], { at: [...path, ...below] });
}

/**
 * Every retry is a request; only with HTTP/2 has a connection more than one.
 *
 * @source envoy: source/common/upstream/resource_manager_impl.h; istio: cluster_traffic_policy.go, applyConnectionPool
 */
function unreachableRequests(pool: Policy['connectionPool']): readonly Unreachable[] {
  const http = pool?.http;
  if (http === undefined) return [];
  const path = ['connectionPool', 'http'];
  const { http2MaxRequests, maxRetries, h2UpgradePolicy, useClientProtocol } = http;
  const connections = pool?.tcp?.maxConnections ?? 0;
  const isHttp1 = h2UpgradePolicy === 'DO_NOT_UPGRADE' && !useClientProtocol;
  const found: Unreachable[] = [];
  if (isHttp1 && connections > 0 && http2MaxRequests > connections)
    found.push({
      path: [...path, 'http2MaxRequests'],
      value: http2MaxRequests,
      why: `without HTTP/2 a connection has one request, and maxConnections is ${connections}`,
    });
  if (http2MaxRequests > 0 && maxRetries >= http2MaxRequests)
    found.push({
      path: [...path, 'maxRetries'],
      value: maxRetries,
      why: `every retry is a request, and http2MaxRequests is ${http2MaxRequests}`,
    });
  return found;
}

const DEFAULT_5XX = 5;
const DEFAULT_EJECTION_PERCENT = 10;

/**
 * Gateway errors are 5xx, too; hosts that are ejected are at most `maxEjectionPercent`.
 *
 * @source envoy: source/common/upstream/outlier_detection_impl.cc, DetectorHostMonitorImpl::putHttpResponseCode
 */
function unreachableDetectors(outlier: Policy['outlierDetection']): readonly Unreachable[] {
  if (outlier === undefined) return [];
  const path = ['outlierDetection'];
  const gateway = outlier.consecutiveGatewayErrors ?? 0;
  const all = outlier.consecutive5xxErrors ?? DEFAULT_5XX;
  const percent = outlier.maxEjectionPercent || DEFAULT_EJECTION_PERCENT;
  const { minHealthPercent } = outlier;
  const found: Unreachable[] = [];
  if (gateway > 0 && all > 0 && gateway >= all)
    found.push({
      path: [...path, 'consecutiveGatewayErrors'],
      value: gateway,
      why: `gateway errors are 5xx, too, and consecutive5xxErrors is ${all}`,
    });
  if (minHealthPercent > 0 && minHealthPercent <= 100 - percent)
    found.push({
      path: [...path, 'minHealthPercent'],
      value: minHealthPercent,
      why: `at most ${percent} % of the hosts are ejected (maxEjectionPercent)`,
    });
  return found;
}
