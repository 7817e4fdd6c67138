/**
 * The active health check of one host: a check, its answer or timeout, a pause, the next check.
 *
 * A new host starts failed. The first answer ever decides at once; later on it takes
 * `healthyThreshold` good answers in a row to be healthy and `unhealthyThreshold` network failures in
 * a row to be failed, while a refusal fails the host at once.
 *
 * @source envoy: source/extensions/health_checkers/common/health_checker_base_impl.cc,
 *   ActiveHealthCheckSession
 */
import type { Dispatcher, EventTarget, Timer } from '#kernel/dispatcher.ts';
import type { Random } from '#kernel/random.ts';
import {
  type HealthCheckConfig,
  type HealthTransition,
  nextIntervalMs,
  type ProbeResult,
  withJitterMs,
} from './health-check-config.ts';
import type { Host } from './host.ts';
import { HealthFlag } from './host-health.ts';

/** Hears of the answer to one check. */
export interface ProbeListener {
  /** `isExcluded`: the failing answer asks to leave the host out of all that counts hosts. */
  onProbeResult(result: ProbeResult, isExcluded?: boolean): void;
}

/** Asks a host how it is, over whatever wire there is. */
export interface HealthProber {
  /** Tells `listener` once, later; never after `cancel`. */
  probe(host: Host, config: HealthCheckConfig, listener: ProbeListener): Probe;
  /** The host is not checked any more: whatever is kept for it goes. */
  forget(host: Host): void;
}

export interface Probe {
  cancel(): void;
}

/** The counters below `cluster.NAME.health_check.`; the last two are gauges. */
export class HealthCheckStats {
  attempt = 0;
  success = 0;
  failure = 0;
  networkFailure = 0;
  passiveFailure = 0;
  healthy = 0;
  degraded = 0;
}

/** What the sessions of one cluster share. */
export interface HealthCheckSessionOwner {
  readonly config: HealthCheckConfig;
  readonly dispatcher: Dispatcher;
  readonly random: Random;
  readonly prober: HealthProber;
  readonly stats: HealthCheckStats;
  /** Whether the cluster ever had a connection. */
  readonly hasHadTraffic: boolean;
  onHostChecked(host: Host, transition: HealthTransition, isHealthy: boolean): void;
}

type FailedProbeResult = Exclude<ProbeResult, 'healthy' | 'degraded'>;

const INTERVAL = 0;
const TIMEOUT = 1;

export class HealthCheckSession implements EventTarget, ProbeListener {
  readonly #owner: HealthCheckSessionOwner;
  readonly #host: Host;
  readonly #interval: Timer;
  readonly #timeout: Timer;
  #probe: Probe | undefined;
  #isFirstCheck = true;
  #isStopped = false;
  #healthyCount = 0;
  #unhealthyCount = 0;

  constructor(owner: HealthCheckSessionOwner, host: Host) {
    this.#owner = owner;
    this.#host = host;
    this.#interval = owner.dispatcher.createTimer(this, INTERVAL);
    this.#timeout = owner.dispatcher.createTimer(this, TIMEOUT);
    if (!host.hasFlag(HealthFlag.failedActiveHc)) owner.stats.healthy++;
    if (host.hasFlag(HealthFlag.degradedActiveHc)) owner.stats.degraded++;
  }

  /** The first check is made at once, or within the initial jitter. */
  start(): void {
    const { config, random } = this.#owner;
    if (config.initialJitterMs === 0) this.#check();
    else this.#interval.enable(withJitterMs(0, config, config.initialJitterMs, random) * 1e6);
  }

