/**
 * Outlier detection of one cluster of one proxy: takes hosts out of rotation that answer worse than
 * they should, and back again.
 *
 * A host is in rotation or ejected. Failures in a row eject it at once, success rates and failure
 * percentages at the end of an interval; the first interval's end after its ejection time takes it
 * back. Invariants: `ejections_active` is the number of ejected hosts of the cluster; a host that
 * leaves the cluster leaves that count.
 *
 * @source envoy: source/common/upstream/outlier_detection_impl.cc, DetectorImpl
 */
import type { Dispatcher, EventTarget, Timer } from '#kernel/dispatcher.ts';
import type { Random } from '#kernel/random.ts';
import type { Host } from './host.ts';
import { HealthFlag } from './host-health.ts';
import type { HostMembership, MembershipObserver } from './host-membership.ts';
import type { OutlierConfig, OutlierDetectorName } from './outlier-config.ts';
import { backoffAfterEjection, ejectionTimeMs, mayEject } from './outlier-ejection.ts';
import {
  type ConsecutiveDetector,
  HostOutlierMonitor,
  type OutlierResultListener,
} from './outlier-host-monitor.ts';
import { newOutlierStats, type OutlierStats } from './outlier-stats.ts';
import {
  hasFailurePercentage,
  type SuccessRateAccumulator,
  successRateThreshold,
} from './outlier-success-rate.ts';

/** A host was ejected or taken back; or it is taken for degraded, or no more. */
export interface OutlierEvent {
  readonly kind: 'eject' | 'uneject' | 'degrade' | 'undegrade';
  /** False for an ejection that was detected and allowed, but not carried out: the host stays. */
  readonly isEnforced: boolean;
  readonly host: Host;
  /** What ejected it; undefined for anything else. */
  readonly detector: OutlierDetectorName | undefined;
  /** Ejections of this host so far. */
  readonly ejectionCount: number;
  /** What its base ejection time is multiplied by. */
  readonly multiplier: number;
  readonly atNs: number;
}

export interface OutlierDetectorOptions {
  readonly config: OutlierConfig;
  readonly dispatcher: Dispatcher;
  /** A stream of this proxy and cluster alone. */
  readonly random: Random;
  readonly membership: HostMembership;
  /** When the cluster was configured: intervals are counted from then. */
  readonly startedNs: number;
  readonly onEvent: ((event: OutlierEvent) => void) | undefined;
}

export class OutlierDetector implements EventTarget, MembershipObserver, OutlierResultListener {
  readonly stats: OutlierStats = newOutlierStats();
  readonly #config: OutlierConfig;
  readonly #dispatcher: Dispatcher;
  readonly #random: Random;
  readonly #membership: HostMembership;
  readonly #onEvent: ((event: OutlierEvent) => void) | undefined;
  readonly #monitors = new Map<Host, HostOutlierMonitor>();
  readonly #startedNs: number;
  readonly #intervalNs: number;
  #isStopped = false;
  /** Enabled while the end of an interval may find anything to do. */
  readonly #interval: Timer;

