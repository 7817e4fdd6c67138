import type { Random } from '#kernel/random.ts';
import type { Uint64 } from '#kernel/uint64.ts';
import type { Host } from '../upstream/host.ts';
import { EdfScheduler } from './edf-scheduler.ts';
import {
  type HostSource,
  type HostSourceListener,
  HostSources,
  type HostSourcesOptions,
} from './host-source.ts';
import {
  chooseAcceptableHost,
  type HostChooser,
  type LoadBalancer,
  type LoadBalancerContext,
} from './load-balancer.ts';
import { SlowStart, type SlowStartConfig } from './slow-start.ts';

/** What tells round robin and least request apart. */
export interface TurnPolicy {
  /** Takes up new hosts of a source. */
  refresh(source: HostSource, seed: Uint64): void;
  /** A host of a source whose hosts all weigh the same; it has at least one. */
  pick(source: HostSource, random: Random): Host;
  /** A host's weight of now, before slow start. */
  weightOf(host: Host): number;
}

export interface EdfLoadBalancerOptions extends HostSourcesOptions {
  readonly slowStart: SlowStartConfig;
  readonly clock: { readonly nowNs: number };
}

/**
 * Hosts take turns: by weight (`edf-scheduler.ts`) where weights differ or a host may be in slow
 * start, else as the policy picks among equals. Schedules start anew at each update, at the place
 * that the balancer's seed gives.
 *
 * @source envoy: load_balancing_policies/common/load_balancer_impl.cc, EdfLoadBalancerBase
 */
export class EdfLoadBalancer implements LoadBalancer, HostChooser, HostSourceListener {
  declare private readonly policy: TurnPolicy;
  declare private readonly sources: HostSources;
  declare private readonly random: Random;
  declare private readonly seed: Uint64;
  declare private readonly slowStart: SlowStart;

  constructor(policy: TurnPolicy, options: EdfLoadBalancerOptions) {
    this.policy = policy;
    this.random = options.random;
    this.seed = options.random.uint64();
    this.slowStart = new SlowStart(options.slowStart, options.clock);
    this.sources = new HostSources(options, this);
    this.sources.start();
  }

  chooseHost(context: LoadBalancerContext | undefined): Host | undefined {
    return chooseAcceptableHost(this, context);
  }

  chooseOnce(context: LoadBalancerContext | undefined): Host | undefined {
    const percent = this.random.below(100);
    const sources = this.sources;
    const source =
      sources.sole !== undefined && context?.retryPriority === undefined
        ? sources.sole
        : sources.choose(context, percent);
    if (source === undefined) return undefined;
    if (source.scheduler !== undefined) return source.hosts[source.scheduler.pick()];
    return source.hosts.length === 0 ? undefined : this.policy.pick(source, this.random);
  }

  onHostsUpdate(hosts: readonly Host[]): void {
    this.slowStart.observe(hosts);
  }

  onSourceUpdate(source: HostSource): void {
    this.policy.refresh(source, this.seed);
    source.scheduler = this.#needsScheduler(source.hosts) ? this.#schedulerOf(source) : undefined;
  }

  stop(): void {
    this.sources.stop();
  }

  #needsScheduler(hosts: readonly Host[]): boolean {
    return hosts.length > 1 && (!haveEqualWeights(hosts) || this.slowStart.mayBeActive);
  }

  #schedulerOf({ hosts }: HostSource): EdfScheduler {
    const weightOf = (index: number): number => {
      const host = hosts[index]!;
      return this.slowStart.applyTo(this.policy.weightOf(host), host);
    };
    return new EdfScheduler(hosts.length, weightOf, this.seed.low);
  }
}

function haveEqualWeights(hosts: readonly Host[]): boolean {
  return hosts.every((host) => host.weight === hosts[0]!.weight);
}
