import type { Random } from '#kernel/random.ts';
import type { Host } from '../upstream/host.ts';
import type { HostSet } from '../upstream/host-set.ts';
import type { PrioritySet, PriorityUpdateListener } from '../upstream/priority-set.ts';
import type { EdfScheduler } from './edf-scheduler.ts';
import type { LoadBalancerContext, LoadBalancerStats } from './load-balancer.ts';
import { LocalityWrr } from './locality-wrr.ts';
import { isHostSetInPanic } from './panic.ts';
import { choosePriority, priorityOf } from './priority-load.ts';
import { PriorityState } from './priority-state.ts';
import type { RotatingIndex } from './rotating-index.ts';
import {
  chooseZone,
  DEFAULT_ZONE_AWARE,
  NO_ZONE_ROUTING,
  type ZoneAwareConfig,
  type ZoneRouting,
  zoneRouting,
} from './zone-aware.ts';

/** A list that hosts are picked from. It keeps its place in the rotation when its hosts change. */
export class HostSource {
  hosts: readonly Host[] = [];
  /** Set when hosts take turns by weight. */
  scheduler: EdfScheduler | undefined;
  /** Set by round robin. */
  index: RotatingIndex | undefined;
}

/** Hears of new hosts: first of all of a priority, then of each source's. */
export interface HostSourceListener {
  onHostsUpdate(hosts: readonly Host[]): void;
  onSourceUpdate(source: HostSource): void;
}

/** How the localities of a priority share its requests. */
export type LocalityConfig =
  | { readonly kind: 'none' }
  | { readonly kind: 'weighted' }
  | { readonly kind: 'zone-aware'; readonly config: ZoneAwareConfig };

export interface HostSourcesOptions {
  readonly prioritySet: PrioritySet;
  /** Of the proxy's own cluster, when it is known; zone-aware routing needs it. */
  readonly localPrioritySet: PrioritySet | undefined;
  readonly panicThresholdPercent: number;
  readonly locality: LocalityConfig;
  readonly random: Random;
  readonly stats: LoadBalancerStats;
}

/** The sources of one priority; the ones by locality are known by the locality's index. */
interface PrioritySources {
  readonly all: HostSource;
  readonly healthy: HostSource;
  readonly degraded: HostSource;
  readonly localityHealthy: HostSource[];
  readonly localityDegraded: HostSource[];
  localityWrr: LocalityWrr | undefined;
}

/**
 * From a random number to the list of hosts to pick from: priority, panic, locality weights, zones.
 * Everything that can be is worked out when a host set changes; in a cluster whose first priority is
 * healthy, `sole` is the answer to every choice.
 *
 * @source envoy: load_balancing_policies/common/load_balancer_impl.cc, hostSourceToUse,
 *   hostSourceToHosts
 */
export class HostSources implements PriorityUpdateListener {
  /** The one source that every choice leads to, if there is one: no number need be looked at. */
  sole: HostSource | undefined;
  readonly state: PriorityState;
  readonly #options: HostSourcesOptions;
  readonly #listener: HostSourceListener;
  readonly #zoneConfig: ZoneAwareConfig;
  readonly #sources: PrioritySources[] = [];
  #zoneRouting: ZoneRouting = NO_ZONE_ROUTING;
  readonly #onLocalUpdate = { onPriorityUpdate: () => this.#refreshZoneRouting() };

  constructor(options: HostSourcesOptions, listener: HostSourceListener) {
    this.#options = options;
    this.#listener = listener;
    this.state = new PriorityState(options.panicThresholdPercent);
    this.#zoneConfig =
      options.locality.kind === 'zone-aware' ? options.locality.config : DEFAULT_ZONE_AWARE;
  }

