import type { Dispatcher } from '#kernel/dispatcher.ts';
import type { Random } from '#kernel/random.ts';
import type { HealthCheckConfig, HealthTransition } from './health-check-config.ts';
import {
  HealthCheckSession,
  type HealthCheckSessionOwner,
  HealthCheckStats,
  type HealthProber,
} from './health-check-session.ts';
import type { ActiveHealth, Host } from './host.ts';
import { HealthFlag } from './host-health.ts';
import type { HostMembership, MembershipObserver } from './host-membership.ts';

/** Hears of checks, after balancers heard of what they changed. */
export interface HealthCheckObserver {
  /** A check passed: outlier detection may take the host back. */
  onHealthCheckSuccess(host: Host): void;
  /** Each of the first hosts was checked once. */
  onFirstRoundOver?(): void;
  /** A host that was healthy is not: its connections drain. */
  onHostHealthFailure(host: Host): void;
}

export interface HealthCheckerOptions {
  readonly config: HealthCheckConfig;
  readonly dispatcher: Dispatcher;
  /** A stream of this proxy and cluster alone. */
  readonly random: Random;
  readonly membership: HostMembership;
  readonly prober: HealthProber;
  readonly cluster: { readonly upstreamCxTotal: number };
  readonly observer: HealthCheckObserver | undefined;
}

/**
 * Active health checks of one cluster of one proxy: one session for each of its hosts. The cluster's
 * membership must know that its hosts are checked (`hasActiveHealthChecks`).
 *
 * @source envoy: source/extensions/health_checkers/common/health_checker_base_impl.cc,
 *   HealthCheckerImplBase; source/common/upstream/upstream_impl.cc, ClusterImplBase::setHealthChecker
 */
export class HealthChecker implements MembershipObserver, HealthCheckSessionOwner, ActiveHealth {
  readonly stats = new HealthCheckStats();
  isFirstRoundOver = false;
  readonly #options: HealthCheckerOptions;
  readonly #sessions = new Map<Host, HealthCheckSession>();

  /** Starts at once. */
  constructor(options: HealthCheckerOptions) {
    this.#options = options;
    this.onMembershipChange([...options.membership.hosts.values()], []);
    options.membership.addObserver(this);
  }

  get config(): HealthCheckConfig {
    return this.#options.config;
  }

  get dispatcher(): Dispatcher {
    return this.#options.dispatcher;
  }

  get random(): Random {
    return this.#options.random;
  }

  get prober(): HealthProber {
    return this.#options.prober;
  }

  get hasHadTraffic(): boolean {
    return this.#options.cluster.upstreamCxTotal > 0;
  }

  onMembershipChange(added: readonly Host[], removed: readonly Host[]): void {
    for (const host of added) {
      if (host.description.healthCheck?.disableActiveHealthCheck === true) continue;
      host.activeHealth = this;
      const session = new HealthCheckSession(this, host);
      this.#sessions.set(host, session);
      session.start();
    }
    for (const host of removed) {
      host.activeHealth = undefined;
      this.#sessions.get(host)?.stop();
      this.#sessions.delete(host);
    }
    this.#checkFirstRound();
  }

  onImmediateFailure(host: Host): void {
    this.#sessions.get(host)?.failAtOnce();
  }

  onHostChecked(host: Host, transition: HealthTransition, isHealthy: boolean): void {
    const { membership, observer } = this.#options;
    if (transition === 'changed') membership.onHealthChange();
    if (isHealthy) observer?.onHealthCheckSuccess(host);
    const hasFailed = transition === 'changed' && host.hasFlag(HealthFlag.failedActiveHc);
    if (hasFailed) observer?.onHostHealthFailure(host);
    this.#checkFirstRound();
  }

  /** The cluster is ready for use when each of its first hosts was checked once. */
  #checkFirstRound(): void {
    if (this.isFirstRoundOver) return;
    for (const session of this.#sessions.values()) if (session.awaitsFirstCheck) return;
    this.isFirstRoundOver = true;
    this.#options.membership.onFirstChecksOver();
    this.#options.observer?.onFirstRoundOver?.();
  }

  /** For a cluster that goes away. */
  stop(): void {
    for (const session of this.#sessions.values()) session.stop();
    this.#sessions.clear();
  }
}
