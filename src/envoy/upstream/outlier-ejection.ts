import type { OutlierConfig } from './outlier-config.ts';

/**
 * Whether one more host of a cluster may be ejected. All hosts of all priorities count, healthy or
 * not; there is no host that may always be ejected unless configuration says so.
 *
 * @source envoy: source/common/upstream/outlier_detection_impl.cc, ejectHost
 */
export function mayEject(
  cluster: { readonly hostCount: number; readonly ejectionsActive: number },
  config: Pick<OutlierConfig, 'maxEjectionPercent' | 'alwaysEjectOneHost'>,
): boolean {
  if (config.alwaysEjectOneHost && cluster.ejectionsActive === 0) return true;
  const percent = (100 * (cluster.ejectionsActive + 1)) / cluster.hostCount;
  return percent <= Math.min(100, config.maxEjectionPercent);
}

/**
 * How long a host stays ejected at least: the base time times its multiplier, capped, and the jitter
 * that its ejection drew.
 *
 * @source envoy: source/common/upstream/outlier_detection_impl.cc, checkHostForUneject
 */
export function ejectionTimeMs(
  host: { readonly ejectTimeBackoff: number; readonly jitterMs: number },
  config: Pick<OutlierConfig, 'baseEjectionTimeMs' | 'maxEjectionTimeMs'>,
): number {
  const backedOffMs = config.baseEjectionTimeMs * host.ejectTimeBackoff;
  return Math.min(backedOffMs, config.maxEjectionTimeMs) + host.jitterMs;
}

/** The multiplier after one more ejection. It stops growing once the maximum time is passed. */
export function backoffAfterEjection(
  ejectTimeBackoff: number,
  { baseEjectionTimeMs, maxEjectionTimeMs }: OutlierConfig,
): number {
  const mayGrow = ejectTimeBackoff * baseEjectionTimeMs < maxEjectionTimeMs + baseEjectionTimeMs;
  return mayGrow ? ejectTimeBackoff + 1 : ejectTimeBackoff;
}
