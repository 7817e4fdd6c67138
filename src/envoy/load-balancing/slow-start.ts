import { pow } from '#kernel/math.ts';
import type { Host } from '../upstream/host.ts';

/** `slow_start_config`. */
export interface SlowStartConfig {
  /** 0 = off. */
  readonly windowMs: number;
  readonly aggression: number;
  readonly minWeightPercent: number;
}

export const NO_SLOW_START: SlowStartConfig = { windowMs: 0, aggression: 1, minWeightPercent: 10 };

/**
 * What a host's weight is multiplied by, `elapsedMs` (whole milliseconds) after it became healthy.
 *
 * @source envoy: load_balancing_policies/common/load_balancer_impl.cc, applySlowStartFactor,
 *   applyAggressionFactor
 */
export function slowStartFactor(elapsedMs: number, config: SlowStartConfig): number {
  if (elapsedMs >= config.windowMs) return 1;
  const timeFactor = Math.max(1, elapsedMs) / config.windowMs;
  const aggression = config.aggression > 0 ? config.aggression : 1; // NaN counts as 1 too.
  const factor =
    aggression === 1 || timeFactor === 1 ? timeFactor : pow(timeFactor, 1 / aggression);
  return Math.max(factor, config.minWeightPercent / 100);
}

/**
 * Which hosts of a balancer may be in slow start: all healthy ones as long as the window since the
 * latest of them became healthy is not over.
 *
 * @source envoy: load_balancing_policies/common/load_balancer_impl.cc, EdfLoadBalancerBase
 */
export class SlowStart {
  readonly #config: SlowStartConfig;
  readonly #clock: { readonly nowNs: number };
  #latestHostAddedNs: number;

  constructor(config: SlowStartConfig, clock: { readonly nowNs: number }) {
    this.#config = config;
    this.#clock = clock;
    this.#latestHostAddedNs = clock.nowNs;
  }

  get mayBeActive(): boolean {
    const { windowMs } = this.#config;
    return windowMs > 0 && this.#elapsedMs(this.#latestHostAddedNs) <= windowMs;
  }

  /** Takes note of hosts that were added or became healthy. */
  observe(hosts: readonly Host[]): void {
    if (this.#config.windowMs <= 0) return;
    for (const host of hosts) {
      if (host.health !== 'healthy') continue;
      // Nobody checks this host actively: its window starts when it is first seen.
      if (host.lastHcPassTimeNs < 0) host.lastHcPassTimeNs = this.#clock.nowNs;
      const isYoung = this.#elapsedMs(host.lastHcPassTimeNs) <= this.#config.windowMs;
      if (isYoung && host.lastHcPassTimeNs > this.#latestHostAddedNs) {
        this.#latestHostAddedNs = host.lastHcPassTimeNs;
      }
    }
  }

  /** `weight` as slow start lets it count at this moment. */
  applyTo(weight: number, host: Host): number {
    if (!this.mayBeActive || host.lastHcPassTimeNs < 0 || host.health !== 'healthy') return weight;
    return weight * slowStartFactor(this.#elapsedMs(host.lastHcPassTimeNs), this.#config);
  }

  #elapsedMs(sinceNs: number): number {
    return Math.floor((this.#clock.nowNs - sinceNs) / 1e6);
  }
}
