import type { Random } from '#kernel/random.ts';
import type { OutlierConfig } from './outlier-config.ts';
import { backoffAfterEjection, ejectionTimeMs } from './outlier-ejection.ts';

/**
 * How long a host that said of itself that it is degraded is taken for so: by the rules of an ejection,
 * with a multiplier, a jitter and a decay of its own. No limit holds and no chance decides, since a
 * degraded host stays in rotation, behind the healthy ones.
 *
 * Seen of Envoy 1.40: `max_ejection_percent` does not count it; a host that is degraded and ejected
 * comes back from each by itself; while it is degraded no further answer starts the time anew.
 *
 * @source envoy: source/common/upstream/outlier_detection_impl.cc, detect_degraded_hosts
 */
export class HostDegradation {
  #backoff = 0;
  #jitterMs = 0;
  #sinceNs = 0;
  /** −1 before the first. */
  #lastReturnNs = -1;
  isOn = false;

  get multiplier(): number {
    return this.#backoff;
  }

  start(config: OutlierConfig, random: Random, nowNs: number): void {
    this.isOn = true;
    this.#sinceNs = nowNs;
    this.#jitterMs = random.below(config.maxEjectionTimeJitterMs + 1);
    this.#backoff = backoffAfterEjection(this.#backoff, config);
  }

  isDue(config: OutlierConfig, nowNs: number): boolean {
    const state = { ejectTimeBackoff: this.#backoff, jitterMs: this.#jitterMs };
    return this.isOn && ejectionTimeMs(state, config) * 1e6 <= nowNs - this.#sinceNs;
  }

  end(nowNs: number): void {
    this.isOn = false;
    this.#lastReturnNs = nowNs;
  }

  /** A host that did not degrade for an interval after its return is less of a suspect. */
  decay(intervalNs: number, nowNs: number): void {
    if (this.isOn || this.#lastReturnNs < 0) return;
    if (nowNs - this.#lastReturnNs >= intervalNs && this.#backoff > 0) this.#backoff--;
  }

  /** The end of an interval would change nothing. */
  get isQuiet(): boolean {
    return !this.isOn && this.#backoff === 0;
  }
}
