import { memoOf } from '#kernel/memo.ts';
import type { OutlierDetection } from '#xds/cluster.ts';
import { durationMs } from '#xds/duration.ts';

/**
 * What can eject a host, under the names of Envoy's counters.
 *
 * @source envoy: source/common/upstream/outlier_detection_impl.h, ALL_OUTLIER_DETECTION_STATS
 */
export const OUTLIER_DETECTORS = [
  'consecutive_5xx',
  'consecutive_gateway_failure',
  'success_rate',
  'failure_percentage',
  'consecutive_local_origin_failure',
  'local_origin_success_rate',
  'local_origin_failure_percentage',
] as const;

export type OutlierDetectorName = (typeof OUTLIER_DETECTORS)[number];

/**
 * The detectors in the records of ejections.
 *
 * @source envoy: api/envoy/data/cluster/v3/outlier_detection_event.proto, OutlierEjectionType
 */
export const OUTLIER_EJECTION_TYPES: Readonly<Record<OutlierDetectorName, string>> = {
  consecutive_5xx: 'CONSECUTIVE_5XX',
  consecutive_gateway_failure: 'CONSECUTIVE_GATEWAY_FAILURE',
  success_rate: 'SUCCESS_RATE',
  failure_percentage: 'FAILURE_PERCENTAGE',
  consecutive_local_origin_failure: 'CONSECUTIVE_LOCAL_ORIGIN_FAILURE',
  local_origin_success_rate: 'SUCCESS_RATE_LOCAL_ORIGIN',
  local_origin_failure_percentage: 'FAILURE_PERCENTAGE_LOCAL_ORIGIN',
};

/** `outlier_detection` with its defaults. Times are whole milliseconds, as Envoy decides in them. */
export interface OutlierConfig {
  readonly intervalMs: number;
  readonly baseEjectionTimeMs: number;
  readonly maxEjectionTimeMs: number;
  readonly maxEjectionTimeJitterMs: number;
  readonly maxEjectionPercent: number;
  readonly alwaysEjectOneHost: boolean;
  readonly detectDegradedHosts: boolean;
  readonly consecutive5xx: number;
  readonly consecutiveGatewayFailure: number;
  readonly consecutiveLocalOriginFailure: number;
  readonly splitExternalLocalOriginErrors: boolean;
  readonly successfulActiveHealthCheckUnejectHost: boolean;
  readonly successRateMinimumHosts: number;
  readonly successRateRequestVolume: number;
  /** In thousandths. */
  readonly successRateStdevFactor: number;
  readonly failurePercentageThreshold: number;
  readonly failurePercentageMinimumHosts: number;
  readonly failurePercentageRequestVolume: number;
  /** In percent: how often an ejection that was detected is carried out. */
  readonly enforcing: Readonly<Record<OutlierDetectorName, number>>;
}

const DEFAULT_INTERVAL_MS = 10_000;
const DEFAULT_BASE_EJECTION_TIME_MS = 30_000;
const DEFAULT_MAX_EJECTION_TIME_MS = 300_000;

/**
 * The configuration with every default filled in, compiled once per object.
 *
 * @source envoy: source/common/upstream/outlier_detection_impl.cc, DetectorConfig
 */
export const compileOutlierDetection = memoOf(compile);

function compile(xds: OutlierDetection): OutlierConfig {
  const baseEjectionTimeMs = durationMs(xds.baseEjectionTime) ?? DEFAULT_BASE_EJECTION_TIME_MS;
  return {
    intervalMs: durationMs(xds.interval) ?? DEFAULT_INTERVAL_MS,
    baseEjectionTimeMs,
    maxEjectionTimeMs:
      durationMs(xds.maxEjectionTime) ?? Math.max(DEFAULT_MAX_EJECTION_TIME_MS, baseEjectionTimeMs),
    maxEjectionTimeJitterMs: durationMs(xds.maxEjectionTimeJitter) ?? 0,
    maxEjectionPercent: xds.maxEjectionPercent ?? 10,
    alwaysEjectOneHost: xds.alwaysEjectOneHost ?? false,
    detectDegradedHosts: xds.detectDegradedHosts ?? false,
    consecutive5xx: xds.consecutive5xx ?? 5,
    consecutiveGatewayFailure: xds.consecutiveGatewayFailure ?? 5,
    consecutiveLocalOriginFailure: xds.consecutiveLocalOriginFailure ?? 5,
    splitExternalLocalOriginErrors: xds.splitExternalLocalOriginErrors ?? false,
    successfulActiveHealthCheckUnejectHost: xds.successfulActiveHealthCheckUnejectHost ?? true,
    successRateMinimumHosts: xds.successRateMinimumHosts ?? 5,
    successRateRequestVolume: xds.successRateRequestVolume ?? 100,
    successRateStdevFactor: xds.successRateStdevFactor ?? 1900,
    failurePercentageThreshold: xds.failurePercentageThreshold ?? 85,
    failurePercentageMinimumHosts: xds.failurePercentageMinimumHosts ?? 5,
    failurePercentageRequestVolume: xds.failurePercentageRequestVolume ?? 50,
    enforcing: {
      consecutive_5xx: xds.enforcingConsecutive5xx ?? 100,
      consecutive_gateway_failure: xds.enforcingConsecutiveGatewayFailure ?? 0,
      success_rate: xds.enforcingSuccessRate ?? 100,
      failure_percentage: xds.enforcingFailurePercentage ?? 0,
      consecutive_local_origin_failure: xds.enforcingConsecutiveLocalOriginFailure ?? 100,
      local_origin_success_rate: xds.enforcingLocalOriginSuccessRate ?? 100,
      local_origin_failure_percentage: xds.enforcingFailurePercentageLocalOrigin ?? 0,
    },
  };
}

/** How many failures in a row the detector ejects at; undefined for those that do not count so. */
export function failuresToEject(
  detector: OutlierDetectorName,
  config: OutlierConfig,
): number | undefined {
  switch (detector) {
    case 'consecutive_5xx':
      return config.consecutive5xx;
    case 'consecutive_gateway_failure':
      return config.consecutiveGatewayFailure;
    case 'consecutive_local_origin_failure':
      return config.consecutiveLocalOriginFailure;
    default:
      return undefined;
  }
}
