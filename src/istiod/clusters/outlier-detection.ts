import type { OutlierDetection as OutlierSettings } from '#config/istio/destination-rule.ts';
import type { OutlierDetection } from '#xds/cluster.ts';
import type { Json, Percent } from '#xds/core.ts';
import { xdsDuration } from '../xds-values.ts';

/**
 * Outlier detection: success rates never eject; a count that is given is enforced, 0 switches it
 * off; what is not given stays Envoy's default.
 *
 * @source istio: pilot/pkg/networking/core/cluster_traffic_policy.go, applyOutlierDetection
 */
export function outlierDetection(settings: OutlierSettings): OutlierDetection {
  const consecutive5xx = settings.consecutive5xxErrors;
  const gatewayFailure = settings.consecutiveGatewayErrors;
  return {
    ...(consecutive5xx === undefined
      ? {}
      : { consecutive5xx, enforcingConsecutive5xx: enforcing(consecutive5xx) }),
    ...(settings.interval === undefined ? {} : { interval: xdsDuration(settings.interval) }),
    ...(settings.baseEjectionTime === undefined
      ? {}
      : { baseEjectionTime: xdsDuration(settings.baseEjectionTime) }),
    ...(settings.maxEjectionPercent ? { maxEjectionPercent: settings.maxEjectionPercent } : {}),
    enforcingSuccessRate: 0,
    ...(gatewayFailure === undefined
      ? {}
      : {
          consecutiveGatewayFailure: gatewayFailure,
          enforcingConsecutiveGatewayFailure: enforcing(gatewayFailure),
        }),
    ...(settings.splitExternalLocalOriginErrors ? localOrigin(settings) : {}),
  };
}

function enforcing(count: number): number {
  return count > 0 ? 100 : 0;
}

function localOrigin(settings: OutlierSettings): Partial<OutlierDetection> {
  const failures = settings.consecutiveLocalOriginFailures;
  return {
    splitExternalLocalOriginErrors: true,
    ...(failures
      ? {
          consecutiveLocalOriginFailure: failures,
          enforcingConsecutiveLocalOriginFailure: 100,
        }
      : {}),
    enforcingLocalOriginSuccessRate: 0,
  };
}

/** The panic threshold that comes with outlier detection; 0 switches panic off. */
export function panicThreshold(settings: OutlierSettings): Percent {
  return settings.minHealthPercent ? { value: settings.minHealthPercent } : {};
}

/**
 * Which responses count as failures, when codes are given: a predicate on `:status`.
 *
 * @source istio: pilot/pkg/networking/core/cluster_traffic_policy.go, applyOutlierDetectionErrorCodes
 */
export function outlierErrorMatcher(settings: OutlierSettings | undefined): Json | undefined {
  const codes = settings?.outlierDetectionHttpErrorCodes ?? [];
  const rules = codes.map((code) => ({
    httpResponseHeadersMatch: {
      headers: [{ name: ':status', stringMatch: { exact: String(code) } }],
    },
  }));
  if (rules.length < 2) return rules[0];
  return { orMatch: { rules } };
}
