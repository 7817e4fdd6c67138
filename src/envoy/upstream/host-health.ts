import type { HealthStatus } from '#xds/endpoint.ts';

/**
 * Bits of a host's health flags.
 *
 * @source envoy: envoy/upstream/upstream.h, HEALTH_FLAG_ENUM_VALUES
 */
export const HealthFlag = {
  failedActiveHc: 1 << 0,
  failedOutlierCheck: 1 << 1,
  failedEdsHealth: 1 << 2,
  degradedActiveHc: 1 << 3,
  degradedEdsHealth: 1 << 4,
  /** Gone from configuration, still passing active health checks. */
  pendingDynamicRemoval: 1 << 5,
  /** Waits for its first active health check. */
  pendingActiveHc: 1 << 6,
  excludedViaImmediateHcFail: 1 << 7,
  activeHcTimeout: 1 << 8,
  edsStatusDraining: 1 << 9,
  degradedOutlierDetection: 1 << 10,
} as const;

/** In the order of their bits. */
const FLAG_NAMES = [
  'failed_active_hc',
  'failed_outlier_check',
  'failed_eds_health',
  'degraded_active_hc',
  'degraded_eds_health',
  'pending_dynamic_removal',
  'pending_active_hc',
  'excluded_via_immediate_hc_fail',
  'active_hc_timeout',
  'eds_status_draining',
  'degraded_outlier_detection',
];

/**
 * The flags as `/clusters` prints them; the first slash is left out.
 *
 * @source envoy: source/common/upstream/host_utility.cc, HostUtility::healthFlagsToString
 */
export function healthFlagsText(flags: number): string {
  const names = FLAG_NAMES.filter((_, bit) => (flags & (1 << bit)) !== 0);
  return names.length === 0 ? 'healthy' : names.join('/');
}

export type CoarseHealth = 'unhealthy' | 'degraded' | 'healthy';

const UNHEALTHY =
  HealthFlag.failedActiveHc |
  HealthFlag.failedOutlierCheck |
  HealthFlag.failedEdsHealth |
  HealthFlag.edsStatusDraining;
const DEGRADED =
  HealthFlag.degradedActiveHc | HealthFlag.degradedEdsHealth | HealthFlag.degradedOutlierDetection;
const EXCLUDED =
  HealthFlag.pendingActiveHc | HealthFlag.excludedViaImmediateHcFail | HealthFlag.edsStatusDraining;
const FROM_EDS =
  HealthFlag.failedEdsHealth | HealthFlag.degradedEdsHealth | HealthFlag.edsStatusDraining;

/** @source envoy: source/common/upstream/upstream_impl.h, HostImplBase::coarseHealth */
export function coarseHealth(flags: number): CoarseHealth {
  if ((flags & UNHEALTHY) !== 0) return 'unhealthy';
  return (flags & DEGRADED) !== 0 ? 'degraded' : 'healthy';
}

/**
 * Whether a host counts among the hosts but not in ratios of availability.
 *
 * @source envoy: source/common/upstream/upstream_impl.cc, excludeBasedOnHealthFlag
 */
export function isExcluded(flags: number): boolean {
  return (flags & EXCLUDED) !== 0;
}

/**
 * The flags after configuration said `status` of the host.
 *
 * @source envoy: source/common/upstream/upstream_impl.cc, HostImplBase::setEdsHealthFlag
 */
export function withEdsHealth(flags: number, status: HealthStatus): number {
  const others = flags & ~FROM_EDS;
  switch (status) {
    case 'UNHEALTHY':
    case 'TIMEOUT':
      return others | HealthFlag.failedEdsHealth;
    case 'DRAINING':
      return others | HealthFlag.edsStatusDraining;
    case 'DEGRADED':
      return others | HealthFlag.degradedEdsHealth;
    case 'UNKNOWN':
    case 'HEALTHY':
      return others;
  }
}

/**
 * A host's health in configuration's terms, as `override_host_status` asks for it.
 *
 * @source envoy: source/common/upstream/upstream_impl.h, HostImplBase::healthStatus
 */
export function healthStatus(flags: number, edsStatus: HealthStatus): HealthStatus {
  if ((flags & (HealthFlag.failedActiveHc | HealthFlag.failedOutlierCheck)) !== 0) {
    return 'UNHEALTHY';
  }
  const isEdsUnhealthy =
    edsStatus === 'UNHEALTHY' || edsStatus === 'DRAINING' || edsStatus === 'TIMEOUT';
  if (isEdsUnhealthy) return edsStatus;
  const degraded = HealthFlag.degradedActiveHc | HealthFlag.degradedOutlierDetection;
  return (flags & degraded) !== 0 ? 'DEGRADED' : edsStatus;
}
