/** One metric as read from the pods of a workload. */
export interface MetricReading {
  /** Of each pod that is ready. */
  readonly values: readonly number[];
  /** What each should have. */
  readonly target: number;
}

/** How far from its target a metric may be without any change. */
const TOLERANCE = 0.1;

/**
 * How many pods a metric asks for, when `current` are wanted now: pods that are not ready yet count as idle
 * when more are asked for.
 *
 * @source kubernetes: pkg/controller/podautoscaler/replica_calculator.go, GetResourceReplicas, calcPlainMetricReplicas
 */
export function desiredReplicas({ values, target }: MetricReading, current: number): number {
  const ready = values.length;
  if (ready === 0 || target <= 0) return current;
  const sum = values.reduce((total, value) => total + value, 0);
  const ratio = sum / ready / target;
  const unready = Math.max(0, current - ready);
  if (unready === 0 || ratio <= 1)
    return isWithinTolerance(ratio) ? current : ceilOf(ratio * ready);
  const withIdle = sum / (ready + unready) / target;
  if (isWithinTolerance(withIdle) || withIdle < 1) return current;
  return Math.max(current, ceilOf(withIdle * (ready + unready)));
}

function isWithinTolerance(ratio: number): boolean {
  return Math.abs(1 - ratio) <= TOLERANCE;
}

/** A product such as 1.2 × 5 is not to ask for a seventh pod for its last bit. */
function ceilOf(value: number): number {
  return Math.ceil(value - 1e-9);
}