  /** Takes up the hosts there are and follows their changes from now on. */
  start(): void {
    const { prioritySet, localPrioritySet } = this.#options;
    for (let priority = 0; priority < prioritySet.hostSets.length; priority++) {
      this.onPriorityUpdate(priority);
    }
    prioritySet.addListener(this);
    localPrioritySet?.addListener(this.#onLocalUpdate);
  }

  stop(): void {
    this.#options.prioritySet.removeListener(this);
    this.#options.localPrioritySet?.removeListener(this.#onLocalUpdate);
  }

  onPriorityUpdate(priority: number): void {
    const { hostSets } = this.#options.prioritySet;
    this.state.refresh(hostSets);
    while (this.#sources.length < hostSets.length) this.#sources.push(newPrioritySources());
    const sources = this.#sources[priority]!;
    const hostSet = hostSets[priority]!;
    if (this.#options.locality.kind === 'weighted') {
      sources.localityWrr = new LocalityWrr(hostSet, this.#options.random.uint64().low);
    }
    this.#listener.onHostsUpdate(hostSet.hosts);
    updateSources(sources, hostSet, this.#listener);
    if (priority === 0) this.#refreshZoneRouting();
    this.sole = this.#soleSource();
  }

  /**
   * The source for one choice; undefined when traffic fails in panic.
   *
   * @param percent the choice's random number modulo 100
   */
  choose(context: LoadBalancerContext | undefined, percent: number): HostSource | undefined {
    const { hostSets } = this.#options.prioritySet;
    const loads =
      context?.retryPriority?.determinePriorityLoad(hostSets, this.state) ?? this.state.loads;
    const choice = choosePriority(loads, percent);
    const priority = priorityOf(choice);
    const sources = this.#sources[priority]!;
    if (this.state.panic[priority] === true) {
      this.#options.stats.lbHealthyPanic++;
      return this.#zoneConfig.failTrafficOnPanic ? undefined : sources.all;
    }
    const isDegraded = choice < 0;
    if (sources.localityWrr !== undefined) {
      const locality = isDegraded
        ? sources.localityWrr.chooseDegradedLocality()
        : sources.localityWrr.chooseHealthyLocality();
      if (locality !== undefined) return localitySource(sources, isDegraded, locality);
    }
    const whole = isDegraded ? sources.degraded : sources.healthy;
    if (priority > 0 || this.#zoneRouting.kind === 'none') return whole;
    return this.#chooseByZone(this.#zoneRouting, sources, isDegraded);
  }

  #refreshZoneRouting(): void {
    const { localPrioritySet, prioritySet, locality, stats } = this.#options;
    if (localPrioritySet === undefined || locality.kind === 'weighted') return;
    this.#zoneRouting = zoneRouting(
      localPrioritySet.hostSets[0]!,
      prioritySet.hostSets[0]!,
      this.#zoneConfig,
      stats,
    );
    this.sole = this.#soleSource();
  }

  #chooseByZone(
    routing: Exclude<ZoneRouting, { kind: 'none' }>,
    sources: PrioritySources,
    isDegraded: boolean,
  ): HostSource | undefined {
    const { random, stats, localPrioritySet, panicThresholdPercent } = this.#options;
    const whole = isDegraded ? sources.degraded : sources.healthy;
    if (!isEnabled(this.#zoneConfig.routingEnabledPercent, random)) return whole;
    if (isHostSetInPanic(localPrioritySet!.hostSets[0]!, panicThresholdPercent)) {
      stats.lbLocalClusterNotOk++;
      return this.#zoneConfig.failTrafficOnPanic ? undefined : whole;
    }
    return localitySource(sources, isDegraded, chooseZone(routing, random, stats));
  }

  #soleSource(): HostSource | undefined {
    const first = this.#sources[0];
    const isSole =
      first !== undefined &&
      this.state.loads.healthy[0] === 100 &&
      this.state.panic[0] === false &&
      first.localityWrr === undefined &&
      this.#zoneRouting.kind === 'none';
    return isSole ? first.healthy : undefined;
  }
}

function newPrioritySources(): PrioritySources {
  return {
    all: new HostSource(),
    healthy: new HostSource(),
    degraded: new HostSource(),
    localityHealthy: [],
    localityDegraded: [],
    localityWrr: undefined,
  };
}

function updateSources(
  sources: PrioritySources,
  hostSet: HostSet,
  listener: HostSourceListener,
): void {
  updateSource(sources.all, hostSet.hosts, listener);
  updateSource(sources.healthy, hostSet.healthyHosts, listener);
  updateSource(sources.degraded, hostSet.degradedHosts, listener);
  hostSet.healthyHostsPerLocality.groups.forEach((hosts, locality) => {
    sources.localityHealthy[locality] ??= new HostSource();
    updateSource(sources.localityHealthy[locality], hosts, listener);
  });
  hostSet.degradedHostsPerLocality.groups.forEach((hosts, locality) => {
    sources.localityDegraded[locality] ??= new HostSource();
    updateSource(sources.localityDegraded[locality], hosts, listener);
  });
}

function updateSource(
  source: HostSource,
  hosts: readonly Host[],
  listener: HostSourceListener,
): void {
  source.hosts = hosts;
  listener.onSourceUpdate(source);
}

function localitySource(
  sources: PrioritySources,
  isDegraded: boolean,
  locality: number,
): HostSource {
  return (isDegraded ? sources.localityDegraded : sources.localityHealthy)[locality]!;
}

/** @source envoy: source/common/runtime/runtime_impl.cc, SnapshotImpl::featureEnabled */
function isEnabled(percent: number, random: Random): boolean {
  if (percent <= 0) return false;
  return percent >= 100 || random.below(100) < percent;
}