  /** The host left the cluster. */
  stop(): void {
    this.#isStopped = true;
    this.#interval.disable();
    this.#timeout.disable();
    this.#probe?.cancel();
    const { stats, prober } = this.#owner;
    prober.forget(this.#host);
    if (!this.#host.hasFlag(HealthFlag.failedActiveHc)) stats.healthy--;
    if (this.#host.hasFlag(HealthFlag.degradedActiveHc)) stats.degraded--;
  }

  onEvent(event: number): void {
    if (event === INTERVAL) {
      this.#check();
      return;
    }
    this.#probe?.cancel();
    this.#onFailure('network-failure', true);
  }

  onProbeResult(result: ProbeResult, isExcluded = false): void {
    if (isExcluded) this.#host.setFlag(HealthFlag.excludedViaImmediateHcFail);
    if (result === 'healthy' || result === 'degraded') this.#onSuccess(result === 'degraded');
    else this.#onFailure(result, false);
  }

  get awaitsFirstCheck(): boolean {
    return this.#isFirstCheck;
  }

  /**
   * An answer to a request, not to a check, says that the host wants no more of them. The next check
   * comes when it would have come.
   *
   * @source envoy: source/extensions/health_checkers/common/health_checker_base_impl.cc, setUnhealthyCrossThread
   */
  failAtOnce(): void {
    this.#host.setFlag(HealthFlag.excludedViaImmediateHcFail);
    const transition = this.#setUnhealthy('refused', false);
    this.#owner.stats.passiveFailure++;
    this.#isFirstCheck = false;
    this.#owner.onHostChecked(this.#host, transition, false);
  }

  #check(): void {
    const { prober, config, stats } = this.#owner;
    stats.attempt++;
    this.#timeout.enable(config.timeoutMs * 1e6);
    this.#probe = prober.probe(this.#host, config, this);
  }

  #onSuccess(isDegraded: boolean): void {
    this.#unhealthyCount = 0;
    let transition = this.#host.hasFlag(HealthFlag.failedActiveHc) ? this.#recover() : 'unchanged';
    transition = this.#clearPending(transition);
    if (this.#setDegraded(isDegraded) && transition === 'unchanged') transition = 'changed';
    this.#owner.stats.success++;
    this.#finish(true, transition);
  }

  /** A good answer of a failed host. */
  #recover(): HealthTransition {
    const { config, stats, dispatcher } = this.#owner;
    const isRecovered = this.#isFirstCheck || ++this.#healthyCount === config.healthyThreshold;
    if (isRecovered) {
      this.#host.clearFlag(HealthFlag.activeHcTimeout);
      this.#host.clearFlag(HealthFlag.excludedViaImmediateHcFail);
      this.#host.clearFlag(HealthFlag.failedActiveHc);
      stats.healthy++;
    }
    this.#host.lastHcPassTimeNs = dispatcher.nowNs;
    return isRecovered ? 'changed' : 'change-pending';
  }

  #setDegraded(isDegraded: boolean): boolean {
    if (isDegraded === this.#host.hasFlag(HealthFlag.degradedActiveHc)) return false;
    if (isDegraded) this.#host.setFlag(HealthFlag.degradedActiveHc);
    else this.#host.clearFlag(HealthFlag.degradedActiveHc);
    this.#owner.stats.degraded += isDegraded ? 1 : -1;
    return true;
  }

  #onFailure(result: FailedProbeResult, isTimeout: boolean): void {
    const transition = this.#setUnhealthy(result, isTimeout);
    if (result === 'network-failure') this.#owner.stats.networkFailure++;
    this.#finish(false, transition);
  }

  #setUnhealthy(result: FailedProbeResult, isTimeout: boolean): HealthTransition {
    this.#healthyCount = 0;
    const isFailedAlready = this.#host.hasFlag(HealthFlag.failedActiveHc);
    let transition: HealthTransition = isFailedAlready ? 'unchanged' : this.#countFailure(result);
    if (isTimeout && this.#host.hasFlag(HealthFlag.failedActiveHc)) {
      this.#host.setFlag(HealthFlag.activeHcTimeout);
    } else {
      this.#host.clearFlag(HealthFlag.activeHcTimeout);
    }
    transition = this.#clearPending(transition);
    this.#owner.stats.failure++;
    return transition;
  }

  /** A bad answer of a host that was healthy. */
  #countFailure(result: ProbeResult): HealthTransition {
    const { config, stats } = this.#owner;
    const isFailed = result === 'refused' || ++this.#unhealthyCount === config.unhealthyThreshold;
    if (!isFailed) return 'change-pending';
    this.#host.setFlag(HealthFlag.failedActiveHc);
    stats.healthy--;
    return 'changed';
  }

  /** A host that waited for its first check counts from now on: its host set changes. */
  #clearPending(transition: HealthTransition): HealthTransition {
    if (!this.#host.hasFlag(HealthFlag.pendingActiveHc)) return transition;
    this.#host.clearFlag(HealthFlag.pendingActiveHc);
    return 'changed';
  }

  #finish(isHealthy: boolean, transition: HealthTransition): void {
    const { config, hasHadTraffic, random } = this.#owner;
    this.#isFirstCheck = false;
    this.#probe = undefined;
    this.#timeout.disable();
    this.#owner.onHostChecked(this.#host, transition, isHealthy);
    if (this.#isStopped) return; // The failed host was only kept for its good health.
    const pauseMs = nextIntervalMs(config, { isHealthy, transition }, hasHadTraffic);
    this.#interval.enable(withJitterMs(pauseMs, config, config.intervalJitterMs, random) * 1e6);
  }
}
