import { OUTLIER_DETECTORS, type OutlierDetectorName } from './outlier-config.ts';

/** The counters below `cluster.NAME.outlier_detection.`, under Envoy's names; one is a gauge. */
export type OutlierCounter =
  | 'ejections_active'
  | 'ejections_enforced_total'
  | 'ejections_overflow'
  | 'ejections_detected_degradation'
  | `ejections_detected_${OutlierDetectorName}`
  | `ejections_enforced_${OutlierDetectorName}`
  // Deprecated, and still counted.
  | 'ejections_total'
  | 'ejections_consecutive_5xx'
  | 'ejections_success_rate';

export type OutlierStats = Record<OutlierCounter, number>;

/**
 * All counters at zero.
 *
 * @source envoy: envoy/upstream/outlier_detection.h; source/common/upstream/outlier_detection_impl.h,
 *   ALL_OUTLIER_DETECTION_STATS
 */
export function newOutlierStats(): OutlierStats {
  const names: OutlierCounter[] = [
    'ejections_active',
    'ejections_enforced_total',
    'ejections_overflow',
    'ejections_detected_degradation',
    'ejections_total',
    'ejections_consecutive_5xx',
    'ejections_success_rate',
    ...OUTLIER_DETECTORS.map((it) => `ejections_detected_${it}` as const),
    ...OUTLIER_DETECTORS.map((it) => `ejections_enforced_${it}` as const),
  ];
  return Object.fromEntries(names.map((name) => [name, 0])) as OutlierStats;
}