  constructor(options: OutlierDetectorOptions) {
    this.#config = options.config;
    this.#dispatcher = options.dispatcher;
    this.#random = options.random;
    this.#membership = options.membership;
    this.#onEvent = options.onEvent;
    this.#startedNs = options.startedNs;
    this.#intervalNs = this.#config.intervalMs * 1e6;
    this.#interval = options.dispatcher.createTimer(this, 0);
    this.onMembershipChange([...this.#membership.hosts.values()], []);
    this.#membership.addObserver(this);
  }

  /** For a cluster that goes away. Its hosts keep their flags. */
  stop(): void {
    this.#isStopped = true;
    this.#interval.disable();
    this.#monitors.clear();
  }

  /**
   * Something is to be judged when the interval ends. A cluster without traffic has no intervals: its
   * sweeps would do nothing.
   */
  onResult(): void {
    if (this.#interval.isEnabled || this.#isStopped) return;
    const elapsedNs = this.#dispatcher.nowNs - this.#startedNs;
    this.#interval.enable(this.#intervalNs - (elapsedNs % this.#intervalNs));
  }

  monitorOf(host: Host): HostOutlierMonitor | undefined {
    return this.#monitors.get(host);
  }

  onMembershipChange(added: readonly Host[], removed: readonly Host[]): void {
    for (const host of added) {
      const monitor = new HostOutlierMonitor(host, this.#config, this);
      this.#monitors.set(host, monitor);
      host.outlierMonitor = monitor;
    }
    for (const host of removed) {
      this.#monitors.delete(host);
      if (host.isEjected) this.stats.ejections_active--;
    }
  }

  /** @source envoy: source/common/upstream/outlier_detection_impl.cc, onConsecutiveErrorWorker */
  onConsecutiveFailure(monitor: HostOutlierMonitor, detector: ConsecutiveDetector): void {
    const { host } = monitor;
    // A removed host is nobody's any more; of an ejected one all is said.
    if (this.#monitors.get(host) !== monitor || host.isEjected) return;
    this.stats[`ejections_detected_${detector}`]++;
    this.#eject(monitor, detector);
    if (detector === 'consecutive_5xx') this.stats.ejections_consecutive_5xx++;
    monitor.resetConsecutive(detector);
  }

  /** @source envoy: source/common/upstream/outlier_detection_impl.cc, detect_degraded_hosts */
  onDegraded(monitor: HostOutlierMonitor): void {
    const { host, degradation } = monitor;
    if (this.#monitors.get(host) !== monitor || degradation.isOn) return;
    this.stats.ejections_detected_degradation++;
    degradation.start(this.#config, this.#random, this.#dispatcher.nowNs);
    host.setFlag(HealthFlag.degradedOutlierDetection);
    this.#membership.onHealthChange();
    this.#report({ kind: 'degrade', isEnforced: true }, monitor, undefined);
  }

  /** An active health check of the host passed: the host is in order again. */
  onActiveHealthCheckSuccess(host: Host): void {
    const monitor = this.#monitors.get(host);
    const unejects =
      this.#config.successfulActiveHealthCheckUnejectHost &&
      host.isEjected &&
      !host.hasFlag(HealthFlag.failedActiveHc);
    if (monitor !== undefined && unejects) this.#uneject(monitor, this.#dispatcher.nowNs);
  }

  /** The end of an interval. */
  onEvent(_event: number, nowNs: number): void {
    for (const monitor of this.#monitors.values()) {
      this.#unejectIfDue(monitor, nowNs);
      if (monitor.degradation.isDue(this.#config, nowNs)) this.#undegrade(monitor, nowNs);
      monitor.externalOrigin.swap();
      monitor.localOrigin.swap();
    }
    this.#judge('externalOrigin', 'success_rate', 'failure_percentage');
    this.#judge('localOrigin', 'local_origin_success_rate', 'local_origin_failure_percentage');
    let isQuiet = true;
    for (const monitor of this.#monitors.values()) {
      this.#decay(monitor, nowNs);
      isQuiet &&= monitor.isQuiet;
    }
    if (!isQuiet) this.#interval.enable(this.#intervalNs);
  }

  /**
   * Ejects the hosts whose success rate stands out, then those that simply fail too often. Hosts come
   * in their order; Envoy's is that of a hash map.
   *
   * @source envoy: source/common/upstream/outlier_detection_impl.cc, processSuccessRateEjections
   */
  #judge(
    origin: 'externalOrigin' | 'localOrigin',
    byRate: OutlierDetectorName,
    byPercentage: OutlierDetectorName,
  ): void {
    const config = this.#config;
    const hostCount = this.#monitors.size;
    const isTooSmall =
      hostCount < config.successRateMinimumHosts &&
      hostCount < config.failurePercentageMinimumHosts;
    if (isTooSmall) return;
    const judged = [...this.#monitors.values()].filter(
      (monitor) => !monitor.host.isEjected && monitor[origin].volume > 0,
    );
    // Both lists stand before anybody is ejected.
    const rated = judged.filter((it) => it[origin].volume >= config.successRateRequestVolume);
    const failing = judged.filter(
      (it) => it[origin].volume >= config.failurePercentageRequestVolume,
    );
    if (rated.length > 0 && rated.length >= config.successRateMinimumHosts) {
      this.#ejectAll(belowThreshold(rated, origin, config.successRateStdevFactor / 1000), byRate);
    }
    if (failing.length > 0 && failing.length >= config.failurePercentageMinimumHosts) {
      const threshold = config.failurePercentageThreshold;
      const bad = failing.filter((it) => hasFailurePercentage(it[origin].ratePercent, threshold));
      this.#ejectAll(bad, byPercentage);
    }
  }

  #ejectAll(monitors: readonly HostOutlierMonitor[], detector: OutlierDetectorName): void {
    for (const monitor of monitors) {
      if (detector === 'success_rate' || detector === 'local_origin_success_rate') {
        this.stats.ejections_success_rate++;
      }
      this.stats[`ejections_detected_${detector}`]++;
      this.#eject(monitor, detector);
    }
  }

  /** @source envoy: source/common/upstream/outlier_detection_impl.cc, ejectHost */
  #eject(monitor: HostOutlierMonitor, detector: OutlierDetectorName): void {
    const { stats } = this;
    const cluster = { hostCount: this.#monitors.size, ejectionsActive: stats.ejections_active };
    if (!mayEject(cluster, this.#config)) {
      stats.ejections_overflow++;
      return;
    }
    if (detector === 'consecutive_5xx' || detector === 'success_rate') stats.ejections_total++;
    if (!this.#enforces(detector)) {
      this.#report({ kind: 'eject', isEnforced: false }, monitor, detector);
      return;
    }
    stats.ejections_active++;
    stats.ejections_enforced_total++;
    stats[`ejections_enforced_${detector}`]++;
    monitor.host.setFlag(HealthFlag.failedOutlierCheck);
    monitor.ejectionCount++;
    monitor.lastEjectionNs = this.#dispatcher.nowNs;
    monitor.jitterMs = this.#random.below(this.#config.maxEjectionTimeJitterMs + 1);
    monitor.ejectTimeBackoff = backoffAfterEjection(monitor.ejectTimeBackoff, this.#config);
    this.#membership.onHealthChange();
    this.#report({ kind: 'eject', isEnforced: true }, monitor, detector);
  }

  #enforces(detector: OutlierDetectorName): boolean {
    const percent = this.#config.enforcing[detector];
    if (percent <= 0) return false;
    return percent >= 100 || this.#random.below(100) < percent;
  }

  #unejectIfDue(monitor: HostOutlierMonitor, nowNs: number): void {
    if (!monitor.host.isEjected) return;
    const elapsedNs = nowNs - monitor.lastEjectionNs;
    if (ejectionTimeMs(monitor, this.#config) * 1e6 <= elapsedNs) this.#uneject(monitor, nowNs);
  }

  #uneject(monitor: HostOutlierMonitor, nowNs: number): void {
    this.stats.ejections_active--;
    monitor.host.clearFlag(HealthFlag.failedOutlierCheck);
    monitor.resetAllConsecutive();
    monitor.lastUnejectionNs = nowNs;
    this.#membership.onHealthChange();
    this.#report({ kind: 'uneject', isEnforced: true }, monitor, undefined);
  }

  #undegrade(monitor: HostOutlierMonitor, nowNs: number): void {
    monitor.degradation.end(nowNs);
    monitor.host.clearFlag(HealthFlag.degradedOutlierDetection);
    this.#membership.onHealthChange();
    this.#report({ kind: 'undegrade', isEnforced: true }, monitor, undefined);
  }

  /** A host that behaved for an interval after its return is less of a suspect. */
  #decay(monitor: HostOutlierMonitor, nowNs: number): void {
    monitor.degradation.decay(this.#intervalNs, nowNs);
    if (monitor.host.isEjected || monitor.lastUnejectionNs < 0) return;
    const isOver = nowNs - monitor.lastUnejectionNs >= this.#intervalNs;
    if (isOver && monitor.ejectTimeBackoff > 0) monitor.ejectTimeBackoff--;
  }

  #report(
    event: Pick<OutlierEvent, 'kind' | 'isEnforced'>,
    monitor: HostOutlierMonitor,
    detector: OutlierDetectorName | undefined,
  ): void {
    this.#onEvent?.({
      ...event,
      host: monitor.host,
      detector,
      ejectionCount: monitor.ejectionCount,
      multiplier:
        event.kind === 'degrade' ? monitor.degradation.multiplier : monitor.ejectTimeBackoff,
      atNs: this.#dispatcher.nowNs,
    });
  }
}

function belowThreshold(
  monitors: readonly HostOutlierMonitor[],
  origin: 'externalOrigin' | 'localOrigin',
  factor: number,
): readonly HostOutlierMonitor[] {
  const accumulators: readonly SuccessRateAccumulator[] = monitors.map((it) => it[origin]);
  const rates = accumulators.map((it) => it.ratePercent);
  const { threshold } = successRateThreshold(rates, factor);
  return monitors.filter((_, index) => rates[index]! < threshold);
}
