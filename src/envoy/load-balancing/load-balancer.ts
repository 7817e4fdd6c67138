/** How one host of a cluster is chosen for one attempt. */
import type { Uint64 } from '#kernel/uint64.ts';
import { collectNumbers } from '../upstream/cluster-stats.ts';
import type { Host } from '../upstream/host.ts';
import type { HostSet } from '../upstream/host-set.ts';
import type { MetadataMatchCriteria } from './metadata-match-criteria.ts';
import type { OverrideHost } from './override-host.ts';
import type { PriorityLoads } from './priority-load.ts';
import type { PriorityState } from './priority-state.ts';

export interface LoadBalancer {
  /** Undefined when there is no host to be had: 503 UH. */
  chooseHost(context: LoadBalancerContext | undefined): Host | undefined;
  /** For a cluster that goes away: no longer listens to its priority set. */
  stop(): void;
}

/**
 * What a request tells the balancer. The router's request object is one, so that nothing is made for
 * a choice.
 *
 * @source envoy: envoy/upstream/load_balancer.h, LoadBalancerContext
 */
export interface LoadBalancerContext {
  /** The route's hash policies over this request; undefined when they give nothing. */
  readonly hash: Uint64 | undefined;
  /** The route's `envoy.lb` metadata match, with the weighted cluster's merged over it. */
  readonly metadataMatchCriteria: MetadataMatchCriteria | undefined;
  /** How often a rejected host may be replaced: 0 but for retries. */
  readonly hostSelectionRetryCount: number;
  /** The address that the client's connection was meant for. */
  readonly originalDestination: string | undefined;
  /** The host that the request names, or the TLS session its server. */
  readonly authority: string | undefined;
  readonly overrideHost: OverrideHost | undefined;
  /** Of a retry that avoids priorities; undefined on first attempts. */
  readonly retryPriority: RetryPriority | undefined;
  /** Asked of a chosen host as long as `hostSelectionRetryCount` lasts. */
  shouldSelectAnotherHost(host: Host): boolean;
}

/** @source envoy: envoy/upstream/retry.h, RetryPriority */
export interface RetryPriority {
  /** The loads to choose a priority by instead of `state.loads`. */
  determinePriorityLoad(hostSets: readonly HostSet[], state: PriorityState): PriorityLoads;
}

/** One choice, with nobody asked whether it will do. */
export interface HostChooser {
  chooseOnce(context: LoadBalancerContext | undefined): Host | undefined;
}

/**
 * Chooses until a host is accepted, or the attempts are used up: then the last one will do. Each
 * re-selection is a whole choice and disturbs the rotation as one.
 *
 * @source envoy: load_balancing_policies/common/load_balancer_impl.cc,
 *   ZoneAwareLoadBalancerBase::chooseHost
 */
export function chooseAcceptableHost(
  chooser: HostChooser,
  context: LoadBalancerContext | undefined,
): Host | undefined {
  let host = chooser.chooseOnce(context);
  if (context === undefined) return host;
  for (let left = context.hostSelectionRetryCount; host !== undefined && left > 0; left--) {
    if (!context.shouldSelectAnotherHost(host)) return host;
    host = chooser.chooseOnce(context);
  }
  return host;
}

/** @source envoy: envoy/upstream/upstream.h, ALL_CLUSTER_LB_STATS */
export class LoadBalancerStats {
  lbHealthyPanic = 0;
  lbLocalClusterNotOk = 0;
  lbRecalculateZoneStructures = 0;
  lbSubsetsActive = 0;
  lbSubsetsCreated = 0;
  lbSubsetsFallback = 0;
  lbSubsetsFallbackPanic = 0;
  lbSubsetsRemoved = 0;
  lbSubsetsSelected = 0;
  lbZoneClusterTooSmall = 0;
  lbZoneNoCapacityLeft = 0;
  lbZoneRoutingAllDirectly = 0;
  lbZoneRoutingCrossZone = 0;
  lbZoneRoutingSampled = 0;
  /** Gauges of the hash table made last; undefined without one. */
  ringHashLb: RingHashStats | undefined = undefined;
  maglevLb: MaglevStats | undefined = undefined;

  /** Adds every value that is not zero under `prefix` (`cluster.NAME.`). */
  collect(prefix: string, into: Map<string, number>): void {
    collectNumbers(this, prefix, into);
    if (this.ringHashLb) collectNumbers(this.ringHashLb, `${prefix}ring_hash_lb.`, into);
    if (this.maglevLb) collectNumbers(this.maglevLb, `${prefix}maglev_lb.`, into);
  }
}

/** @source envoy: load_balancing_policies/ring_hash/ring_hash_lb.h, ALL_RING_HASH_LOAD_BALANCER_STATS */
export interface RingHashStats {
  readonly size: number;
  readonly minHashesPerHost: number;
  readonly maxHashesPerHost: number;
}

/** @source envoy: load_balancing_policies/maglev/maglev_lb.h, ALL_MAGLEV_LOAD_BALANCER_STATS */
export interface MaglevStats {
  readonly minEntriesPerHost: number;
  readonly maxEntriesPerHost: number;
}
