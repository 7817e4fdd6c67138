import type { Random } from '#kernel/random.ts';
import type { HealthCheck } from '#xds/cluster.ts';
import { durationMs } from '#xds/duration.ts';

/** An active health check, compiled. Times are whole milliseconds, as Envoy decides in them. */
export interface HealthCheckConfig {
  readonly timeoutMs: number;
  readonly intervalMs: number;
  readonly initialJitterMs: number;
  readonly intervalJitterMs: number;
  readonly intervalJitterPercent: number;
  readonly unhealthyThreshold: number;
  readonly healthyThreshold: number;
  readonly noTrafficIntervalMs: number;
  readonly noTrafficHealthyIntervalMs: number;
  readonly unhealthyIntervalMs: number;
  readonly unhealthyEdgeIntervalMs: number;
  readonly healthyEdgeIntervalMs: number;
  /** What is asked of a host; the prober reads it. */
  readonly xds: HealthCheck;
}

/** @source envoy: source/extensions/health_checkers/common/health_checker_base_impl.cc */
export function compileHealthCheck(xds: HealthCheck): HealthCheckConfig {
  const intervalMs = durationMs(xds.interval) ?? 0;
  const noTrafficIntervalMs = durationMs(xds.noTrafficInterval) ?? 60_000;
  const unhealthyIntervalMs = durationMs(xds.unhealthyInterval) ?? intervalMs;
  return {
    timeoutMs: durationMs(xds.timeout) ?? 0,
    intervalMs,
    initialJitterMs: durationMs(xds.initialJitter) ?? 0,
    intervalJitterMs: durationMs(xds.intervalJitter) ?? 0,
    intervalJitterPercent: xds.intervalJitterPercent ?? 0,
    unhealthyThreshold: xds.unhealthyThreshold ?? 0,
    healthyThreshold: xds.healthyThreshold ?? 0,
    noTrafficIntervalMs,
    noTrafficHealthyIntervalMs: durationMs(xds.noTrafficHealthyInterval) ?? noTrafficIntervalMs,
    unhealthyIntervalMs,
    unhealthyEdgeIntervalMs: durationMs(xds.unhealthyEdgeInterval) ?? unhealthyIntervalMs,
    healthyEdgeIntervalMs: durationMs(xds.healthyEdgeInterval) ?? intervalMs,
    xds,
  };
}

/**
 * A pause with its jitter: a share of itself, then up to a fixed time; never less than a millisecond.
 *
 * @source envoy: source/extensions/health_checkers/common/health_checker_base_impl.cc, intervalWithJitter
 */
export function withJitterMs(
  baseMs: number,
  { intervalJitterPercent }: Pick<HealthCheckConfig, 'intervalJitterPercent'>,
  jitterMs: number,
  random: Random,
): number {
  const shareMs = Math.floor((intervalJitterPercent * baseMs) / 100);
  let pauseMs = baseMs;
  if (shareMs > 0) pauseMs += random.below(shareMs);
  if (jitterMs > 0) pauseMs += random.below(jitterMs);
  return Math.max(1, pauseMs);
}

/** What one check found out. Only `refused` answers fail a host at once, whatever the threshold. */
export type ProbeResult =
  | 'healthy'
  | 'degraded'
  | 'refused'
  | 'retriable-failure'
  | 'network-failure';

/**
 * What an HTTP check's status means: healthy when expected (200 unless configuration says others), to
 * be counted towards the threshold when retriable, else a refusal.
 *
 * @source envoy: source/extensions/health_checkers/http/health_checker_impl.cc, healthCheckResult
 */
export function httpProbeResult(
  status: number,
  isDegraded: boolean,
  xds: HealthCheck,
): ProbeResult {
  const { expectedStatuses, retriableStatuses } = xds.httpHealthCheck ?? {};
  const isExpected =
    expectedStatuses === undefined || expectedStatuses.length === 0
      ? status === 200
      : expectedStatuses.some((range) => contains(range, status));
  if (isExpected) return isDegraded ? 'degraded' : 'healthy';
  const isRetriable = (retriableStatuses ?? []).some((range) => contains(range, status));
  return isRetriable ? 'retriable-failure' : 'refused';
}

function contains(
  { start, end }: { readonly start?: string | number; readonly end?: string | number },
  status: number,
): boolean {
  return status >= Number(start ?? 0) && status < Number(end ?? 0);
}

/** Whether a check changed the host's health: at once, or once the threshold is reached. */
export type HealthTransition = 'unchanged' | 'changed' | 'change-pending';

/**
 * The time to the next check, without jitter. A cluster that never had traffic is checked rarely.
 *
 * @source envoy: source/extensions/health_checkers/common/health_checker_base_impl.cc, interval
 */
export function nextIntervalMs(
  config: HealthCheckConfig,
  last: { readonly isHealthy: boolean; readonly transition: HealthTransition },
  hasHadTraffic: boolean,
): number {
  const isPending = last.transition === 'change-pending';
  if (!hasHadTraffic) {
    const isSettled = last.isHealthy && !isPending;
    return isSettled ? config.noTrafficHealthyIntervalMs : config.noTrafficIntervalMs;
  }
  if (last.isHealthy) return isPending ? config.healthyEdgeIntervalMs : config.intervalMs;
  return isPending ? config.unhealthyEdgeIntervalMs : config.unhealthyIntervalMs;
}
